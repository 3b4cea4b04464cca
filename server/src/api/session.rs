//! `POST /session`, `/session/refresh`, `/session/sign-out`.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use storewalk_wire::{CopyRequest, RefreshRequest, SignInRequest};

use super::body::{answer_json, read_json};
use crate::{
    auth::{self, ClientAddress, DeviceAuth},
    error::ApiError,
    state::AppState,
};

/// Largest body of these requests.
const LIMIT: usize = 16 * 1024;

/// Signs in and enrols the device.
pub(super) async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let request: SignInRequest = read_json(&headers, body, LIMIT).await?;
    let grant = auth::sign_in(&state, address, request).await?;
    answer_json(&headers, grant).await
}

/// Exchanges the refresh token.
pub(super) async fn refresh(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let request: RefreshRequest = read_json(&headers, body, LIMIT).await?;
    let grant = auth::refresh(&state, request).await?;
    answer_json(&headers, grant).await
}

/// Gives a copied installation an identity of its own.
pub(super) async fn enrol_copy(
    State(state): State<AppState>,
    sender: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let request: CopyRequest = read_json(&headers, body, LIMIT).await?;
    let grant = auth::enrol_copy(&state, sender, request).await?;
    answer_json(&headers, grant).await
}

/// Ends the session.
pub(super) async fn sign_out(State(state): State<AppState>, auth: DeviceAuth) -> Result<StatusCode, ApiError> {
    auth::sign_out(&state, auth.session_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
