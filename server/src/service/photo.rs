//! Photos: who may send and see their bytes, and what happens when they have all arrived.
//!
//! **States of an upload.** Unknown → begun (a record and a growing file) → held (bytes verified, named by their hash;
//! the photo's row says `received`). Bytes with another hash set it back to the start; bytes that are no photo end it and
//! are not kept: the phone that took them has them still, and shows why. One that nobody goes on with ends by itself
//! (`expiry`) and may be begun anew.

mod expiry;
mod link;
mod verify;

use std::io;

use storewalk_domain::{
    ids::{PhotoId, VerdictId},
    outlet::{Role, Territory},
    photo::{Photo, PhotoStatus, Verdict},
    problem::{Problem, ProblemCode},
    sync::{Row, StateExt, buckets_of},
};
use storewalk_wire::{ErrorCode, UploadRequest, Variant};

pub use expiry::{expires_at, sweep, touch};
pub use link::{Link, bearer_of_link, sign_link};
pub use verify::finish;

use super::changes::Moves;
use crate::{
    blob::{Grip, is_sha256},
    error::ApiError,
    state::AppState,
    store::{Account, PhotoFile, StoreError, StoreRead, UploadRecord},
};

/// How an upload stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Begun.
    Open(UploadRecord),
    /// All bytes are held.
    Held {
        /// How many.
        size_bytes: u64,
        /// Their SHA-256.
        sha256: String,
    },
}

/// Begins an upload, or finds it where it stands.
///
/// # Errors
/// When the photo is not known yet or not the caller's, the announcement disagrees with it, or the file is too large.
pub async fn begin(state: &AppState, account: &Account, request: UploadRequest) -> Result<Standing, ApiError> {
    begin_as(state, account, request, String::new()).await
}

/// The same with what the one who begins says of it.
///
/// # Errors
/// As above.
pub async fn begin_as(
    state: &AppState,
    account: &Account,
    request: UploadRequest,
    metadata: String,
) -> Result<Standing, ApiError> {
    let limit = match request.variant {
        Variant::Original => state.config.uploads.max_original_bytes,
        Variant::Thumbnail => state.config.uploads.max_thumbnail_bytes,
    };
    if request.size_bytes > limit {
        let problem = Problem::new(ProblemCode::PhotoTooLarge);
        return Err(ApiError::new(ErrorCode::BodyTooLarge).at("upload-length").problem(problem));
    }
    if request.size_bytes == 0 || !is_sha256(&request.sha256) {
        return Err(ApiError::new(ErrorCode::RequestMalformed).at("upload-metadata").detail("a length and a SHA-256"));
    }
    let standing = open(state, account, request.clone(), metadata).await?;
    match standing {
        Standing::Open(upload) if take_up(state, account, &request).await? => {
            Ok(Standing::Held { size_bytes: upload.size_bytes, sha256: upload.sha256 })
        }
        other => Ok(other),
    }
}

/// Takes up bytes that this person has delivered before and that are still here: for another photo of the same bytes, or
/// for this one before the database was put back from a backup. Says whether it did.
async fn take_up(state: &AppState, account: &Account, request: &UploadRequest) -> Result<bool, ApiError> {
    let blobs = &state.blobs;
    let grip = blobs.grip(&request.sha256).await;
    if !blobs.has_delivered(&grip, account.user_id, request.size_bytes).await.map_err(disk)? {
        return Ok(false);
    }
    let bytes = blobs.shelf().read(&request.sha256).await.map_err(disk)?.unwrap_or_default();
    let Some(media_type) = verify::known_type(&bytes) else { return Ok(false) };
    let file = PhotoFile {
        photo_id: request.photo_id,
        variant: request.variant,
        sha256: request.sha256.clone(),
        size_bytes: request.size_bytes,
        media_type: media_type.to_owned(),
        received_at: state.now(),
    };
    record(state, grip, file).await?;
    state.blobs.growing().discard(request.photo_id, request.variant).map_err(disk)?;
    Ok(true)
}

/// Notes what is announced, or finds it.
async fn open(
    state: &AppState,
    account: &Account,
    request: UploadRequest,
    metadata: String,
) -> Result<Standing, ApiError> {
    let begun_at = state.now();
    let blobs = state.blobs.clone();
    let account = account.clone();
    let deadline = expiry::deadline(state);
    state
        .store
        .write(move |txn| {
            let photo = own_photo(txn, &account, request.photo_id)?;
            if request.variant == Variant::Original && !is_announced(&photo, &request) {
                let problem = Problem::new(ProblemCode::PhotoHashMismatch).at("sha256");
                return Err(ApiError::new(ErrorCode::Refused).at("upload-metadata").problem(problem));
            }
            if let Some(file) = txn.photo_file(request.photo_id, request.variant)? {
                return Ok(Standing::Held { size_bytes: file.size_bytes, sha256: file.sha256 });
            }
            // Bytes that a policy has deleted are not asked for again.
            if let Some(removal) = txn.removal(request.photo_id, request.variant)? {
                return Ok(Standing::Held { size_bytes: removal.size_bytes, sha256: removal.sha256 });
            }
            let begun = txn.upload(request.photo_id, request.variant)?;
            let is_same = |begun: &UploadRecord| {
                let is_living = !expiry::is_over(begun, deadline);
                is_living && begun.sha256 == request.sha256 && begun.size_bytes == request.size_bytes
            };
            if let Some(begun) = begun.filter(is_same) {
                return Ok(Standing::Open(begun));
            }
            // Other bytes than before, or too long ago: what came of the earlier ones is of no use.
            blobs.growing().discard(request.photo_id, request.variant).map_err(disk)?;
            let record = UploadRecord {
                photo_id: request.photo_id,
                variant: request.variant,
                user_id: account.user_id,
                size_bytes: request.size_bytes,
                sha256: request.sha256,
                begun_at,
                touched_at: begun_at,
                expired_at: None,
                metadata,
            };
            txn.put_upload(&record)?;
            Ok(Standing::Open(record))
        })
        .await
}

/// How an upload of the caller's stands.
///
/// # Errors
/// When there is none, it is not the caller's, or it ended because nobody went on with it.
pub async fn standing(
    state: &AppState,
    account: &Account,
    photo_id: PhotoId,
    variant: Variant,
) -> Result<Standing, ApiError> {
    let account = account.clone();
    let deadline = expiry::deadline(state);
    state
        .store
        .read(move |snapshot| {
            own_photo(snapshot, &account, photo_id)?;
            if let Some(file) = snapshot.photo_file(photo_id, variant)? {
                return Ok(Standing::Held { size_bytes: file.size_bytes, sha256: file.sha256 });
            }
            match snapshot.upload(photo_id, variant)? {
                Some(upload) if expiry::is_over(&upload, deadline) => Err(ErrorCode::UploadGone.into()),
                Some(upload) => Ok(Standing::Open(upload)),
                None => Err(ErrorCode::NotFound.into()),
            }
        })
        .await
}

/// Refuses whoever did not take the photo.
///
/// # Errors
/// When it is not known yet or not the caller's: both look the same.
pub async fn own(state: &AppState, account: &Account, photo_id: PhotoId) -> Result<(), ApiError> {
    let account = account.clone();
    state.store.read(move |snapshot| own_photo(snapshot, &account, photo_id).map(drop)).await
}

/// Gives an upload up.
///
/// # Errors
/// When the store or the disk fails.
pub async fn cancel(state: &AppState, photo_id: PhotoId, variant: Variant) -> Result<(), ApiError> {
    state.store.write(move |txn| txn.remove_upload(photo_id, variant)).await.map_err(ApiError::from)?;
    state.blobs.growing().discard(photo_id, variant).map(drop).map_err(disk)
}

/// Notes that bytes are held; with the original the photo's row becomes `received`, which tells the phone that it may
/// free its own copy. The bytes stay in hand until it is noted.
async fn record(state: &AppState, grip: Grip, file: PhotoFile) -> Result<(), ApiError> {
    let photo_id = file.photo_id;
    state
        .store
        .write(move |txn| {
            txn.put_photo_file(&file)?;
            txn.remove_upload(file.photo_id, file.variant)?;
            if file.variant == Variant::Original
                && let Some(photo) = txn.get::<Photo>(file.photo_id.row()).map_err(StoreError::from)?
            {
                let mut moves = Moves::default();
                moves.put(txn, &Row::from(received(photo, &file)))?;
                moves.publish(txn)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .map_err(ApiError::from)?;
    drop(grip);
    // The bytes are held whatever comes of looking at them, and that is all that a phone waits for. A small picture is held
    // against its original, whichever of the two comes last.
    state.arrived.add(photo_id);
    Ok(())
}

fn received(photo: Photo, file: &PhotoFile) -> Photo {
    let status = if photo.status == PhotoStatus::Pending { PhotoStatus::Received } else { photo.status };
    Photo { status, received_at: photo.received_at.or(Some(file.received_at)), ..photo }
}

/// The bytes of a photo, if the person may see it and they are held.
///
/// # Errors
/// When there are none, or not for this person: both look the same.
pub fn visible_file(
    snapshot: &dyn StoreRead,
    account: &Account,
    photo_id: PhotoId,
    variant: Variant,
) -> Result<PhotoFile, ApiError> {
    let photo = snapshot.get::<Photo>(photo_id.row()).map_err(StoreError::from)?.ok_or(ErrorCode::NotFound)?;
    if !may_see(snapshot, account, &photo)? {
        return Err(ErrorCode::NotFound.into());
    }
    snapshot.photo_file(photo_id, variant)?.ok_or_else(|| ErrorCode::NotFound.into())
}

/// The small picture of the photo that a verdict names as how it should look, for those who may see what was judged. Nobody
/// hands on what is not theirs to see: the reviewer must be one who may see the reference.
///
/// # Errors
/// When there is no such verdict for them, it stands no more, it names none, or the store fails.
pub fn reference_file(snapshot: &dyn StoreRead, account: &Account, id: VerdictId) -> Result<PhotoFile, ApiError> {
    let verdict = snapshot.get::<Verdict>(id.row()).map_err(StoreError::from)?.ok_or(ErrorCode::NotFound)?;
    let photo = snapshot.get::<Photo>(verdict.photo_id.row()).map_err(StoreError::from)?;
    let photo = photo.filter(|photo| photo.verdict_id == Some(id)).ok_or(ErrorCode::NotFound)?;
    let reference = verdict.reference_photo_id.ok_or(ErrorCode::NotFound)?;
    let reviewer = snapshot.account(verdict.reviewer_id)?.ok_or(ErrorCode::NotFound)?;
    let shown = snapshot.get::<Photo>(reference.row()).map_err(StoreError::from)?.ok_or(ErrorCode::NotFound)?;
    if !may_see(snapshot, account, &photo)? || !may_see(snapshot, &reviewer, &shown)? {
        return Err(ErrorCode::NotFound.into());
    }
    snapshot.photo_file(reference, Variant::Thumbnail)?.ok_or_else(|| ErrorCode::NotFound.into())
}

fn may_see(snapshot: &dyn StoreRead, account: &Account, photo: &Photo) -> Result<bool, StoreError> {
    match account.role {
        Role::Admin => Ok(true),
        Role::Supervisor => {
            let territory = snapshot.get::<Territory>(photo.territory_id.row())?;
            Ok(territory.is_some_and(|territory| Some(territory.region_code) == account.region_code))
        }
        Role::Rep | Role::Dealer => {
            let scope = account.buckets();
            Ok(buckets_of(&Row::from(photo.clone())).iter().any(|bucket| scope.contains(bucket)))
        }
    }
}

/// The photo, if its row has arrived and it is the caller's own.
fn own_photo(snapshot: &(impl StoreRead + ?Sized), account: &Account, id: PhotoId) -> Result<Photo, ApiError> {
    let photo = snapshot.get::<Photo>(id.row()).map_err(StoreError::from)?;
    photo.filter(|photo| photo.rep_id == account.user_id).ok_or_else(|| ErrorCode::NotFound.into())
}

fn is_announced(photo: &Photo, request: &UploadRequest) -> bool {
    photo.sha256 == request.sha256 && photo.size_bytes == request.size_bytes
}

/// A fault of the disk.
#[expect(clippy::needless_pass_by_value, reason = "it ends every io::Result in map_err")]
pub(crate) fn disk(error: io::Error) -> ApiError {
    tracing::error!(error = %error, "the photo folder failed");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull.into(),
        _ => ErrorCode::Internal.into(),
    }
}
