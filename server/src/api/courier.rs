//! `POST /courier`: parcels that one phone carries for another.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use storewalk_wire::{ErrorCode, MAX_PARCEL_BYTES};

use super::body::{answer_json, media_type, take_bytes};
use crate::{auth::DeviceAuth, error::ApiError, service::courier, state::AppState};

/// Takes a parcel in.
pub(super) async fn hand_in(
    State(state): State<AppState>,
    carrier: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    if media_type(&headers) != Some("application/octet-stream") {
        return Err(ApiError::new(ErrorCode::ContentType).at("content-type").detail("send application/octet-stream"));
    }
    let file = take_bytes(&headers, body, MAX_PARCEL_BYTES).await.map_err(|error| match error.code {
        ErrorCode::BodyTooLarge => ApiError { code: ErrorCode::ParcelTooLarge, ..error },
        _ => error,
    })?;
    // A parcel in the making is as large as a batch of commands: the same bound holds for both together.
    let slot = state.sync_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
    let receipt = courier::take(&state, carrier.account.user_id, file).await?;
    drop(slot);
    answer_json(&headers, receipt).await
}
