//! What the server does by itself, now and then: forgets what is no longer needed.

use storewalk_domain::time::Timestamp;

use super::{photo, print, retention, segments};
use crate::{error::ApiError, state::AppState, store::StoreError};

/// How long removals are remembered: a phone that was away longer reads its buckets from the start.
pub const REMOVALS_KEPT_MS: i64 = 90 * 24 * 3_600_000;

/// Forgets ended tokens, old removals, segments that nobody needs, uploads that nobody goes on with and the bytes of
/// photos whose days have run out; to be called about once an hour.
///
/// # Errors
/// When the store or the disk fails; the next call goes on from there.
pub async fn run(state: &AppState) -> Result<(), ApiError> {
    let now = state.now();
    let until = Timestamp(now.0.saturating_sub(REMOVALS_KEPT_MS));
    state.store.write::<(), StoreError>(move |txn| txn.forget_ended_tokens(now)).await?;
    let forgotten = state.store.write::<usize, StoreError>(move |txn| txn.forget_removals(now, until)).await?;
    let removed = segments::tidy(state).await?;
    let dropped = photo::sweep(state).await?;
    let deleted = retention::sweep(state).await?;
    if let Err(error) = print::look_at_left(state).await {
        tracing::warn!(error = ?error, "photos that were left could not be looked at");
    }
    tracing::debug!(
        photo_files = deleted,
        removals = forgotten,
        segments = removed,
        upload_files = dropped,
        "forgotten"
    );
    Ok(())
}
