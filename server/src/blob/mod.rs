//! Photo bytes on disk: content-addressed, written once, never changed.

use std::path::{Path, PathBuf};

/// A folder of files named by their SHA-256.
pub struct BlobStore {
    folder: PathBuf,
}

impl BlobStore {
    /// Opens the folder, makes it when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
