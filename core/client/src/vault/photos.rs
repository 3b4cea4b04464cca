//! Sealing the photos of an earlier release, file by file.
//!
//! **Invariants.** A photo's sealed file is whole on the disk before it takes the plain one's name. When all are sealed a
//! mark in the folder says so, and travels with it: a folder that was parked before there was a key has none.

use std::{fs, io, path::Path};

use super::{Vault, boundary, sealed};
use crate::photos::{PART_PREFIX, SEALED_MARK, remove_file, write_durably};

/// Seals what is plain in a folder of photos.
///
/// # Errors
/// When a file cannot be read or written; what was sealed so far stays sealed.
pub(crate) fn seal_photos(folder: &Path, vault: &Vault) -> io::Result<()> {
    if !vault.is_sealed() || folder.join(SEALED_MARK).exists() || !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(PART_PREFIX) {
            // Half a photo of a start that was killed; it belongs to nobody.
            remove_file(&entry.path())?;
        } else if !sealed::is_sealed(&mut fs::File::open(entry.path())?)? {
            boundary("a photo is about to be sealed");
            vault.write(folder, &name, &fs::read(entry.path())?)?;
        }
    }
    boundary("every photo is sealed");
    write_durably(folder, SEALED_MARK, b"")
}
