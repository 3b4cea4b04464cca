//! `POST /sync`: commands first, then changes from one snapshot taken after them.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use storewalk_domain::time::Timestamp;
use storewalk_wire::{
    CommandResult, DeviceHealth, Envelope, ErrorCode, MAX_BATCH_BYTES, MAX_BATCH_COMMANDS, PROTOCOL, SyncRequest,
    SyncResponse,
};

use super::body::{RawJson, answer_json};
use crate::{
    auth::{DeviceAuth, short},
    error::ApiError,
    service::{
        pull::{Can, PullRequest},
        reconcile::{Batch, reconcile},
        segments,
        standing::pull_and_name,
    },
    state::AppState,
};

/// A phone without news is noted at most this often.
const SEEN_EVERY_MS: i64 = 60_000;

/// Pushes and pulls.
pub(super) async fn sync(
    State(state): State<AppState>,
    sender: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let _place = state.line.enter(&state)?;
    let raw = RawJson::take(&headers, body, MAX_BATCH_BYTES).await?;
    // Held until the answer is packed: bounds what all syncs together keep in memory. Taken only now, so that slow
    // lines cannot keep the others waiting.
    let mut slot = state.sync_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
    let mut request: SyncRequest = raw.read().await?;
    check(&request)?;
    shorten(&mut request.health);
    let now = state.now();
    let question = PullRequest {
        user_id: sender.account.user_id,
        device_id: sender.device.id,
        cursors: std::mem::take(&mut request.cursors),
        can: Can::of(&request.capabilities),
        sizes: state.segments.sizes,
        may_wait: true,
    };
    let device = sender.device.id;
    let wants_receipt = request.capabilities.iter().any(|name| name == "receipts");
    let (results, commands) = push(&state, sender, request, now).await?;
    let receipt = wants_receipt.then(|| state.receipts.for_batch(device, now, &commands, &results)).flatten();
    let (first, policies) = (question.clone(), state.config.policies.clone());
    let (mut pulled, mut standing) =
        state.store.read(move |snapshot| pull_and_name(snapshot, &first, &policies)).await?;
    if !pulled.missing.is_empty() {
        // Others need not wait for these files.
        drop(slot);
        segments::wait_for(&state, &pulled.missing).await;
        slot = state.sync_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
        let (again, policies) = (PullRequest { may_wait: false, ..question }, state.config.policies.clone());
        (pulled, standing) = state.store.read(move |snapshot| pull_and_name(snapshot, &again, &policies)).await?;
    }
    segments::build_beside(&state, &pulled.outgrown);
    let response = SyncResponse {
        server_at: now,
        results,
        acked_seq: pulled.acked_seq,
        actor: pulled.actor,
        policies: state.config.policies.clone(),
        buckets: pulled.buckets,
        gone: pulled.gone,
        is_complete: pulled.is_complete,
        receipt,
        standing,
    };
    let answer = answer_json(&headers, response).await;
    drop(slot);
    answer
}

/// Works the commands through; gives their results and the commands back.
pub(super) async fn push(
    state: &AppState,
    sender: DeviceAuth,
    request: SyncRequest,
    arrived_at: Timestamp,
) -> Result<(Vec<CommandResult>, Vec<Envelope>), ApiError> {
    if request.commands.is_empty() && !has_news(&sender, &request.health, arrived_at) {
        return Ok((Vec::new(), Vec::new()));
    }
    let batch = Batch {
        sender,
        commands: request.commands,
        health: Some(request.health),
        arrived_at,
        policies: state.config.policies.clone(),
    };
    state.store.write(move |txn| reconcile(txn, &batch).map(|results| (results, batch.commands))).await
}

/// Whether a phone without commands is worth a write.
fn has_news(sender: &DeviceAuth, health: &DeviceHealth, now: Timestamp) -> bool {
    let is_recent = sender.device.last_seen_at.is_some_and(|seen| (0..SEEN_EVERY_MS).contains(&now.since_ms(seen)));
    let is_same = sender
        .device
        .health
        .as_ref()
        .is_some_and(|known| DeviceHealth { device_at: health.device_at, ..known.clone() } == *health);
    !(is_recent && is_same)
}

fn check(request: &SyncRequest) -> Result<(), ApiError> {
    if request.protocol != PROTOCOL {
        let detail = format!("this server speaks protocol {PROTOCOL}");
        return Err(ApiError::new(ErrorCode::ProtocolUnsupported).at("protocol").detail(detail));
    }
    if request.commands.len() > MAX_BATCH_COMMANDS {
        let detail = format!("at most {MAX_BATCH_COMMANDS} commands");
        return Err(ApiError::new(ErrorCode::BodyTooLarge).at("commands").detail(detail));
    }
    let mut last = 0;
    for (index, envelope) in request.commands.iter().enumerate() {
        // Beyond 2^53 a number would not survive every JSON reader, and no phone gets there.
        if envelope.seq <= last || envelope.seq >= 1 << 53 {
            let at = format!("commands[{index}].seq");
            return Err(ApiError::new(ErrorCode::RequestMalformed).at(at).detail("numbers rise from 1"));
        }
        last = envelope.seq;
    }
    Ok(())
}

/// Keeps what a phone says about itself short.
fn shorten(health: &mut DeviceHealth) {
    health.app_version = short(&health.app_version);
    health.last_error = health.last_error.as_deref().map(short);
}
