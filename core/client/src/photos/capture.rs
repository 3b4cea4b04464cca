//! Taking a photo in: hash, copy, thumbnail, then rows and command in one transaction.

use std::path::Path;

use rusqlite::{Transaction, named_params};
use serde::Serialize;
use storewalk_domain::{
    ids::{PhotoId, VisitId},
    photo::MAX_PHOTO_BYTES,
    problem::{Problem, ProblemCode},
    sync::AttachPhoto,
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::Variant;

use super::{
    files::{self, Source},
    janitor::while_sweeping_waits,
    picture::{MAX_PIXELS, Picture, PictureFault, read_picture},
};
use crate::{Attempt, ClientError, Phone};

/// Bytes of one unpacked pixel: a picture of too many pixels is too large when it is unpacked.
const BYTES_PER_PIXEL: u64 = 3;

/// What was taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CapturedPhoto {
    /// The photo.
    pub photo_id: PhotoId,
    /// SHA-256 of the original bytes.
    pub sha256: String,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
}

/// One file of a photo.
struct StoredFile<'a> {
    name: String,
    sha256: String,
    bytes: &'a [u8],
}

pub(super) fn capture(
    phone: &Phone,
    visit_id: VisitId,
    zone: &str,
    source: &Path,
    replaces: Option<PhotoId>,
) -> Result<Attempt<CapturedPhoto>, ClientError> {
    let bytes = match files::read_source(source) {
        Source::Whole(bytes) => bytes,
        Source::TooLarge { bytes } => return Ok(Attempt::refused(&too_large(bytes, MAX_PHOTO_BYTES))),
        Source::Unreadable(error) => return Err(ClientError::File(error)),
    };
    let sha256 = files::sha256_hex(&bytes);
    let picture = match read_picture(&bytes) {
        Ok(picture) => picture,
        Err(PictureFault::TooManyPixels { pixels }) => {
            return Ok(Attempt::refused(&too_large(pixels * BYTES_PER_PIXEL, MAX_PIXELS * BYTES_PER_PIXEL)));
        }
        Err(PictureFault::NotAnImage) => {
            return Ok(Attempt::refused(&Problem::new(ProblemCode::PhotoNotAnImage)));
        }
    };
    let photo_id = PhotoId(phone.new_id());
    let original = StoredFile {
        name: files::file_name(photo_id, Variant::Original, picture.extension),
        sha256: sha256.clone(),
        bytes: &bytes,
    };
    let command = AttachPhoto {
        photo_id,
        visit_id,
        zone: zone.to_owned(),
        sha256: sha256.clone(),
        size_bytes: bytes.len() as u64,
        width: picture.width,
        height: picture.height,
        replaces,
    };
    let attempt = store(phone, command, &original, &picture)?;
    Ok(attempt.map(|()| CapturedPhoto { photo_id, sha256, width: picture.width, height: picture.height }))
}

/// Files first, then the rows that name them: a kill in between leaves files nobody names, which the janitor clears,
/// never rows without files.
fn store(
    phone: &Phone,
    command: AttachPhoto,
    original: &StoredFile<'_>,
    picture: &Picture,
) -> Result<Attempt<()>, ClientError> {
    let photo_id = command.photo_id;
    let thumbnail = StoredFile {
        name: files::file_name(photo_id, Variant::Thumbnail, "jpg"),
        sha256: files::sha256_hex(&picture.thumbnail),
        bytes: &picture.thumbnail,
    };
    let folder = phone.photos_dir();
    let _present = while_sweeping_waits();
    std::fs::create_dir_all(&folder)?;
    for file in [original, &thumbnail] {
        let written = phone
            .needs_room(file.bytes.len())
            .and_then(|()| Ok(files::write_durably(&folder, &file.name, file.bytes)?));
        if let Err(error) = written {
            // No row names them; on a full disk they must not stay until the next sweep.
            files::remove(&folder.join(&original.name))?;
            return Err(error);
        }
    }
    let now = phone.now().device_at;
    let recorded = phone.record_in(|transaction| {
        insert_rows(transaction, photo_id, original, &thumbnail, now)?;
        Ok(command.into())
    })?;
    let attempt = Attempt::from(recorded).map(|_| ());
    if matches!(attempt, Attempt::Refused(_)) {
        for file in [original, &thumbnail] {
            files::remove(&folder.join(&file.name))?;
        }
    }
    Ok(attempt)
}

fn insert_rows(
    transaction: &Transaction<'_>,
    photo_id: PhotoId,
    original: &StoredFile<'_>,
    thumbnail: &StoredFile<'_>,
    now: Timestamp,
) -> Result<(), ClientError> {
    let params = named_params! {
        ":photo": id_blob(photo_id.row()),
        ":original": original.name,
        ":original_sha256": original.sha256,
        ":size": size_of(original),
        ":thumbnail": thumbnail.name,
        ":thumbnail_sha256": thumbnail.sha256,
        ":thumbnail_size": size_of(thumbnail),
    };
    transaction.prepare_cached(include_str!("insert_photo_file.sql"))?.execute(params)?;
    for (variant, file) in [(Variant::Thumbnail, thumbnail), (Variant::Original, original)] {
        let params = named_params! {
            ":photo": id_blob(photo_id.row()),
            ":variant": variant.as_str(),
            ":sha256": file.sha256,
            ":size": size_of(file),
            ":path": file.name,
            ":now": now.0,
        };
        transaction.prepare_cached(include_str!("insert_upload.sql"))?.execute(params)?;
    }
    Ok(())
}

fn size_of(file: &StoredFile<'_>) -> i64 {
    i64::try_from(file.bytes.len()).unwrap_or(i64::MAX)
}

fn too_large(bytes: u64, limit: u64) -> Problem {
    Problem::new(ProblemCode::PhotoTooLarge).with("bytes", bytes).with("limit", limit)
}
