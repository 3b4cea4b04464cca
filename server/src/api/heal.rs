//! `POST /sync/heal`: the ranges of a bucket that differ.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use storewalk_wire::{ErrorCode, HealRequest, MAX_BATCH_BYTES};

use super::body::{RawJson, answer_json};
use crate::{auth::DeviceAuth, error::ApiError, service, state::AppState};

/// Compares, and sends what differs.
pub(super) async fn heal(
    State(state): State<AppState>,
    sender: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let _place = state.line.enter(&state)?;
    let raw = RawJson::take(&headers, body, MAX_BATCH_BYTES).await?;
    let slot = state.sync_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
    let request: HealRequest = raw.read().await?;
    let (user_id, bucket) = (sender.account.user_id, request.bucket.clone());
    let healed = state.store.read(move |snapshot| service::heal::heal(snapshot, user_id, &request)).await?;
    if !healed.response.ranges.is_empty() {
        tracing::warn!(ranges = healed.response.ranges.len(), "a phone's rows differed and were sent again");
    }
    if healed.is_doubtful {
        tracing::error!(class = class_of(&bucket), "the sums of a bucket do not fit its rows; computing them anew");
        state.store.write(move |txn| txn.resum(&bucket)).await.map_err(ApiError::from)?;
    }
    let answer = answer_json(&headers, healed.response).await;
    drop(slot);
    answer
}

/// The class of a bucket: its name may be a person's.
fn class_of(bucket: &storewalk_domain::sync::Bucket) -> String {
    bucket.to_string().split(':').next().unwrap_or_default().to_owned()
}
