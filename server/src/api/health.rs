//! `GET /health`: whether the server can serve.

use axum::{Json, extract::State};
use serde::Serialize;
use storewalk_wire::{CAPABILITIES, PROTOCOL};

use crate::{error::ApiError, state::AppState};

/// What the server says about itself to anybody.
#[derive(Debug, Serialize)]
pub(super) struct Health {
    status: &'static str,
    protocol: u32,
    capabilities: &'static [&'static str],
    version: &'static str,
}

/// Answers when the database can be read.
pub(super) async fn health(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    state.store.read(|snapshot| snapshot.epoch()).await.map_err(ApiError::from)?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(Json(Health { status: "ok", protocol: PROTOCOL, capabilities: CAPABILITIES, version }))
}
