//! All routes on one page, and the layers around them.

use std::{future::Future, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use storewalk_wire::{ErrorCode, PROTOCOL};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::{
    api, console,
    error::{ApiError, RequestId, StartError, dress},
    life, linger, listener,
    service::{arrived, upkeep},
    state::AppState,
};

/// How often it is noted how far the database has come.
const NOTE_EVERY: Duration = Duration::from_mins(1);

/// How often the server tidies up.
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// The whole server as a service; tests call it without a socket.
pub fn app(state: AppState) -> Router {
    dressed(Router::new().merge(api::router()).merge(console::router()), state)
}

/// The layers around every route: a name, a body for every refusal, no panic that leaves.
fn dressed(routes: Router<AppState>, state: AppState) -> Router {
    routes
        .fallback(|| async { ApiError::new(ErrorCode::NotFound) })
        .method_not_allowed_fallback(|| async { ApiError::new(ErrorCode::MethodNotAllowed) })
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(middleware::from_fn(dress))
        .layer(middleware::from_fn_with_state(state.clone(), name_request))
        .with_state(state)
}

/// Names every request in the log and in its answer.
async fn name_request(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.new_id().simple().to_string();
    let method = request.method().clone();
    // The path's first part only: the rest may hold ids.
    let area = request.uri().path().split('/').nth(1).unwrap_or_default().chars().take(24).collect::<String>();
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = state.clock.monotonic_ms();
    let span = tracing::info_span!("request", request_id = %id, %method, area = %area);
    let mut response = next.run(request).instrument(span.clone()).await;
    let duration_ms = state.clock.monotonic_ms().saturating_sub(began);
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), duration_ms, "answered"));
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("storewalk-protocol"), HeaderValue::from(PROTOCOL));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A panic is a fault of ours: logged without its text, which may hold a person's data.
fn answer_panic(_panic: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    ApiError::new(ErrorCode::Internal).into_response()
}

/// Listens where the settings say and serves until `stop` resolves.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(state: AppState, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), StartError> {
    let address = state.config.server.listen;
    let listen = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    serve_on(listener, state, stop).await.map_err(listen)
}

/// Serves on a bound socket until `stop` resolves; open requests get the configured time to finish.
///
/// # Errors
/// When the socket fails.
pub async fn serve_on(
    listener: TcpListener,
    state: AppState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let patience = Duration::from_secs(state.config.server.shutdown_seconds);
    let header_wait = Duration::from_secs(state.config.server.header_seconds);
    tracing::info!(address = %listener.local_addr()?, "serving");
    let sweeping = tokio::spawn(sweep(state.clone()));
    let looking = tokio::spawn(arrived::keep_looking(state.clone()));
    let noting = tokio::spawn(note_progress(state.clone()));
    let pokes = std::sync::Arc::clone(&state.pokes);
    let stop = async move {
        stop.await;
        // Streams that never end by themselves would keep the server from stopping.
        pokes.close();
    };
    let app = app(state.clone()).layer(middleware::from_fn(linger::read_on));
    listener::serve(listener, app, header_wait, stop, patience).await;
    state.arrived.close();
    noting.abort();
    note(&state).await;
    sweeping.abort();
    // A look under way writes to the database; whoever stops the server may want to move that.
    drop(tokio::time::timeout(patience, looking).await);
    Ok(())
}

/// Keeps the note of how far the database has come near the truth.
async fn note_progress(state: AppState) {
    let mut by_the_minute = tokio::time::interval(NOTE_EVERY);
    loop {
        by_the_minute.tick().await;
        note(&state).await;
    }
}

async fn note(state: &AppState) {
    let state = state.clone();
    let noted = tokio::task::spawn_blocking(move || life::write(state.store.as_ref(), &state.config.storage.data_dir));
    if let Ok(Err(error)) = noted.await {
        tracing::warn!(error = %error, "how far the database has come could not be noted");
    }
}

/// Forgets what is no longer needed, now and every hour.
async fn sweep(state: AppState) {
    let mut hourly = tokio::time::interval(SWEEP_EVERY);
    loop {
        hourly.tick().await;
        if let Err(error) = upkeep::run(&state).await {
            tracing::warn!(error = %error, "the upkeep was cut short");
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode, routing::get};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::config::Config;

    async fn panicking() -> &'static str {
        panic!("on purpose, with a secret")
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_its_words_stay_inside() {
        let folder = tempfile::tempdir().expect("folder");
        let mut config = Config::default();
        config.storage.data_dir = folder.path().to_owned();
        let state = AppState::open(config).expect("a server");
        let router = dressed(Router::new().route("/boom", get(panicking)), state);
        let request = Request::builder().uri("/boom").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().contains_key("x-request-id"));
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("text");
        assert!(text.contains("\"internal\"") && !text.contains("secret"), "{text}");
    }
}
