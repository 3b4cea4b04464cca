//! How long bytes are kept, what holds them, what is left of them, and who was shown them.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    retention::{Hold, RetentionPolicy},
    time::Timestamp,
};
use storewalk_wire::Variant;

use crate::store::StoreError;

/// How far the erasing of deleted bytes has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Erasure {
    /// The bytes may still be there.
    Waiting,
    /// They were gone at that instant.
    Gone(Timestamp),
    /// Another photo had the same bytes at that instant: they stay for it, and go with it.
    Shared(Timestamp),
}

/// What is left of bytes that were deleted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removal {
    /// The photo.
    pub photo_id: PhotoId,
    /// The rendering.
    pub variant: Variant,
    /// SHA-256 of the bytes; lower-case hex.
    pub sha256: String,
    /// Their length.
    pub size_bytes: u64,
    /// When they had been verified.
    pub received_at: Timestamp,
    /// When they were deleted.
    pub removed_at: Timestamp,
    /// The class whose days had run out.
    pub class: String,
    /// The version of the policy.
    pub policy_version: u32,
    /// What became of the bytes; always waiting in a deletion that is being noted.
    pub erasure: Erasure,
}

/// How a photo was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewKind {
    /// On its page at the console.
    Page,
    /// The original's file by itself.
    File,
    /// The original's file, for a page of the console that has not shown it yet and may never.
    FileAhead,
    /// Handed out as the camera wrote it.
    Exported,
    /// Handed out as a copy in which people are covered.
    ExportedCovered,
    /// Shown as the covered copy that would be handed out.
    CoveredCopy,
}

/// That somebody was shown a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View {
    /// The photo.
    pub photo_id: PhotoId,
    /// Who.
    pub user_id: UserId,
    /// How.
    pub kind: ViewKind,
    /// When.
    pub at: Timestamp,
}

/// Questions about retention.
pub trait RetentionRead {
    /// Every version of the policy that was decided, the latest first; empty while the usual one counts.
    fn policies(&self) -> Result<Vec<RetentionPolicy>, StoreError>;

    /// The holds of a photo, the latest first.
    fn holds(&self, photo: PhotoId) -> Result<Vec<Hold>, StoreError>;

    /// Every hold that binds, the oldest first.
    fn binding_holds(&self, limit: u32) -> Result<Vec<Hold>, StoreError>;

    /// What is left of a photo's deleted bytes.
    fn removal(&self, photo: PhotoId, variant: Variant) -> Result<Option<Removal>, StoreError>;

    /// Deletions whose bytes may still be there and were not tried in vain at this instant: those that were never tried in
    /// vain first, then those whose turn was longest ago.
    fn unerased(&self, pass: Timestamp, limit: u32) -> Result<Vec<Removal>, StoreError>;

    /// Photos with bytes that were verified before then, by time and id, after a place in that order.
    fn photos_received_before(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, PhotoId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, PhotoId)>, StoreError>;

    /// Who was shown a photo, the latest first.
    fn views(&self, photo: PhotoId, limit: u32) -> Result<Vec<View>, StoreError>;
}

/// Changes of retention.
pub trait RetentionWrite {
    /// Notes a version of the policy.
    fn put_policy(&mut self, policy: &RetentionPolicy) -> Result<(), StoreError>;

    /// Sets a hold, or notes that the one that binds was lifted.
    fn put_hold(&mut self, hold: &Hold) -> Result<(), StoreError>;

    /// Lets go of a rendering's bytes and notes what is left of them.
    fn remove_photo_file(&mut self, removal: &Removal) -> Result<(), StoreError>;

    /// Notes of every deletion of these bytes, shared ones included, that they are gone.
    fn note_gone(&mut self, sha256: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Notes of every deletion of these bytes that waits that another photo has them.
    fn note_shared(&mut self, sha256: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Notes that erasing these bytes was tried in vain.
    fn note_not_erased(&mut self, sha256: &str, pass: Timestamp) -> Result<(), StoreError>;

    /// Notes that somebody was shown a photo, unless the same was noted after `since`; the file of a photo whose page was
    /// noted then is the same. What is shown after it was fetched ahead is not.
    fn note_view(&mut self, view: &View, since: Timestamp) -> Result<(), StoreError>;
}
