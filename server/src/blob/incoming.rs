//! Files that are still growing, one for each upload, and beside it the part that has still to prove itself.
//!
//! **Invariants.** A growing file holds the first bytes of its upload and nothing else: a part that came with a checksum
//! is kept apart until it has been held against it, and is added whole or not at all.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use storewalk_domain::ids::PhotoId;
use storewalk_wire::Variant;

/// Ending of a growing file.
const PART: &str = "part";

/// Ending of a part that has still to prove itself.
const UNPROVEN: &str = "unproven";

/// A file found among those that grow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Growing {
    /// Where it is.
    pub path: PathBuf,
    /// The photo.
    pub photo_id: PhotoId,
    /// The rendering.
    pub variant: Variant,
    /// Whether it is a part that has still to prove itself.
    pub is_unproven: bool,
}

/// The folder of growing files.
#[derive(Clone, Debug)]
pub struct Incoming {
    folder: PathBuf,
}

impl Incoming {
    /// Opens the folder, makes it when there is none.
    pub(super) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// Where an upload grows.
    pub fn path(&self, photo: PhotoId, variant: Variant) -> PathBuf {
        self.named(photo, variant, PART)
    }

    /// Where a part waits until it has proved itself.
    pub fn unproven(&self, photo: PhotoId, variant: Variant) -> PathBuf {
        self.named(photo, variant, UNPROVEN)
    }

    fn named(&self, photo: PhotoId, variant: Variant, ending: &str) -> PathBuf {
        self.folder.join(format!("{photo}.{}.{ending}", variant.as_str()))
    }

    /// How many bytes of an upload there are, whether or not the disk has them yet.
    ///
    /// # Errors
    /// When the file cannot be asked.
    pub fn length(&self, photo: PhotoId, variant: Variant) -> io::Result<u64> {
        match fs::metadata(self.path(photo, variant)) {
            Ok(found) => Ok(found.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// How many bytes of an upload are on the disk; asks the disk to keep what it has.
    ///
    /// # Errors
    /// When the file cannot be read or synced.
    pub fn received(&self, photo: PhotoId, variant: Variant) -> io::Result<u64> {
        match File::options().append(true).open(self.path(photo, variant)) {
            Ok(file) => {
                file.sync_data()?;
                // The name, too, must survive a power cut before anybody is told.
                File::open(&self.folder)?.sync_all()?;
                Ok(file.metadata()?.len())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Adds a part that has proved itself, and removes it.
    ///
    /// # Errors
    /// When the disk fails; what was added until then are right bytes in their place.
    pub fn add_proven(&self, photo: PhotoId, variant: Variant) -> io::Result<()> {
        let unproven = self.unproven(photo, variant);
        let mut whole = File::options().create(true).append(true).open(self.path(photo, variant))?;
        io::copy(&mut File::open(&unproven)?, &mut whole)?;
        fs::remove_file(unproven)
    }

    /// Drops what was received of an upload; says whether there was anything.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard(&self, photo: PhotoId, variant: Variant) -> io::Result<bool> {
        self.discard_unproven(photo, variant)?;
        removed(&self.path(photo, variant))
    }

    /// Drops a part that has not proved itself; there may be none.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard_unproven(&self, photo: PhotoId, variant: Variant) -> io::Result<()> {
        removed(&self.unproven(photo, variant)).map(drop)
    }

    /// Every file that grows. Files whose names say nothing are not ours and left alone.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn all(&self) -> io::Result<Vec<Growing>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            found.extend(growing(entry?.path()));
        }
        Ok(found)
    }
}

fn growing(path: PathBuf) -> Option<Growing> {
    let name = path.file_name()?.to_str()?;
    let (stem, ending) = name.rsplit_once('.')?;
    let (photo, variant) = stem.split_once('.')?;
    let is_unproven = match ending {
        PART => false,
        UNPROVEN => true,
        _ => return None,
    };
    let (photo_id, variant) = (photo.parse().ok()?, Variant::from_name(variant)?);
    Some(Growing { path, photo_id, variant, is_unproven })
}

/// Removes a file; says whether there was one.
pub(super) fn removed(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_part_counts_only_once_it_has_proved_itself() {
        let folder = tempfile::tempdir().expect("folder");
        let incoming = Incoming::open(folder.path().to_owned()).expect("opened");
        let (photo, variant) = (PhotoId(Uuid::from_u128(1)), Variant::Original);
        assert_eq!(incoming.received(photo, variant).expect("none yet"), 0);
        fs::write(incoming.path(photo, variant), b"ab").expect("written");
        fs::write(incoming.unproven(photo, variant), b"cd").expect("written");
        assert_eq!(incoming.received(photo, variant).expect("some"), 2);
        incoming.add_proven(photo, variant).expect("added");
        assert_eq!(fs::read(incoming.path(photo, variant)).expect("there"), b"abcd");
        assert!(!incoming.unproven(photo, variant).exists());
        assert!(incoming.discard(photo, variant).expect("dropped"));
        assert!(!incoming.discard(photo, variant).expect("nothing left"));
    }

    #[test]
    fn only_files_of_ours_are_found() {
        let folder = tempfile::tempdir().expect("folder");
        let incoming = Incoming::open(folder.path().to_owned()).expect("opened");
        let (photo, variant) = (PhotoId(Uuid::from_u128(1)), Variant::Thumbnail);
        for path in [incoming.path(photo, variant), incoming.unproven(photo, variant), folder.path().join("note.txt")] {
            fs::write(path, b"").expect("written");
        }
        let mut found = incoming.all().expect("listed");
        found.sort_by_key(|file| file.is_unproven);
        let told = found.iter().map(|file| (file.photo_id, file.variant, file.is_unproven)).collect::<Vec<_>>();
        assert_eq!(told, [(photo, variant, false), (photo, variant, true)]);
    }
}
