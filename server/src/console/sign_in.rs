//! Signing in and out, and choosing the language.

use askama::Template;
use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::Deserialize;
use storewalk_domain::text::Language;
use storewalk_wire::ErrorCode;

use super::{
    desk::{Desk, LANGUAGE_COOKIE, Visitor, render, see},
    fault::{ProblemText, Trouble, trouble_page},
    frame::Frame,
};
use crate::{
    auth::{ClientAddress, console},
    error::ApiError,
    state::AppState,
};

/// The page.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) f: Frame,
    pub(crate) back: String,
    pub(crate) login: String,
    pub(crate) problem: Option<ProblemText>,
}

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    back: String,
}

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SignInForm {
    login: String,
    password: String,
    back: String,
}

/// What the language switch sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LanguageForm {
    language: String,
    back: String,
}

/// What signing out sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SignOutForm {
    form_token: String,
}

/// `GET /console/sign-in`
pub(super) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    back: Result<Query<Back>, QueryRejection>,
) -> Response {
    let back = back.map(|Query(back)| back.back).unwrap_or_default();
    let mut f = visitor.frame(state.now());
    f.words.t("sign_in.title").clone_into(&mut f.title);
    let page = SignInPage { f, back: page_after(&back).to_owned(), login: String::new(), problem: None };
    render(&page).unwrap_or_else(|trouble| trouble_page(visitor.frame(state.now()), &trouble, &visitor.request_id))
}

/// `POST /console/sign-in`
pub(super) async fn sign_in(
    State(state): State<AppState>,
    visitor: Visitor,
    ClientAddress(address): ClientAddress,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    match console::sign_in(&state, address, &form.login, &form.password).await {
        Ok((cookie, _)) => (CookieJar::new().add(cookie), see(page_after(&form.back))).into_response(),
        Err(error) => refused(&state, &visitor, &form, &error),
    }
}

fn refused(state: &AppState, visitor: &Visitor, form: &SignInForm, error: &ApiError) -> Response {
    let mut f = visitor.frame(state.now());
    let words = f.words;
    let trouble = Trouble::from(error.clone());
    let text = |code, what: &str, next: String| ProblemText { code, what: words.t(what).to_owned(), next };
    let (status, problem) = match (&trouble, error.code) {
        (_, ErrorCode::SignInFailed) => (
            StatusCode::UNAUTHORIZED,
            text("sign_in_failed", "sign_in.wrong", words.t("sign_in.wrong_next").to_owned()),
        ),
        (Trouble::NotPermitted, _) => {
            let next = words.t("sign_in.not_for_you_next").to_owned();
            (StatusCode::FORBIDDEN, text("not_permitted", "sign_in.not_for_you", next))
        }
        (Trouble::Busy(seconds), _) => {
            let next = words.fill("sign_in.too_often_next", &[("seconds", &seconds.to_string())]);
            (StatusCode::TOO_MANY_REQUESTS, text("too_many_requests", "sign_in.too_often", next))
        }
        _ => return trouble_page(f, &trouble, &visitor.request_id),
    };
    words.t("sign_in.title").clone_into(&mut f.title);
    "/console/sign-in".clone_into(&mut f.here);
    let login = form.login.chars().take(100).collect();
    let page = SignInPage { f, back: page_after(&form.back).to_owned(), login, problem: Some(problem) };
    match render(&page) {
        Ok(html) => (status, html).into_response(),
        Err(trouble) => trouble_page(visitor.frame(state.now()), &trouble, &visitor.request_id),
    }
}

/// `POST /console/sign-out`
pub(super) async fn sign_out(
    desk: Desk,
    headers: HeaderMap,
    form: Result<Form<SignOutForm>, FormRejection>,
) -> Response {
    let token = form.map(|Form(form)| form.form_token).unwrap_or_default();
    let ended = match desk.check_form(&token) {
        Ok(()) => console::sign_out(&desk.state, &headers).await.map_err(Trouble::from),
        Err(trouble) => Err(trouble),
    };
    match ended {
        Ok(cookie) => (CookieJar::new().add(cookie), see("/console/sign-in")).into_response(),
        Err(trouble) => desk.answer(Err::<SignInPage, _>(trouble)),
    }
}

/// `POST /console/language`
pub(super) async fn choose_language(form: Result<Form<LanguageForm>, FormRejection>) -> Response {
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let answer = see(own_address(&form.back));
    let Some(language) = Language::from_tag(&form.language) else { return answer };
    let cookie =
        Cookie::build((LANGUAGE_COOKIE, language.tag())).path("/").same_site(SameSite::Lax).http_only(true).permanent();
    (CookieJar::new().add(cookie), answer).into_response()
}

/// An address of the console, whatever was sent: nobody is led to another site.
fn own_address(back: &str) -> &str {
    let is_own = back.starts_with("/console/") || back == "/console" || back.starts_with("/console?");
    let is_plain = back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own && is_plain { back } else { "/console/" }
}

/// Where to go after signing in: not to the sign-in page again.
fn page_after(back: &str) -> &str {
    let back = own_address(back);
    if back.starts_with("/console/sign-") { "/console/" } else { back }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(own_address("/console/photos?state=all"), "/console/photos?state=all");
        for foreign in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/console/\\..", "", "/sync", "javascript:1"]
        {
            assert_eq!(own_address(foreign), "/console/", "{foreign}");
        }
        assert_eq!(page_after("/console/sign-in?back=x"), "/console/");
    }
}
