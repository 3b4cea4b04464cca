//! `POST /sync/standing`: whether a phone without news has missed any.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use storewalk_wire::{DeviceHealth, StandingRequest, StandingResponse, SyncRequest};

use super::body::{answer_json, read_json};
use crate::{auth::DeviceAuth, error::ApiError, service::standing, state::AppState};

/// Largest question in bytes; one has about 60.
const MAX_BYTES: usize = 4 * 1024;

/// Says whether everything is as the name says.
pub(super) async fn standing(
    State(state): State<AppState>,
    sender: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let request: StandingRequest = read_json(&headers, body, MAX_BYTES).await?;
    let now = state.now();
    let (user_id, device_id) = (sender.account.user_id, sender.device.id);
    // A phone that asks like this has nothing else to tell: it is noted that it was here, with what it told before.
    let health = sender.device.health.clone().unwrap_or_default();
    let health = DeviceHealth { device_at: request.device_at, ..health };
    let nothing = SyncRequest {
        protocol: health.protocol,
        capabilities: Vec::new(),
        commands: Vec::new(),
        cursors: Vec::new(),
        health,
    };
    super::sync::push(&state, sender, nothing, now).await?;
    let basis = standing::Basis::of(&state);
    let is_now = state.store.read(move |snapshot| standing::standing(snapshot, user_id, device_id, &basis)).await?;
    answer_json(&headers, StandingResponse { server_at: now, is_same: is_now == request.standing }).await
}
