//! The phones' door: parse, ask the service, answer.

use axum::Router;

use crate::state::AppState;

/// The routes for phones.
pub fn router() -> Router<AppState> {
    Router::new()
}
