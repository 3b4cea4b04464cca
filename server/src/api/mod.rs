//! The phones' door: parse, ask the service, answer.
//!
//! **Invariants.** Bodies are bounded before and after decompression. Whatever is wrong with a request is answered
//! with a problem body that says what and where; nothing of it is half applied.

mod body;
mod courier;
mod heal;
mod health;
mod intake;
mod photo;
mod poke;
mod receive;
mod segment;
mod session;
mod standing;
mod sync;
mod tus;
mod upload;

use axum::{
    Router,
    middleware::map_response,
    routing::{get, head, post},
};

pub(crate) use intake::{Intake, SILENCE};

use crate::state::AppState;

/// The routes for phones.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/health", get(health::health))
        .route("/session", post(session::sign_in))
        .route("/session/refresh", post(session::refresh))
        .route("/session/copy", post(session::enrol_copy))
        .route("/session/sign-out", post(session::sign_out))
        .route("/sync", post(sync::sync))
        .route("/sync/standing", post(standing::standing))
        .route("/courier", post(courier::hand_in))
        .route("/sync/heal", post(heal::heal))
        .route("/segments/{bucket}/{hash}", get(segment::show))
        .route("/poke", get(poke::listen))
        .route("/photos/{photo_id}/{variant}", get(photo::show))
        .route("/photos/{photo_id}/{variant}/link", post(photo::link))
        .route("/verdicts/{verdict_id}/reference", get(photo::reference))
        .merge(uploads())
}

fn uploads() -> Router<AppState> {
    let one = head(upload::head)
        .patch(upload::append)
        .delete(upload::cancel)
        .post(upload::overridden)
        .options(upload::options);
    Router::new()
        .route("/uploads", post(upload::create).options(upload::options))
        .route("/uploads/{photo_id}/{variant}", one)
        .layer(map_response(tus::name_version))
}
