//! `POST /sync`: commands first, then changes from one snapshot taken after them.

use axum::{body::Body, extract::State, http::HeaderMap, response::Response};
use storewalk_domain::time::Timestamp;
use storewalk_wire::{
    BatchReceipt, CommandResult, DeviceHealth, Envelope, ErrorCode, MAX_BATCH_BYTES, MAX_BATCH_COMMANDS, ProblemBody,
    ProtocolWindow, SyncRequest, SyncResponse, WindowPlace,
};

use super::body::{RawJson, answer_after};
use crate::{
    auth::{DeviceAuth, short},
    error::{ApiError, language_of},
    service::{
        pull::{Can, PullRequest},
        reconcile::{Batch, reconcile},
        segments,
        standing::{Basis, pull_and_name},
    },
    state::AppState,
    store::Account,
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
    let (mut request, mut asked): (SyncRequest, _) = raw.read_with_text().await?;
    check(&request, state.protocols)?;
    if request.commands.is_empty() {
        // Nothing an answer could repeat.
        asked = Vec::new();
    }
    shorten(&mut request.health);
    request.health.protocol = request.protocol;
    let (now, place) = (state.now(), state.protocols.place(request.protocol));
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
    let account = sender.account.clone();
    let (results, commands) = push(&state, sender, request, now).await?;
    let receipt = wants_receipt.then(|| state.receipts.for_batch(device, now, &commands, &results)).flatten();
    if place == WindowPlace::Below {
        // Work is taken in for ever; rows are not sent.
        let why = ApiError::outside(state.protocols, ErrorCode::AppOutdated).body(language_of(&headers), "");
        let acked_seq = state.store.read(move |snapshot| snapshot.last_seq(device)).await.map_err(ApiError::from)?;
        let answered = Answered { now, results, receipt, acked_seq };
        return answer_after(&headers, answered.without_rows(&state, &account, why), asked).await;
    }
    let (first, basis) = (question.clone(), Basis::of(&state));
    let (mut pulled, mut standing) = state.store.read(move |snapshot| pull_and_name(snapshot, &first, &basis)).await?;
    if !pulled.missing.is_empty() {
        // Others need not wait for these files.
        drop(slot);
        segments::wait_for(&state, &pulled.missing).await;
        slot = state.sync_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
        let (again, basis) = (PullRequest { may_wait: false, ..question }, Basis::of(&state));
        (pulled, standing) = state.store.read(move |snapshot| pull_and_name(snapshot, &again, &basis)).await?;
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
        protocols: Some(state.protocols),
        withheld: None,
    };
    let answer = answer_after(&headers, response, asked).await;
    drop(slot);
    answer
}

/// What became of a phone's commands.
struct Answered {
    now: Timestamp,
    results: Vec<CommandResult>,
    receipt: Option<BatchReceipt>,
    acked_seq: u64,
}

impl Answered {
    /// The answer to a phone below the window: how its commands ended, and why there are no rows.
    fn without_rows(self, state: &AppState, account: &Account, why: ProblemBody) -> SyncResponse {
        SyncResponse {
            server_at: self.now,
            results: self.results,
            acked_seq: self.acked_seq,
            actor: account.actor(),
            policies: state.config.policies.clone(),
            buckets: Vec::new(),
            gone: Vec::new(),
            // Nothing may be published: the rows that the results speak of have not come.
            is_complete: false,
            standing: None,
            receipt: self.receipt,
            protocols: Some(state.protocols),
            withheld: Some(Box::new(why)),
        }
    }
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

fn check(request: &SyncRequest, window: ProtocolWindow) -> Result<(), ApiError> {
    if window.place(request.protocol) == WindowPlace::Above {
        return Err(ApiError::outside(window, ErrorCode::ServerOutdated));
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
