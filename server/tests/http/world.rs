//! A server with the small field in it, called without a socket.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use storewalk_domain::{
    outlet::Role,
    time::{Clock, Timestamp},
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    app,
    clock::RandomIds,
};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::fixture;

pub(crate) const PASSWORD: &str = "correct horse";

/// A clock that moves when told.
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst) - fixture::now().0
    }

    fn boot_id(&self) -> String {
        "boot".into()
    }
}

/// The server and what it stands on.
pub(crate) struct World {
    pub(crate) state: AppState,
    pub(crate) clock: Arc<SetClock>,
    router: Router,
    folder: Arc<TempDir>,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], u64::from(self.status.as_u16()), "{body}");
        assert!(!body["title"].as_str().unwrap_or_default().is_empty(), "{body}");
        assert!(!body["request_id"].as_str().unwrap_or_default().is_empty(), "{body}");
        body["code"].as_str().expect("a code").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::tuned(|_| ()).await
    }

    /// A field whose server has parts of its own.
    pub(crate) async fn tuned(tune: impl FnOnce(&mut AppState)) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let clock = Arc::new(SetClock(AtomicI64::new(fixture::now().0)));
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_owned();
        config.auth.argon2_memory_kib = 8;
        config.auth.argon2_passes = 1;
        let mut state = AppState::open_with(config, clock.clone(), Arc::new(RandomIds)).expect("a server");
        tune(&mut state);
        load_rows(&state, fixture::rows()).await.expect("rows");
        let router = app(state.clone());
        let world = Self { state, clock, router, folder: Arc::new(folder) };
        for number in 1..=2 {
            let rep = NewAccount {
                user_id: fixture::rep(number),
                territories: vec![fixture::territory(number)],
                ..account(&format!("rep{number}"), Role::Rep)
            };
            let buyer = NewAccount {
                user_id: fixture::buyer(number),
                dealers: vec![fixture::dealer(number)],
                ..account(&format!("dealer{number}"), Role::Dealer)
            };
            world.add(rep).await;
            world.add(buyer).await;
        }
        let supervisor = NewAccount {
            user_id: fixture::supervisor(),
            region_code: Some(fixture::REGION.into()),
            ..account("boss", Role::Supervisor)
        };
        world.add(supervisor).await;
        world
    }

    /// The same field, served by other parts.
    pub(crate) fn served_by(&self, state: AppState) -> Self {
        let router = app(state.clone());
        Self { state, clock: Arc::clone(&self.clock), router, folder: Arc::clone(&self.folder) }
    }

    pub(crate) async fn add(&self, account: NewAccount) {
        create_account(&self.state, account).await.expect("an account");
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        assert_eq!(parts.headers["storewalk-protocol"], "1");
        assert!(parts.headers.contains_key("x-request-id"));
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// A request whose answer may never end.
    pub(crate) async fn open(&self, request: axum::http::request::Builder) -> axum::response::Response {
        let request = request.body(Body::empty()).expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    /// A JSON request, signed in or not.
    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Reply {
        self.send(json_request(Method::POST, path, token, body)).await
    }

    /// A request without a body.
    pub(crate) async fn call(&self, method: Method, path: &str, token: Option<&str>) -> Reply {
        self.send(bearing(method, path, token).body(Body::empty()).expect("a request")).await
    }
}

pub(crate) fn account(login: &str, role: Role) -> NewAccount {
    NewAccount {
        user_id: fixture::supervisor(),
        login: login.into(),
        password: PASSWORD.into(),
        code: login.to_uppercase(),
        name: login.into(),
        role,
        territories: Vec::new(),
        dealers: Vec::new(),
        region_code: None,
    }
}

pub(crate) fn bearing(method: Method, path: &str, token: Option<&str>) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(header::ACCEPT_LANGUAGE, "en");
    match token {
        Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    }
}

pub(crate) fn json_request(method: Method, path: &str, token: Option<&str>, body: &Value) -> Request<Body> {
    let request = bearing(method, path, token).header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body.to_string())).expect("a request")
}
