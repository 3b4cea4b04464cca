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

    /// The bytes the server holds of a photo.
    fn photo_file(&self, photo: PhotoId, variant: Variant) -> Result<Option<PhotoFile>, StoreError>;
}

/// Changes to uploads.
pub trait UploadsWrite {
    /// Begins an upload, or begins it anew.
    fn put_upload(&mut self, upload: &UploadRecord) -> Result<(), StoreError>;

    /// Ends an upload, finished or not.
    fn remove_upload(&mut self, photo: PhotoId, variant: Variant) -> Result<(), StoreError>;

    /// Notes that the bytes are held.
    fn put_photo_file(&mut self, file: &PhotoFile) -> Result<(), StoreError>;
}
