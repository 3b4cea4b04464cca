//! Photos as a person sees them.

use std::{collections::BTreeMap, path::PathBuf};

use rusqlite::{Connection, OptionalExtension, named_params};
use serde::Serialize;
use storewalk_domain::{
    handbook::HandbookList,
    ids::{PhotoId, UserId, VisitId},
    photo::{Photo, PhotoStatus, Pin, Verdict, VerdictDecision},
    sync::StateExt,
    task::Task,
    text::Localized,
    time::{BusinessDate, Timestamp},
    trusted::Clocks,
};
use storewalk_sqlite::{SqliteState, id_blob, select};

use super::{
    advice::{self, AdviceView},
    signals::{self, SignalView},
    task_pictures,
};
use crate::{
    ClientError,
    tasks::{TaskShelf, TaskView},
    vault::Shown,
    visits::Handbook,
};

/// One photo.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PhotoView {
    /// Identity.
    pub id: PhotoId,
    /// The visit.
    pub visit_id: VisitId,
    /// Zone by code.
    pub zone: String,
    /// Zone in words.
    pub zone_text: Localized,
    /// State.
    pub status: PhotoStatus,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// What the phone's clock said then, and what is known instead; `None` in photos of older releases.
    pub captured: Option<Clocks>,
    /// The photo it is a retake of.
    pub replaces: Option<PhotoId>,
    /// The retake that took its place.
    pub replaced_by: Option<PhotoId>,
    /// The verdict that stands.
    pub verdict: Option<VerdictView>,
    /// The thumbnail on this phone; `None` for a photo of another phone. Where data is encrypted its file goes when the
    /// core is paused: list the photos again then.
    pub thumbnail: Option<PathBuf>,
    /// The original on this phone; `None` for a photo of another phone, and once the server holds it for good. Where
    /// data is encrypted there is a file only after [`crate::Photos::reveal`].
    pub original: Option<PathBuf>,
    /// The stamped copy on this phone; it goes with the original, and like it is to be revealed where data is encrypted.
    pub stamped: Option<PathBuf>,
    /// How far its bytes have come; `None` for a photo of another phone.
    pub upload: Option<UploadView>,
    /// What could be better about it; empty for a good photo, and for one of an older release.
    pub advice: Vec<AdviceView>,
    /// What about it a reviewer will look at.
    pub signals: Vec<SignalView>,
}

/// A reviewer's decision.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct VerdictView {
    /// The decision.
    pub decision: VerdictDecision,
    /// Why.
    pub reason: Option<Localized>,
    /// A word to the rep; may be empty.
    pub note: String,
    /// Where on the picture.
    pub pin: Option<Pin>,
    /// A photo that shows how it should look.
    pub reference_photo_id: Option<PhotoId>,
    /// The small picture of that photo, once it is on this phone.
    pub reference: Option<PathBuf>,
    /// By when the retake is due.
    pub due_on: Option<BusinessDate>,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// How far the bytes of a photo have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct UploadView {
    /// Bytes the server said it holds, thumbnail and original.
    pub sent_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Whether the server refused them; see attention.
    pub is_refused: bool,
}

/// A photo that has to be taken again.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RetakeView {
    /// The task.
    pub task: TaskView,
    /// The photo that was rejected.
    pub photo: PhotoView,
    /// Why it was rejected.
    pub verdict: VerdictView,
}

/// What a photo's files are called.
struct Files {
    thumbnail: String,
    original: Option<String>,
    stamped: Option<String>,
}

/// What showing photos needs beside them.
pub(crate) struct PhotoShelf<'c> {
    connection: &'c Connection,
    handbook: Handbook,
    shown: &'c Shown,
}

impl<'c> PhotoShelf<'c> {
    pub(crate) fn load(connection: &'c Connection, shown: &'c Shown) -> Result<Self, ClientError> {
        Ok(Self { connection, handbook: Handbook::load(connection)?, shown })
    }

    pub(crate) fn view(&self, photo: Photo) -> Result<PhotoView, ClientError> {
        let verdict = photo.verdict_id.map(|id| SqliteState(self.connection).get::<Verdict>(id.row())).transpose()?;
        let files = self.files(photo.id)?;
        let signals = signals::views(&photo);
        let is_own = files.is_some();
        let place = |name: String| self.shown.place(&name);
        let (thumbnail, original, stamped) = match files {
            Some(files) => {
                (Some(self.thumbnail(&files.thumbnail)), files.original.map(place), files.stamped.map(place))
            }
            None => (self.fetched(photo.id)?, None, None),
        };
        Ok(PhotoView {
            id: photo.id,
            visit_id: photo.visit_id,
            zone_text: self.handbook.text(HandbookList::PhotoZone, &photo.zone),
            zone: photo.zone,
            status: photo.status,
            width: photo.width,
            height: photo.height,
            taken_at: photo.taken_at,
            captured: photo.captured,
            replaces: photo.replaces,
            replaced_by: photo.replaced_by,
            verdict: verdict.flatten().map(|verdict| self.verdict(verdict)).transpose()?,
            upload: is_own.then(|| self.upload(photo.id)).transpose()?,
            thumbnail,
            original,
            stamped,
            advice: advice::views(photo.seen.as_ref()),
            signals,
        })
    }

    /// Small enough to be laid out at once. One that cannot be read is as one that is gone: no reason to show no list.
    fn thumbnail(&self, name: &str) -> PathBuf {
        self.shown.show(name).unwrap_or_else(|error| {
            tracing::warn!(%error, "a thumbnail cannot be shown");
            self.shown.place(name)
        })
    }

    /// A small picture of another phone's photo.
    fn fetched(&self, photo: PhotoId) -> Result<Option<PathBuf>, ClientError> {
        let name = task_pictures::fetched(self.connection, photo)?.filter(|name| self.shown.is_kept(name));
        Ok(name.map(|name| self.thumbnail(&name)))
    }

    fn reference(&self, photo: PhotoId) -> Result<Option<PathBuf>, ClientError> {
        let own = self.files(photo)?.map(|files| self.thumbnail(&files.thumbnail));
        own.map_or_else(|| self.fetched(photo), |own| Ok(Some(own)))
    }

    fn verdict(&self, verdict: Verdict) -> Result<VerdictView, ClientError> {
        let reference = verdict.reference_photo_id.map(|photo| self.reference(photo)).transpose()?.flatten();
        Ok(VerdictView {
            reference,
            decision: verdict.decision,
            reason: verdict.reason.map(|code| self.handbook.text(HandbookList::RejectReason, &code)),
            note: verdict.note,
            pin: verdict.pin,
            reference_photo_id: verdict.reference_photo_id,
            due_on: verdict.due_on,
            decided_at: verdict.decided_at,
        })
    }

    /// What the files are called of a photo taken with this phone.
    fn files(&self, photo: PhotoId) -> Result<Option<Files>, ClientError> {
        let sql = "SELECT thumbnail_path, original_path, stamped_path FROM photo_files WHERE photo_id = :photo";
        let mut statement = self.connection.prepare_cached(sql)?;
        let params = named_params! { ":photo": id_blob(photo.row()) };
        let files =
            |row: &rusqlite::Row<'_>| Ok(Files { thumbnail: row.get(0)?, original: row.get(1)?, stamped: row.get(2)? });
        Ok(statement.query_row(params, files).optional()?)
    }

    fn upload(&self, photo: PhotoId) -> Result<UploadView, ClientError> {
        let mut statement = self.connection.prepare_cached(include_str!("upload_progress.sql"))?;
        let params = named_params! { ":photo": id_blob(photo.row()) };
        let view = statement.query_row(params, |row| {
            Ok(UploadView {
                sent_bytes: row.get("sent_bytes")?,
                total_bytes: row.get("total_bytes")?,
                is_refused: row.get("is_refused")?,
            })
        })?;
        Ok(view)
    }
}

/// The open retakes of a person, those due first at the top.
pub(super) fn retakes(
    connection: &Connection,
    shown: &Shown,
    owner: UserId,
    now: Timestamp,
) -> Result<Vec<RetakeView>, ClientError> {
    let tail = "WHERE owner_id = :owner AND status = 'open' AND kind = 'photo_retake' ORDER BY due_on, raised_at, id";
    let tasks: Vec<Task> = select(connection, tail, named_params! { ":owner": id_blob(owner.row()) })?;
    let photos = photos_of(connection, &tasks)?;
    let (shelf, mut task_shelf) = (PhotoShelf::load(connection, shown)?, TaskShelf::load(connection, now)?);
    let mut found = Vec::new();
    for task in tasks {
        let Some(photo) = task.photo_id.and_then(|id| photos.get(&id)) else { continue };
        let photo = shelf.view(photo.clone())?;
        // The verdict travels with the task; until both are here there is nothing to show.
        if let Some(verdict) = photo.verdict.clone() {
            found.push(RetakeView { task: task_shelf.view(task)?, photo, verdict });
        }
    }
    Ok(found)
}

fn photos_of(connection: &Connection, tasks: &[Task]) -> Result<BTreeMap<PhotoId, Photo>, ClientError> {
    let state = SqliteState(connection);
    let mut photos = BTreeMap::new();
    for id in tasks.iter().filter_map(|task| task.photo_id) {
        if let Some(photo) = state.get::<Photo>(id.row())? {
            photos.insert(id, photo);
        }
    }
    Ok(photos)
}

/// The names of a photo's original and stamped copy, as far as they are on this phone.
pub(super) fn large_files(
    connection: &Connection,
    photo: PhotoId,
) -> Result<(Option<String>, Option<String>), ClientError> {
    let sql = "SELECT original_path, stamped_path FROM photo_files WHERE photo_id = :photo";
    let params = named_params! { ":photo": id_blob(photo.row()) };
    let found = connection.prepare_cached(sql)?.query_row(params, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.unwrap_or_default())
}
