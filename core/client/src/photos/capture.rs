//! Taking a photo in: the bytes are looked at, then files, then rows and command in one transaction.

use std::path::Path;

use rusqlite::{Transaction, named_params};
use serde::Serialize;
use storewalk_domain::{
    ids::{PhotoId, VisitId},
    photo::{Alike, MAX_PHOTO_BYTES},
    sync::AttachPhoto,
    time::Timestamp,
};
use storewalk_photo::PhotoFault;
use storewalk_sqlite::id_blob;
use storewalk_wire::Variant;

use super::{
    advice::{self, AdviceView},
    alike, around,
    files::{self, Source},
    janitor::while_sweeping_waits,
    look::{self, Look},
};
use crate::{Attempt, ClientError, Phone};

/// A photo to be taken in, and what the host says of it.
#[derive(Clone, Copy, Debug)]
pub struct Shot<'s> {
    /// The visit.
    pub visit_id: VisitId,
    /// Which part of the outlet, by handbook code.
    pub zone: &'s str,
    /// The file that the camera wrote; it stays as it is.
    pub source: &'s Path,
    /// The photo that this one is a retake of.
    pub replaces: Option<PhotoId>,
    /// Whether it comes out of the phone's gallery.
    pub is_from_gallery: bool,
    /// How far the phone was tilted from level, in degrees; `None` where its sensors were not asked.
    pub tilt: Option<f32>,
}

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
    /// What could be better; empty for a good photo.
    pub advice: Vec<AdviceView>,
    /// Earlier photos that look like it, one's own or a colleague's, the nearest first; a reviewer will see it too. The
    /// rep may take another, or explain with [`crate::Photos::answer_signal`].
    pub alike: Vec<Alike>,
}

/// One file of a photo.
struct StoredFile<'a> {
    name: String,
    sha256: String,
    bytes: &'a [u8],
}

/// The files of a photo.
struct Stored<'a> {
    original: StoredFile<'a>,
    thumbnail: StoredFile<'a>,
    stamped: Option<(String, &'a [u8])>,
}

impl Stored<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        let stamped = self.stamped.as_ref().map(|(name, _)| name.as_str());
        [self.original.name.as_str(), self.thumbnail.name.as_str()].into_iter().chain(stamped)
    }
}

pub(super) fn capture(phone: &Phone, shot: &Shot<'_>) -> Result<Attempt<CapturedPhoto>, ClientError> {
    let bytes = match files::read_source(shot.source) {
        Source::Whole(bytes) => bytes,
        Source::TooLarge { bytes } => {
            let fault = PhotoFault::TooLarge { bytes, limit: MAX_PHOTO_BYTES };
            return Ok(Attempt::refused(&fault.problem()));
        }
        Source::Unreadable(error) => return Err(ClientError::File(error)),
    };
    let around = around::load(phone, shot.visit_id, shot.zone)?;
    let mut look = match look::look(&bytes, phone.photo_copies(), &around, shot) {
        Ok(look) => look,
        Err(fault) => return Ok(Attempt::refused(&fault.problem())),
    };
    if let Some((hashes, here)) = look.hashes.as_ref().zip(around.here) {
        look.seen.alike = phone.read(|connection| alike::find(connection, hashes, here))?;
    }
    let photo_id = PhotoId(phone.new_id());
    let command = AttachPhoto {
        photo_id,
        visit_id: shot.visit_id,
        zone: shot.zone.to_owned(),
        sha256: look.sha256.clone(),
        size_bytes: bytes.len() as u64,
        width: look.width,
        height: look.height,
        replaces: shot.replaces,
        seen: Some(look.seen.clone()),
    };
    let attempt = store(phone, command, &bytes, &look)?;
    let advice = advice::views(Some(&look.seen));
    let Look { sha256, width, height, seen, .. } = look;
    Ok(attempt.map(|()| CapturedPhoto { photo_id, sha256, width, height, advice, alike: seen.alike }))
}

/// Files first, then the rows that name them: a kill in between leaves files nobody names, which the janitor clears,
/// never rows without files.
fn store(phone: &Phone, command: AttachPhoto, bytes: &[u8], look: &Look) -> Result<Attempt<()>, ClientError> {
    let photo_id = command.photo_id;
    let mut stored = Stored {
        original: StoredFile {
            name: files::file_name(photo_id, Variant::Original, look.extension),
            sha256: look.sha256.clone(),
            bytes,
        },
        thumbnail: StoredFile {
            name: files::file_name(photo_id, Variant::Thumbnail, "jpg"),
            sha256: files::sha256_hex(&look.thumbnail),
            bytes: &look.thumbnail,
        },
        stamped: look.stamped.as_deref().map(|bytes| (files::stamped_name(photo_id), bytes)),
    };
    let folder = phone.photos_dir();
    let _present = while_sweeping_waits();
    std::fs::create_dir_all(&folder)?;
    let write = |name: &str, bytes: &[u8]| {
        phone.needs_room(bytes.len()).and_then(|()| Ok(phone.inner.vault.write(&folder, name, bytes)?))
    };
    let discard = |stored: &Stored<'_>| stored.names().try_for_each(|name| files::remove(&folder.join(name)));
    for file in [&stored.original, &stored.thumbnail] {
        if let Err(error) = write(&file.name, file.bytes) {
            // No row names them; on a full disk they must not stay until the next sweep.
            discard(&stored)?;
            return Err(error);
        }
    }
    // The copy is for looking at; where there is no room for it, the photo is taken without.
    stored.stamped = stored.stamped.take().filter(|(name, bytes)| write(name, bytes).is_ok());
    let now = phone.now().device_at;
    let recorded = phone.record_in(|transaction| {
        insert_rows(transaction, photo_id, &stored, now)?;
        Ok(command.into())
    });
    let attempt = Attempt::from(recorded?).map(|_| ());
    if matches!(attempt, Attempt::Refused(_)) {
        discard(&stored)?;
    }
    Ok(attempt)
}

fn insert_rows(
    transaction: &Transaction<'_>,
    photo_id: PhotoId,
    stored: &Stored<'_>,
    now: Timestamp,
) -> Result<(), ClientError> {
    let Stored { original, thumbnail, stamped } = stored;
    let params = named_params! {
        ":photo": id_blob(photo_id.row()),
        ":original": original.name,
        ":original_sha256": original.sha256,
        ":size": size_of(original),
        ":thumbnail": thumbnail.name,
        ":thumbnail_sha256": thumbnail.sha256,
        ":thumbnail_size": size_of(thumbnail),
        ":stamped": stamped.as_ref().map(|(name, _)| name),
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
            ":untold": true,
        };
        transaction.prepare_cached(include_str!("insert_upload.sql"))?.execute(params)?;
    }
    Ok(())
}

fn size_of(file: &StoredFile<'_>) -> i64 {
    i64::try_from(file.bytes.len()).unwrap_or(i64::MAX)
}
