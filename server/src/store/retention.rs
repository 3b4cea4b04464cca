//! How long bytes are kept, what holds them, what is left of them, and who was shown them.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    retention::{Hold, RetentionPolicy},
    time::Timestamp,
};
use storewalk_wire::Variant;

use crate::store::StoreError;

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
}

/// How a photo was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewKind {
    /// On its page at the console.
    Page,
    /// The original's file by itself.
    File,
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

    /// Deletions whose bytes may still be there, the oldest first.
    fn unerased(&self, limit: u32) -> Result<Vec<Removal>, StoreError>;

    /// Photos with bytes that were verified before then, by time and id, after a place in that order.
    fn photos_received_before(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, PhotoId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, PhotoId)>, StoreError>;

    /// Whether some photo, or an upload under way, needs these bytes.
    fn needs_bytes(&self, sha256: &str) -> Result<bool, StoreError>;

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

    /// Notes that the bytes of a deletion are gone.
    fn note_erased(&mut self, photo: PhotoId, variant: Variant) -> Result<(), StoreError>;

    /// Notes that somebody was shown a photo, unless the same was noted after `since`; the file of a photo whose page was
    /// noted then is the same.
    fn note_view(&mut self, view: &View, since: Timestamp) -> Result<(), StoreError>;
}
