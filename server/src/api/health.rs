//! `GET /health`: whether the server can serve.

use axum::{Json, extract::State};
use serde::Serialize;
use storewalk_wire::{CAPABILITIES, PROTOCOL, ProtocolWindow};

use crate::{error::ApiError, state::AppState};

/// What the server says about itself to anybody.
#[derive(Debug, Serialize)]
pub(super) struct Health {
    status: &'static str,
    protocol: u32,
    protocols: ProtocolWindow,
    capabilities: &'static [&'static str],
    version: &'static str,
}

/// Answers when the database can be read.
pub(super) async fn health(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    state.store.read(|snapshot| snapshot.epoch()).await.map_err(ApiError::from)?;
    let version = env!("CARGO_PKG_VERSION");
    let protocols = state.protocols;
    Ok(Json(Health { status: "ok", protocol: PROTOCOL, protocols, capabilities: CAPABILITIES, version }))
}
