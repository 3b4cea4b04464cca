//! Photos: taking one in, showing those of a visit, saying which must be taken again and what that is to look like, sending
//! their bytes.
//!
//! **States of the bytes.** On the phone only → thumbnail sent → original sent → the server says by pull that it holds
//! and has verified them → original freed. The row of the photo travels with the commands, long before its bytes.
//!
//! **Invariants.** The hash is taken of the bytes the camera wrote, before anything else. A file is freed only after
//! `received_at` was pulled and, once the server signs, with its receipt, never because an upload was answered with
//! success. Nothing here holds up a sync.

mod advice;
mod alike;
mod around;
mod capture;
mod files;
mod janitor;
mod look;
mod metered;
mod queue;
mod set_aside;
mod signals;
mod task_pictures;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod transfer;
mod upload;
mod view;

use std::path::{Path, PathBuf};

use storewalk_domain::{
    ids::{PhotoId, VisitId},
    photo::{Photo, SignalKind},
    sync::AnswerSignal,
};
use storewalk_sqlite::{id_blob, select};

pub use advice::AdviceView;
pub use capture::{CapturedPhoto, Shot};
pub(crate) use files::{
    PART_PREFIX, SEALED_MARK, read_part, remove as remove_file, sha256_hex, sync_folder, write_durably,
};
pub use janitor::SweepReport;
pub(crate) use metered::Line;
pub(crate) use queue::{Doubt, failed_uploads, has_arrived_since, note_known, note_packed, offer_again, unsent_files};
pub use signals::SignalView;
pub use transfer::Transfer;
pub use upload::UploadReport;
pub(crate) use view::PhotoShelf;
pub use view::{PhotoView, RetakeView, UploadView, VerdictView};

use crate::{Attempt, ClientError, Phone, vault::Shown};

impl Phone {
    /// Photos.
    pub fn photos(&self) -> Photos<'_> {
        Photos::of(self)
    }

    /// The folder of this phone's photos.
    pub(crate) fn photos_dir(&self) -> PathBuf {
        self.dir().join("photos")
    }

    /// Plain copies of them.
    pub(crate) fn shown(&self) -> Shown {
        Shown::of(self.dir(), &self.inner.vault)
    }
}

/// How taking a photo in ended.
pub type CaptureResult = Attempt<CapturedPhoto>;

/// Photos.
pub struct Photos<'p> {
    phone: &'p Phone,
}

impl<'p> Photos<'p> {
    pub(crate) fn of(phone: &'p Phone) -> Self {
        Self { phone }
    }

    /// Takes a photo in from a file, which stays as it is. `replaces` names the photo that this one is a retake of.
    ///
    /// # Errors
    /// When nobody is signed in, the file cannot be read or the phone's storage cannot be written. A file that is no
    /// photo is not an error but a problem.
    pub fn capture(
        &self,
        visit_id: VisitId,
        zone: &str,
        source: &Path,
        replaces: Option<PhotoId>,
    ) -> Result<CaptureResult, ClientError> {
        self.take_in(&Shot { visit_id, zone, source, replaces, is_from_gallery: false, tilt: None })
    }

    /// Takes a photo in with all that the host can say of it. It is examined on the thread that asks, which takes a tenth
    /// of a second and more, and at most 40 MiB beside the file.
    ///
    /// # Errors
    /// As [`Photos::capture`].
    pub fn take_in(&self, shot: &Shot<'_>) -> Result<CaptureResult, ClientError> {
        capture::capture(self.phone, shot)
    }

    /// The photos of a visit in the order they were taken, replaced ones included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, visit_id: VisitId) -> Result<Vec<PhotoView>, ClientError> {
        self.phone.read(|connection| {
            let shown = self.phone.shown();
            let views = PhotoShelf::load(connection, &shown)?;
            let params = rusqlite::named_params! { ":visit": id_blob(visit_id.row()) };
            let photos: Vec<Photo> = select(connection, "WHERE visit_id = :visit ORDER BY taken_at, id", params)?;
            photos.into_iter().map(|photo| views.view(photo)).collect()
        })
    }

    /// The photos that the person who is signed in has to take again, those due first at the top.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn rejected(&self) -> Result<Vec<RetakeView>, ClientError> {
        let (actor, now) = (self.phone.actor()?, self.phone.now().trusted());
        let shown = self.phone.shown();
        self.phone.read(|connection| view::retakes(connection, &shown, actor.user_id, now))
    }

    /// Lays an original, and its stamped copy, out to be looked at where the view of the photo says they are; answers
    /// with the original's place. Where data is encrypted these are plain copies, which go when the core is paused, ended
    /// or opened again.
    ///
    /// # Errors
    /// When its original is not on this phone, or cannot be read or copied.
    pub fn reveal(&self, photo_id: PhotoId) -> Result<PathBuf, ClientError> {
        let (original, stamped) = self.phone.read(|connection| view::large_files(connection, photo_id))?;
        let (original, shown) = (original.ok_or(ClientError::NotFound { what: "original" })?, self.phone.shown());
        if let Some(stamped) = stamped {
            shown.show(&stamped)?;
        }
        Ok(shown.show(&original)?)
    }

    /// Answers a signal on a photo in one's own words; an answer given before is replaced. An answered signal stays
    /// visible and is counted no more.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails. An empty or too long answer, and a signal that is not on the photo,
    /// are problems.
    pub fn answer_signal(&self, photo_id: PhotoId, signal: SignalKind, text: &str) -> Result<Attempt<()>, ClientError> {
        let recorded = self.phone.record(AnswerSignal { photo_id, signal, text: text.to_owned() })?;
        Ok(Attempt::from(recorded).map(|_| ()))
    }

    /// Frees the originals that the server holds for good, and clears what a killed app left half written. Thumbnails
    /// stay.
    ///
    /// # Errors
    /// When the phone's storage fails.
    pub fn janitor(&self) -> Result<SweepReport, ClientError> {
        janitor::sweep(self.phone)
    }
}
