//! Who asks at the console, in which language, and how the answer goes out.
//!
//! **Invariants.** A page is made from one snapshot. A form is obeyed only when the browser says that it comes from
//! this site and it carries the session's token. Every refusal is a page with a code and a next step.

use askama::Template;
use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::CookieJar;
use futures::stream;
use storewalk_domain::{
    ids::UserId,
    outlet::Role,
    text::Language,
    time::{Timestamp, Zone},
};

use super::{
    fault::{Trouble, trouble_page},
    frame::{Frame, Part, Viewer},
    lookup::Names,
    photos::encoded,
    words::Words,
};
use crate::{
    api::{Intake, SILENCE},
    auth::console::{self, ConsoleSession},
    error::{ApiError, RequestId, language_of},
    state::AppState,
    store::StoreRead,
};

/// The cookie that remembers the language.
pub(super) const LANGUAGE_COOKIE: &str = "storewalk_language";

/// The zone the console shows times in. Dates that belong to an outlet are in the outlet's own zone.
pub(super) const ZONE: Zone = Zone::SHANGHAI;

/// A visitor who need not be signed in.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// The language to answer in.
    pub(crate) language: Language,
    /// The address asked for, for coming back to it.
    pub(crate) here: String,
    /// Names the request in the log.
    pub(crate) request_id: String,
}

impl Visitor {
    fn of(parts: &Parts) -> Self {
        let jar = CookieJar::from_headers(&parts.headers);
        let chosen = jar.get(LANGUAGE_COOKIE).and_then(|cookie| Language::from_tag(cookie.value()));
        let here = match parts.method {
            Method::GET => parts.uri.path_and_query().map_or("/console/", |place| place.as_str()),
            // The answer to a form has no address of its own to come back to.
            _ => "/console/",
        };
        Self {
            language: chosen.unwrap_or_else(|| language_of(&parts.headers)),
            here: here.to_owned(),
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    /// The frame of a page for somebody who is not signed in.
    pub(crate) fn frame(&self, now: Timestamp) -> Frame {
        Frame {
            words: Words::of(self.language),
            title: String::new(),
            part: Part::None,
            viewer: None,
            form_token: String::new(),
            here: self.here.clone(),
            waiting: 0,
            notice: None,
            zone: ZONE,
            now,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

/// A supervisor or administrator at the console.
#[derive(Clone)]
pub(crate) struct Desk {
    /// The server's parts.
    pub(crate) state: AppState,
    /// Who, and what their forms carry.
    pub(crate) session: ConsoleSession,
    /// Language and request.
    pub(crate) visitor: Visitor,
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let visitor = Visitor::of(parts);
        match console::current(state, &parts.headers).await {
            Ok(Some(session)) => Ok(Self { state: state.clone(), session, visitor }),
            Ok(None) => Err(Redirect::to(&sign_in_address(&visitor.here)).into_response()),
            Err(error) => Err(trouble_page(visitor.frame(state.now()), &error.into(), &visitor.request_id)),
        }
    }
}

fn sign_in_address(back: &str) -> String {
    match back {
        "/console/" => "/console/sign-in".to_owned(),
        back => format!("/console/sign-in?back={}", encoded(back)),
    }
}

impl Desk {
    /// Who is at the console.
    pub(crate) fn user(&self) -> UserId {
        self.session.account.user_id
    }

    /// The region the person watches; `None` is every region. A supervisor without one watches nothing.
    pub(crate) fn region(&self) -> Option<String> {
        let account = &self.session.account;
        match account.role {
            Role::Admin => account.region_code.clone(),
            Role::Supervisor | Role::Rep | Role::Dealer => Some(account.region_code.clone().unwrap_or_default()),
        }
    }

    /// The frame of a page.
    fn frame(&self, waiting: u32) -> Frame {
        let account = &self.session.account;
        Frame {
            viewer: Some(Viewer { name: account.name.clone(), role: account.role }),
            form_token: self.session.form_token.clone(),
            waiting: usize::try_from(waiting).unwrap_or(usize::MAX),
            ..self.visitor.frame(self.state.now())
        }
    }

    /// Makes something from one snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn StoreRead, &mut Names<'_>, Frame) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let desk = self.clone();
        self.state
            .store
            .read(move |snapshot| {
                let waiting = snapshot.waiting_count(desk.region().as_deref())?;
                let mut names = Names::new(snapshot, desk.visitor.language, desk.user())?;
                work(snapshot, &mut names, desk.frame(waiting))
            })
            .await
    }

    /// Looks something up that is no page, from one snapshot.
    pub(crate) async fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn StoreRead) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.state.store.read(work).await
    }

    /// Sends a page, or the page that says why there is none.
    pub(crate) fn answer<T: Template>(&self, page: Result<T, Trouble>) -> Response {
        match page.and_then(|page| render(&page)) {
            Ok(html) => html,
            Err(trouble) => trouble_page(self.frame(0), &trouble, &self.visitor.request_id),
        }
    }

    /// Obeys a form only when it came from a page of this session.
    pub(crate) fn check_form(&self, token: &str) -> Result<(), Trouble> {
        if self.session.is_own_form(token) { Ok(()) } else { Err(Trouble::StaleForm) }
    }
}

/// A page as an answer.
pub(crate) fn render(page: &impl Template) -> Result<Response, Trouble> {
    Ok(Html(page.render().map_err(|_| Trouble::Failed)?).into_response())
}

/// Lets a form through only when the browser says that it comes from this site (a second lock beside the session's
/// `SameSite` cookie and the form's token).
pub(super) async fn own_site_only(request: Request, next: Next) -> Response {
    if request.method() != Method::POST || is_own_site(request.headers(), request.uri().authority()) {
        return next.run(request).await;
    }
    let (parts, _) = request.into_parts();
    let visitor = Visitor::of(&parts);
    trouble_page(visitor.frame(Timestamp::default()), &Trouble::StaleForm, &visitor.request_id)
}

/// Ends a body that falls silent or trickles, as if its line had broken: no form takes that long.
pub(super) async fn bodies_move(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let frames = stream::try_unfold(Intake::of(body, SILENCE), |mut body| async move {
        Ok::<_, ApiError>(body.next().await?.map(|bytes| (bytes, body)))
    });
    next.run(Request::from_parts(parts, Body::from_stream(frames))).await
}

fn is_own_site(headers: &HeaderMap, authority: Option<&axum::http::uri::Authority>) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(header::HOST).or_else(|| authority.map(axum::http::uri::Authority::as_str));
    match text(header::ORIGIN) {
        Some(origin) => origin.split_once("://").map(|(_, place)| place) == host && host.is_some(),
        None => text(header::HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
    }
}

/// Headers of everything the console sends.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
                          frame-ancestors 'none'";
    let mut response: Response<Body> = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    response
}

/// Where to go after a form: the browser asks for it with GET, so that a reload sends nothing again.
pub(crate) fn see(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_own_site(&headers.collect(), None)
    }

    #[test]
    fn a_form_from_another_site_is_told_apart() {
        assert!(own(&[("host", "shop.example:8080"), ("origin", "http://shop.example:8080")]));
        assert!(own(&[("host", "shop.example"), ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[("host", "shop.example"), ("origin", "https://evil.example")]));
        assert!(!own(&[("host", "shop.example"), ("origin", "null")]));
        assert!(!own(&[("host", "shop.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("host", "shop.example")]));
        assert!(!own(&[("origin", "http://shop.example")]));
    }
}
