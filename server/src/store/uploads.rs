//! Photo bytes on their way, and those that arrived.

use storewalk_domain::{
    ids::{PhotoId, UserId},
    time::Timestamp,
};
use storewalk_wire::Variant;

use crate::store::StoreError;

/// An upload that was begun. How far it has come is the length of its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UploadRecord {
    /// The photo.
    pub photo_id: PhotoId,
    /// The rendering.
    pub variant: Variant,
    /// Who uploads.
    pub user_id: UserId,
    /// Announced length.
    pub size_bytes: u64,
    /// Announced SHA-256; lower-case hex.
    pub sha256: String,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When somebody last went on with it, to about an hour.
    pub touched_at: Timestamp,
    /// When it was given up because nobody went on with it; its bytes are gone.
    pub expired_at: Option<Timestamp>,
    /// What its creation said of it, word for word.
    pub metadata: String,
}

/// Bytes of a photo that the server holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoFile {
    /// The photo.
    pub photo_id: PhotoId,
    /// The rendering.
    pub variant: Variant,
    /// SHA-256; lower-case hex; the name in the blob store.
    pub sha256: String,
    /// Length.
    pub size_bytes: u64,
    /// Media type, told from the bytes.
    pub media_type: String,
    /// When they were verified.
    pub received_at: Timestamp,
}

/// Questions about uploads.
pub trait UploadsRead {
    /// An upload that is not finished.
    fn upload(&self, photo: PhotoId, variant: Variant) -> Result<Option<UploadRecord>, StoreError>;

    /// Uploads that nobody went on with since, given up or not; at most so many, the longest untouched first.
    fn uploads_untouched_since(&self, before: Timestamp, most: usize) -> Result<Vec<UploadRecord>, StoreError>;

    /// Whether any photo's bytes have this hash.
    fn is_hash_held(&self, sha256: &str) -> Result<bool, StoreError>;

    /// The bytes the server holds of a photo.
    fn photo_file(&self, photo: PhotoId, variant: Variant) -> Result<Option<PhotoFile>, StoreError>;
}

/// Changes to uploads.
pub trait UploadsWrite {
    /// Begins an upload, begins it anew, or notes what became of it.
    fn put_upload(&mut self, upload: &UploadRecord) -> Result<(), StoreError>;

    /// Ends an upload, finished or not.
    fn remove_upload(&mut self, photo: PhotoId, variant: Variant) -> Result<(), StoreError>;

    /// Notes that the bytes are held.
    fn put_photo_file(&mut self, file: &PhotoFile) -> Result<(), StoreError>;
}
