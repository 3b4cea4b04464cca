//! The one place where the bytes of a finished upload are looked at, whole.
//!
//! **Order.** Length and hash of the whole file first: bytes that were not announced are nobody's photo. Then what they
//! say, by the same strict reading as on the phone: cut, damaged, mislabelled and bomb-sized files have names of their
//! own. Only what passes gets a name among the photos.
//!
//! **Invariants.** A phone's word is never taken for any of it. Odd EXIF refuses nothing. At most a few files are in
//! memory at once.

use sha2::{Digest, Sha256};
use storewalk_domain::problem::{Problem, ProblemCode};
use storewalk_photo::{Checked, Format, Limits, PhotoFault, check, sniff};
use storewalk_wire::ErrorCode;

use super::{disk, record};
use crate::{
    error::ApiError,
    state::AppState,
    store::{PhotoFile, UploadRecord},
};

/// Why the bytes of a finished upload are not taken in.
enum Objection {
    /// They are not those that were announced.
    OtherBytes,
    /// They are no photo that is taken.
    NoPhoto(PhotoFault),
}

/// What is known of bytes that were taken in.
struct Verified {
    media_type: &'static str,
}

/// Verifies an upload that has all its bytes and takes it in.
///
/// # Errors
/// When the hash is not the announced one (the upload starts again) or the bytes are no photo (the upload ends); either
/// way nothing of them is kept.
pub async fn finish(state: &AppState, upload: UploadRecord) -> Result<(), ApiError> {
    let slot = state.verify_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
    let path = state.blobs.incoming(upload.photo_id, upload.variant);
    // The disk takes its time over the bytes; they are looked at meanwhile.
    let (growing, photo_id, variant) = (state.blobs.growing().clone(), upload.photo_id, upload.variant);
    let keeping = tokio::task::spawn_blocking(move || growing.received(photo_id, variant).map_err(disk));
    let looking = tokio::task::spawn_blocking(move || {
        let bytes = std::fs::read(path).map_err(disk)?;
        let verified = verify(&bytes, &upload);
        Ok::<_, ApiError>((upload, verified))
    });
    let (kept, looked) = tokio::join!(keeping, looking);
    kept.map_err(|_| ErrorCode::Internal)??;
    let (upload, verified) = looked.map_err(|_| ErrorCode::Internal)??;
    drop(slot);
    if verified.is_err() {
        state.blobs.growing().discard(upload.photo_id, upload.variant).map_err(disk)?;
    }
    let UploadRecord { photo_id, variant, size_bytes, sha256, .. } = upload;
    match verified {
        Ok(Verified { media_type }) => {
            let grip = state.blobs.grip(&sha256).await;
            state.blobs.adopt(&grip, photo_id, variant, upload.user_id).await.map_err(disk)?;
            let media_type = media_type.to_owned();
            let received_at = state.now();
            let file = PhotoFile { photo_id, variant, sha256, size_bytes, media_type, received_at };
            record(state, grip, file).await
        }
        Err(Objection::OtherBytes) => {
            let problem = Problem::new(ProblemCode::PhotoHashMismatch);
            Err(ApiError::new(ErrorCode::ChecksumMismatch).problem(problem))
        }
        Err(Objection::NoPhoto(fault)) => {
            tracing::info!(photo = %photo_id, variant = variant.as_str(), fault = %fault, "bytes that are no photo");
            state.store.write(move |txn| txn.remove_upload(photo_id, variant)).await.map_err(ApiError::from)?;
            Err(ApiError::new(ErrorCode::Refused).problem(fault.problem()))
        }
    }
}

/// Holds the whole bytes against what was announced, and reads them strictly.
fn verify(bytes: &[u8], upload: &UploadRecord) -> Result<Verified, Objection> {
    if bytes.len() as u64 != upload.size_bytes {
        return Err(Objection::OtherBytes);
    }
    // The length was bounded when the upload began.
    let limits = Limits { bytes: upload.size_bytes, ..Limits::default() };
    let found = check(bytes, &limits);
    let sha256 = match &found {
        Ok(Checked { sha256, .. }) => sha256.clone(),
        Err(_) => crate::auth::hex(&Sha256::digest(bytes)),
    };
    if sha256 != upload.sha256 {
        return Err(Objection::OtherBytes);
    }
    let checked = found.map_err(Objection::NoPhoto)?;
    let media_type = media_type(checked.format).ok_or(Objection::NoPhoto(PhotoFault::NotAnImage))?;
    Ok(Verified { media_type })
}

fn media_type(format: Format) -> Option<&'static str> {
    match format {
        Format::Jpeg => Some("image/jpeg"),
        Format::Png => Some("image/png"),
        _ => None,
    }
}

/// The media type of bytes that were verified before, by their beginning.
pub(super) fn known_type(bytes: &[u8]) -> Option<&'static str> {
    sniff(bytes).and_then(media_type)
}
