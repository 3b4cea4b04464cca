//! What people said about people in photos.

use storewalk_domain::{ids::PhotoId, photo::Cover};

use crate::store::StoreError;

/// Questions about it.
pub trait CoversRead {
    /// Every version of what was said about a photo, the latest first; empty while nobody has looked.
    ///
    /// # Errors
    /// When the database fails.
    fn covers(&self, photo: PhotoId) -> Result<Vec<Cover>, StoreError>;

    /// What counts; `None` while nobody has looked.
    ///
    /// # Errors
    /// When the database fails.
    fn cover(&self, photo: PhotoId) -> Result<Option<Cover>, StoreError>;
}

/// Changes of it.
pub trait CoversWrite {
    /// Notes a version.
    ///
    /// # Errors
    /// When the database fails or has that version of the photo.
    fn put_cover(&mut self, cover: &Cover) -> Result<(), StoreError>;
}
