//! Bytes of a photo out of a parcel: added to the same growing file as an upload's, verified by the same rules.

use std::io::Write;

use storewalk_wire::{ErrorCode, UploadRequest};

use super::Settled;
use crate::{
    error::ApiError,
    service::photo::{self, Standing, disk},
    state::AppState,
    store::{Account, KeptReason, UploadRecord},
};

/// Adds the bytes at their place; what is held already is passed over.
pub(super) async fn add(
    state: &AppState,
    account: &Account,
    request: UploadRequest,
    offset: u64,
    bytes: Vec<u8>,
) -> Result<Settled, ApiError> {
    // Whoever writes at this upload now is asked to stop; it goes on from what it finds.
    let _turn = state.uploads.take(request.photo_id, request.variant).await;
    let upload = match photo::begin(state, account, request).await {
        Ok(Standing::Held { .. }) => return Ok(Settled::Taken),
        Ok(Standing::Open(upload)) => upload,
        Err(error) => return standing_of(error),
    };
    let held = grow(state, &upload, offset, bytes).await?;
    let Some(held) = held else { return Ok(Settled::Kept(KeptReason::Gap)) };
    if held < upload.size_bytes {
        return Ok(Settled::Taken);
    }
    match photo::finish(state, upload).await {
        Ok(()) => Ok(Settled::Taken),
        Err(error) => standing_of(error),
    }
}

/// Appends what is missing; gives how many bytes are held then. `None` when something before them is missing.
async fn grow(state: &AppState, upload: &UploadRecord, offset: u64, bytes: Vec<u8>) -> Result<Option<u64>, ApiError> {
    let blobs = state.blobs.clone();
    let (photo_id, variant) = (upload.photo_id, upload.variant);
    let growing = tokio::task::spawn_blocking(move || {
        let held = blobs.received(photo_id, variant).map_err(disk)?;
        let Some(known) = held.checked_sub(offset) else { return Ok(None) };
        let fresh = usize::try_from(known).ok().and_then(|known| bytes.get(known..)).unwrap_or_default();
        if !fresh.is_empty() {
            let path = blobs.incoming(photo_id, variant);
            let mut file = std::fs::File::options().create(true).append(true).open(path).map_err(disk)?;
            file.write_all(fresh).map_err(disk)?;
        }
        // Asks the disk to keep them: the carrier throws its copy away.
        blobs.received(photo_id, variant).map(Some).map_err(disk)
    });
    growing.await.map_err(|_| ErrorCode::Internal)?
}

/// What a refusal of the photo door means for a parcel: another try helps only with the server's own faults.
fn standing_of(error: ApiError) -> Result<Settled, ApiError> {
    match error.code {
        ErrorCode::NotFound => Ok(Settled::Kept(KeptReason::PhotoUnknown)),
        ErrorCode::Internal | ErrorCode::StorageFull | ErrorCode::TooManyRequests => Err(error),
        _ => Ok(Settled::Kept(KeptReason::PhotoRefused)),
    }
}
