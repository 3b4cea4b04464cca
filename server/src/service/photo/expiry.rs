//! Uploads end by themselves when nobody goes on with them; nothing of them stays on the disk.
//!
//! **States.** Begun, touched whenever somebody goes on with it → over, once nobody has for the time the settings say
//! (answered as such from that moment on) → its bytes dropped by the sweep, its record kept as long again, so that who
//! comes late is told what happened → forgotten.
//!
//! **Invariants.** A photo may always be begun anew. Bytes that any photo holds are never dropped. The sweep leaves alone
//! what somebody is at.

use storewalk_domain::time::{HOUR_MS, Timestamp};
use storewalk_wire::ErrorCode;

use super::disk;
use crate::{
    error::ApiError,
    state::AppState,
    store::{StoreError, UploadRecord},
};

/// Uploads that one sweep looks at.
const MOST_AT_ONCE: usize = 1_000;

/// Going on with an upload is noted at most this often.
const TOUCH_EVERY_MS: i64 = HOUR_MS;

/// How long uploads are kept.
fn kept_ms(state: &AppState) -> i64 {
    i64::from(state.config.uploads.keep_hours).saturating_mul(HOUR_MS)
}

/// Uploads that were not touched after this instant are over.
pub(super) fn deadline(state: &AppState) -> Timestamp {
    state.now().plus_ms(-kept_ms(state))
}

/// Whether nobody may go on with an upload any more.
pub(super) fn is_over(upload: &UploadRecord, deadline: Timestamp) -> bool {
    upload.expired_at.is_some() || upload.touched_at <= deadline
}

/// When an upload ends if nobody goes on with it.
pub fn expires_at(state: &AppState, upload: &UploadRecord) -> Timestamp {
    upload.touched_at.plus_ms(kept_ms(state))
}

/// Notes that somebody goes on with an upload; gives it as it stands then.
///
/// # Errors
/// When the store fails.
pub async fn touch(state: &AppState, upload: UploadRecord) -> Result<UploadRecord, ApiError> {
    let now = state.now();
    if now.0.saturating_sub(upload.touched_at.0) < TOUCH_EVERY_MS.min(kept_ms(state) / 2) {
        return Ok(upload);
    }
    let touched = UploadRecord { touched_at: now, ..upload };
    let noted = touched.clone();
    state.store.write::<_, StoreError>(move |txn| txn.put_upload(&noted)).await?;
    Ok(touched)
}

/// Drops the bytes of uploads that are over, and files of nobody; says how many files it removed.
///
/// # Errors
/// When the store or the disk fails; the next sweep goes on from there.
pub async fn sweep(state: &AppState) -> Result<usize, ApiError> {
    let (now, until) = (state.now(), deadline(state));
    let over = state.store.read::<_, StoreError>(move |snapshot| snapshot.uploads_untouched_since(until, MOST_AT_ONCE));
    let mut removed = 0;
    for upload in over.await? {
        match upload.expired_at {
            None => removed += end(state, upload, now).await?,
            Some(at) if at <= until => {
                let (photo, variant) = (upload.photo_id, upload.variant);
                state.store.write::<_, StoreError>(move |txn| txn.remove_upload(photo, variant)).await?;
            }
            Some(_) => {}
        }
    }
    Ok(removed + strays(state).await?)
}

/// Ends an upload that is over, unless somebody has come back to it.
async fn end(state: &AppState, upload: UploadRecord, now: Timestamp) -> Result<usize, ApiError> {
    let (photo, variant) = (upload.photo_id, upload.variant);
    let Some(_turn) = state.uploads.take_if_free(photo, variant) else { return Ok(0) };
    let was = upload.clone();
    // A server that ended between taking bytes in and noting it leaves bytes that no photo has.
    let grip = state.blobs.grip(&upload.sha256).await;
    let user = upload.user_id;
    let ended = UploadRecord { expired_at: Some(now), ..upload };
    let has_ended = state.store.write::<_, StoreError>(move |txn| {
        let is_unchanged = txn.upload(photo, variant)?.as_ref() == Some(&was);
        if is_unchanged {
            txn.put_upload(&ended)?;
        }
        Ok(if is_unchanged { Some(txn.is_hash_held(&was.sha256)?) } else { None })
    });
    let Some(is_held) = has_ended.await? else { return Ok(0) };
    let mut removed = usize::from(state.blobs.growing().discard(photo, variant).map_err(disk)?);
    if !is_held {
        removed += usize::from(state.blobs.forget(&grip, user).await.map_err(disk)?);
    }
    Ok(removed)
}

/// Removes growing files that no upload goes on with: what a killed server left behind.
async fn strays(state: &AppState) -> Result<usize, ApiError> {
    let blobs = state.blobs.clone();
    let listed = tokio::task::spawn_blocking(move || blobs.growing().all());
    let mut removed = 0;
    for file in listed.await.map_err(|_| ErrorCode::Internal)?.map_err(disk)? {
        let (photo, variant) = (file.photo_id, file.variant);
        let Some(_turn) = state.uploads.take_if_free(photo, variant) else { continue };
        let known = state.store.read::<_, StoreError>(move |snapshot| snapshot.upload(photo, variant)).await?;
        let goes_on = known.is_some_and(|known| known.expired_at.is_none());
        if file.is_unproven || !goes_on {
            tokio::fs::remove_file(&file.path).await.map_err(disk)?;
            removed += 1;
        }
    }
    Ok(removed)
}
