//! Photo bytes: growing in a folder of this server, then on the shelf, named by their hash.
//!
//! `incoming/` of the data folder holds files that are still growing, wherever the finished ones lie. In the data folder
//! the shelf is beside it: files named by their SHA-256, two levels deep, and `delivered/` with an empty note for each
//! person and hash. In a bucket the names are the same.

mod bucket;
#[cfg(test)]
mod conformance;
mod grip;
mod incoming;
#[cfg(all(test, feature = "real-bucket"))]
pub(crate) mod real_bucket;
mod shelf;
mod turns;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use grip::Grips;
use sha2::{Digest, Sha256};
use storewalk_domain::ids::{PhotoId, UserId};
use storewalk_wire::Variant;

pub use grip::Grip;
pub use incoming::{Growing, Incoming};
pub use shelf::{Opened, Shelf};
pub use turns::{Arrival, Turn, Turns};

use crate::{config::S3Section, error::StartError};

/// Growing and finished photos.
#[derive(Clone, Debug)]
pub struct BlobStore {
    growing: Incoming,
    shelf: Shelf,
    grips: Arc<Grips>,
}

impl BlobStore {
    /// Opens a folder for both, makes it when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let growing = Incoming::open(folder.join("incoming"))?;
        Ok(Self { growing, shelf: Shelf::folder(folder)?, grips: Arc::default() })
    }

    /// The same with finished photos in a bucket, where the settings name one.
    ///
    /// # Errors
    /// When the folder cannot be made, or the settings contradict themselves.
    pub fn open_with(folder: &Path, bucket: &S3Section) -> Result<Self, StartError> {
        let unusable = |source| StartError::Folder { path: folder.to_owned(), source };
        let local = Self::open(folder).map_err(unusable)?;
        if bucket.bucket.is_empty() { Ok(local) } else { Ok(local.on(bucket::open(bucket)?)) }
    }

    /// The same with finished photos on another shelf.
    #[must_use]
    pub fn on(self, finished: Shelf) -> Self {
        Self { shelf: finished, ..self }
    }

    /// The files that are still growing.
    pub fn growing(&self) -> &Incoming {
        &self.growing
    }

    /// The finished photos.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Where an upload grows.
    pub fn incoming(&self, photo: PhotoId, variant: Variant) -> PathBuf {
        self.growing.path(photo, variant)
    }

    /// How many bytes of an upload are on the disk; asks the disk to keep what it has.
    ///
    /// # Errors
    /// When the file cannot be read or synced.
    pub fn received(&self, photo: PhotoId, variant: Variant) -> io::Result<u64> {
        self.growing.received(photo, variant)
    }

    /// Takes a hash in hand: until the grip is dropped, nobody else brings or removes its bytes. Whoever brings them keeps
    /// it until the database knows of them; whoever removes them has asked with it in hand whether they are needed.
    pub async fn grip(&self, sha256: &str) -> Grip {
        self.grips.take(sha256).await
    }

    /// How many have a hash in hand or wait for it.
    #[cfg(test)]
    pub(crate) fn hands(&self, sha256: &str) -> usize {
        self.grips.hands(sha256)
    }

    /// Takes a whole upload in under its hash, delivered by a person; the same bytes may be there already. The note of the
    /// delivery is kept outside the database, so that one put back from a backup can take them up again.
    ///
    /// # Errors
    /// When the disk or the store fails; the upload still stands then.
    pub async fn adopt(&self, grip: &Grip, photo: PhotoId, variant: Variant, user: UserId) -> io::Result<()> {
        self.shelf.adopt(self.incoming(photo, variant), grip.sha256()).await?;
        self.shelf.note(user, grip.sha256()).await
    }

    /// Whether a person has delivered the bytes of a hash and they are still here, whole. A hash alone is no right: who
    /// only knows it has never delivered them.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub async fn has_delivered(&self, grip: &Grip, user: UserId, size_bytes: u64) -> io::Result<bool> {
        let sha256 = grip.sha256();
        Ok(self.shelf.is_noted(user, sha256).await? && self.shelf.is_whole(sha256, size_bytes).await?)
    }

    /// Removes the bytes of a hash and the note that a person has delivered them; says whether there were any. Only for
    /// bytes that no photo has.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub async fn forget(&self, grip: &Grip, user: UserId) -> io::Result<bool> {
        self.shelf.forget_note(user, grip.sha256()).await?;
        self.shelf.remove(grip.sha256()).await
    }

    /// Where in the folder the bytes of a hash are; `None` when the text is no SHA-256 or they do not lie in a folder.
    pub fn path_of(&self, sha256: &str) -> Option<PathBuf> {
        let folder = self.shelf.as_folder()?;
        is_sha256(sha256).then(|| folder.join(&sha256[..2]).join(&sha256[2..4]).join(sha256))
    }
}

/// Whether a text is a SHA-256 in lower-case hex.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The SHA-256 of a file in lower-case hex.
///
/// # Errors
/// When the file cannot be read.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(crate::auth::hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..count]);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn bytes_are_found_again_by_their_hash() {
        let folder = tempfile::tempdir().expect("folder");
        let blobs = BlobStore::open(folder.path()).expect("blobs");
        let (photo, user) = (PhotoId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        assert_eq!(blobs.received(photo, Variant::Original).expect("none yet"), 0);
        std::fs::write(blobs.incoming(photo, Variant::Original), b"abc").expect("written");
        assert_eq!(blobs.received(photo, Variant::Original).expect("some"), 3);
        let hash = hash_file(&blobs.incoming(photo, Variant::Original)).expect("hash");
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let grip = blobs.grip(&hash).await;
        blobs.adopt(&grip, photo, Variant::Original, user).await.expect("adopted");
        assert_eq!(std::fs::read(blobs.path_of(&hash).expect("a path")).expect("there"), b"abc");
        assert_eq!(blobs.received(photo, Variant::Original).expect("moved"), 0);
        assert!(blobs.has_delivered(&grip, user, 3).await.expect("asked"));
        assert!(blobs.forget(&grip, user).await.expect("removed"));
        assert!(!blobs.has_delivered(&grip, user, 3).await.expect("asked"));
    }

    #[test]
    fn a_name_that_is_no_hash_leads_nowhere() {
        let folder = tempfile::tempdir().expect("folder");
        let blobs = BlobStore::open(folder.path()).expect("blobs");
        for name in ["", "..", "../../etc/passwd", &"A".repeat(64), &"é".repeat(32)] {
            assert_eq!(blobs.path_of(name), None, "{name}");
        }
    }
}
