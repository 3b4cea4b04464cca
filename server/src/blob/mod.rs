//! Photo bytes on disk: content-addressed, written once, never changed.
//!
//! `incoming/` holds files that are still growing, `delivered/` an empty note for each person and hash; the rest is named
//! by its SHA-256, two levels deep. A file enters under its final name only after its bytes are on the disk.

mod incoming;
mod turns;

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use storewalk_domain::ids::{PhotoId, UserId};
use storewalk_wire::Variant;

pub use incoming::{Growing, Incoming};
pub use turns::{Turn, Turns};

/// A folder of files named by their SHA-256.
#[derive(Clone, Debug)]
pub struct BlobStore {
    folder: PathBuf,
    growing: Incoming,
}

impl BlobStore {
    /// Opens the folder, makes it when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.to_owned(), growing: Incoming::open(folder.join("incoming"))? })
    }

    /// The files that are still growing.
    pub fn growing(&self) -> &Incoming {
        &self.growing
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

    /// Takes a whole upload in under its hash; the same bytes may be there already.
    ///
    /// # Errors
    /// When the file cannot be synced or moved.
    pub fn adopt(&self, photo: PhotoId, variant: Variant, sha256: &str) -> io::Result<()> {
        let from = self.incoming(photo, variant);
        let to = self.path_of(sha256).ok_or(io::ErrorKind::InvalidInput)?;
        File::options().append(true).open(&from)?.sync_all()?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
            fs::rename(&from, &to)?;
            // The name, too, must survive a power cut before anybody is told.
            for folder in folder.ancestors().take(3) {
                File::open(folder)?.sync_all()?;
            }
        }
        Ok(())
    }

    /// Notes that a person has delivered the bytes of a hash: outside the database, so that a database put back from a
    /// backup can take them up again.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn note_delivery(&self, user: UserId, sha256: &str) -> io::Result<()> {
        let note = self.delivery(user, sha256).ok_or(io::ErrorKind::InvalidInput)?;
        if let Some(folder) = note.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(note, b"")
    }

    /// Whether a person has delivered the bytes of a hash and they are still here, whole. A hash alone is no right: who
    /// only knows it has never delivered them.
    ///
    /// # Errors
    /// When the bytes cannot be read.
    pub fn has_delivered(&self, user: UserId, sha256: &str, size_bytes: u64) -> io::Result<bool> {
        let (Some(note), Some(path)) = (self.delivery(user, sha256), self.path_of(sha256)) else { return Ok(false) };
        let is_there = note.is_file() && fs::metadata(&path).is_ok_and(|found| found.len() == size_bytes);
        Ok(is_there && hash_file(&path)? == sha256)
    }

    /// Removes the bytes of a hash and the note that a person has delivered them; says whether there were any. Only for
    /// bytes that no photo has.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn forget(&self, user: UserId, sha256: &str) -> io::Result<bool> {
        if let Some(note) = self.delivery(user, sha256) {
            incoming::removed(&note)?;
        }
        self.path_of(sha256).map_or(Ok(false), |path| incoming::removed(&path))
    }

    fn delivery(&self, user: UserId, sha256: &str) -> Option<PathBuf> {
        is_sha256(sha256).then(|| self.folder.join("delivered").join(user.to_string()).join(sha256))
    }

    /// Where the bytes of a hash are; `None` when the text is no SHA-256.
    pub fn path_of(&self, sha256: &str) -> Option<PathBuf> {
        is_sha256(sha256).then(|| self.folder.join(&sha256[..2]).join(&sha256[2..4]).join(sha256))
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

    #[test]
    fn bytes_are_found_again_by_their_hash() {
        let folder = tempfile::tempdir().expect("folder");
        let blobs = BlobStore::open(folder.path()).expect("blobs");
        let photo = PhotoId(Uuid::from_u128(1));
        assert_eq!(blobs.received(photo, Variant::Original).expect("none yet"), 0);
        fs::write(blobs.incoming(photo, Variant::Original), b"abc").expect("written");
        assert_eq!(blobs.received(photo, Variant::Original).expect("some"), 3);
        let hash = hash_file(&blobs.incoming(photo, Variant::Original)).expect("hash");
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        blobs.adopt(photo, Variant::Original, &hash).expect("adopted");
        assert_eq!(fs::read(blobs.path_of(&hash).expect("a path")).expect("there"), b"abc");
        assert_eq!(blobs.received(photo, Variant::Original).expect("moved"), 0);
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
