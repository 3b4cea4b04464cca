//! How a refused request becomes an RFC 9457 body, and what can stop the server from starting.
//!
//! A handler returns an [`ApiError`]; it travels in the response's extensions to the outermost layer
//! ([`dress`]), which knows the request's id and the reader's language and writes the body. Refusals of the framework
//! itself (no such route, wrong method, panic) get their body there too.

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use storewalk_domain::{
    problem::Problem,
    text::{Language, Localized},
};
use storewalk_wire::{ErrorCode, ProblemBody, ProtocolWindow};

use crate::store::StoreError;

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("use the folder {path}: {source}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another server serves the data folder.
    #[error("another server uses the folder {path}: stop that one first, or give this one a folder of its own")]
    InUse {
        /// Which folder.
        path: PathBuf,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The settings ask for something impossible.
    #[error("use the settings: {0}")]
    Settings(String),
}

/// A request that was refused, or failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("have the request done: {}{}", .code.as_str(), told(.at, .detail))]
pub struct ApiError {
    /// What kind.
    pub code: ErrorCode,
    /// The figures of this case; in English, for developers and logs. Never a person's data.
    pub detail: String,
    /// Where in the request.
    pub at: String,
    /// What the rules object to.
    pub problems: Vec<Problem>,
    /// What is served, if the phone's protocol is not.
    pub protocols: Option<ProtocolWindow>,
    /// Headers that belong to the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

fn told(at: &str, detail: &str) -> String {
    let parts = [at, detail].into_iter().filter(|text| !text.is_empty());
    parts.fold(String::new(), |told, part| told + ", " + part)
}

impl ApiError {
    /// A refusal of a kind.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            detail: String::new(),
            at: String::new(),
            problems: Vec::new(),
            protocols: None,
            headers: Vec::new(),
        }
    }

    /// The same, with the figures of the case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same, at a place in the request.
    #[must_use]
    pub fn at(mut self, at: impl Into<String>) -> Self {
        self.at = at.into();
        self
    }

    /// The same, with what the rules object to.
    #[must_use]
    pub fn problem(mut self, problem: Problem) -> Self {
        self.problems.push(problem);
        self
    }

    /// A phone whose protocol is not served in full.
    pub fn outside(window: ProtocolWindow, code: ErrorCode) -> Self {
        let detail = format!("this server serves protocols {} to {}", window.min, window.max);
        Self { protocols: Some(window), ..Self::new(code).at("protocol").detail(detail) }
    }

    /// The same, with a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Too many requests; how long to wait.
    pub fn wait(seconds: u64) -> Self {
        Self::new(ErrorCode::TooManyRequests).header(header::RETRY_AFTER, seconds)
    }

    /// The refusal as it is sent, in a language.
    pub(crate) fn body(&self, language: Language, request_id: &str) -> ProblemBody {
        let words = words_of(self.code);
        ProblemBody {
            kind: self.code.urn(),
            title: words.title.get(language).to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code: self.code,
            at: self.at.clone(),
            next_step: words.next.get(language).to_owned(),
            request_id: request_id.to_owned(),
            problems: self.problems.clone(),
            protocols: self.protocols,
        }
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::wait(1),
            StoreError::Full(_) => {
                tracing::error!(error = %error, "no room left to write");
                Self::new(ErrorCode::StorageFull)
            }
            _ => {
                tracing::error!(error = %error, "the store failed");
                Self::new(ErrorCode::Internal)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The id of a request, as the log and the answer name it.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The outermost layer: writes the body of every refusal that has none yet.
pub async fn dress(request: Request, next: Next) -> Response {
    let language = language_of(request.headers());
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None => match plain_refusal(&response) {
            Some(code) => ApiError::new(code),
            None => return response,
        },
    };
    write_body(response, &error, language, &request_id)
}

/// The code of a refusal that the framework gave without a body of ours.
fn plain_refusal(response: &Response) -> Option<ErrorCode> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|media_type| !media_type.starts_with("text/plain")) {
        return None;
    }
    Some(match status.as_u16() {
        401 => ErrorCode::TokenInvalid,
        403 => ErrorCode::NotPermitted,
        404 => ErrorCode::NotFound,
        405 => ErrorCode::MethodNotAllowed,
        408 => ErrorCode::BodyTooSlow,
        413 => ErrorCode::BodyTooLarge,
        415 => ErrorCode::ContentType,
        429 => ErrorCode::TooManyRequests,
        400..=499 => ErrorCode::RequestMalformed,
        _ => ErrorCode::Internal,
    })
}

fn write_body(refused: Response, error: &ApiError, language: Language, request_id: &str) -> Response {
    let body = serde_json::to_vec(&error.body(language, request_id)).unwrap_or_default();
    let (mut parts, _) = refused.into_parts();
    parts.status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    for (name, value) in &error.headers {
        parts.headers.insert(name, value.clone());
    }
    Response::from_parts(parts, Body::from(body))
}

/// The language a request asks for: the one of ours that it ranks first.
pub fn language_of(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (0.0, Language::default());
    for part in asked.split(',') {
        let (tag, parameter) = part.split_once(';').unwrap_or((part, ""));
        let rank = parameter.trim().strip_prefix("q=").map_or(1.0, |rank| rank.trim().parse().unwrap_or(0.0));
        if let Some(language) = Language::from_tag(tag.trim())
            && rank > best.0
        {
            best = (rank, language);
        }
    }
    best.1
}

/// What a code says in words.
#[derive(Debug, Deserialize)]
struct Words {
    title: Localized,
    next: Localized,
}

static WORDS: LazyLock<BTreeMap<String, Words>> =
    LazyLock::new(|| serde_json::from_str(include_str!("error/words.json")).expect("a test reads the shipped words"));

fn words_of(code: ErrorCode) -> &'static Words {
    &WORDS[match code {
        ErrorCode::Unknown => ErrorCode::Internal.as_str(),
        known => known.as_str(),
    }]
}

/// What a code says happened, and what to do next.
pub(crate) fn said(code: ErrorCode, language: Language) -> (&'static str, &'static str) {
    let words = words_of(code);
    (words.title.get(language), words.next.get(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(text: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(text).expect("ascii"));
        language_of(&headers)
    }

    #[test]
    fn every_code_has_its_words_in_both_languages() {
        for code in ErrorCode::ALL {
            for language in Language::ALL {
                let body = ApiError::new(*code).body(language, "r");
                assert!(!body.title.is_empty() && !body.next_step.is_empty(), "{code:?}");
            }
        }
        assert_eq!(WORDS.len(), ErrorCode::ALL.len());
    }

    #[test]
    fn the_language_ranked_first_is_served() {
        assert_eq!(asking("en"), Language::En);
        assert_eq!(asking("zh-CN,zh;q=0.9,en;q=0.8"), Language::ZhHans);
        assert_eq!(asking("fr, en;q=0.5, zh;q=0.4"), Language::En);
        assert_eq!(asking("xx;q=pear, ;;,"), Language::default());
        assert_eq!(language_of(&HeaderMap::new()), Language::default());
    }
}
