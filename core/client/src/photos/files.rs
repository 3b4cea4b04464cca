//! Photo files on the phone's disk: written so that a power cut leaves either the whole file or none.
//!
//! The folder holds `<photo id>-original.<jpg|png>`, `<photo id>-thumbnail.jpg` and `<photo id>-stamped.jpg`, and of photos
//! of other phones `<photo id>-fetched.jpg`. A file
//! whose name starts with `.part-` was being written when the app died; it belongs to nobody. What is in the files may be
//! sealed (`vault/`).

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use storewalk_domain::{ids::PhotoId, photo::MAX_PHOTO_BYTES};
use storewalk_wire::Variant;

/// How unfinished files are called.
pub(crate) const PART_PREFIX: &str = ".part-";

/// A file that says that every photo in the folder is sealed.
pub(crate) const SEALED_MARK: &str = ".sealed";

/// How the files of thumbnails end.
const THUMBNAIL_SUFFIX: &str = "-thumbnail.jpg";

/// What reading a source file brought.
pub(crate) enum Source {
    /// Its bytes.
    Whole(Vec<u8>),
    /// It is larger than is taken.
    TooLarge {
        /// How long it says it is.
        bytes: u64,
    },
    /// There is no file that can be read.
    Unreadable(io::Error),
}

/// Reads a file that a camera wrote; never more than the limit, whatever its length claims.
pub(crate) fn read_source(path: &Path) -> Source {
    read_at_most(path, MAX_PHOTO_BYTES).unwrap_or_else(Source::Unreadable)
}

fn read_at_most(path: &Path, limit: u64) -> io::Result<Source> {
    let file = File::open(path)?;
    let claimed = file.metadata()?.len();
    let mut bytes = Vec::new();
    if claimed <= limit {
        file.take(limit + 1).read_to_end(&mut bytes)?;
    }
    let length = claimed.max(bytes.len() as u64);
    Ok(if length > limit { Source::TooLarge { bytes: length } } else { Source::Whole(bytes) })
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The name of a photo's file.
pub(crate) fn file_name(photo: PhotoId, variant: Variant, extension: &str) -> String {
    format!("{photo}-{}.{extension}", variant.as_str())
}

/// The name of a photo's stamped copy.
pub(crate) fn stamped_name(photo: PhotoId) -> String {
    format!("{photo}-stamped.jpg")
}

/// The name of a small picture that was fetched from the server.
pub(crate) fn fetched_name(photo: PhotoId) -> String {
    format!("{photo}-fetched.jpg")
}

/// Writes a file so that it is there whole, after a power cut too, or not at all.
pub(crate) fn write_durably(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = folder.join(format!("{PART_PREFIX}{name}"));
    let written = write_and_rename(folder, &part, name, bytes);
    if written.is_err() {
        // Whatever is left of it is swept later if this fails too.
        let _ = fs::remove_file(&part);
    }
    written
}

fn write_and_rename(folder: &Path, part: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, folder.join(name))?;
    sync_folder(folder)
}

/// Makes a rename in a folder last through a power cut. Only Unix can, and only Unix needs it.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Bytes of a file from an offset, at most `length`.
pub(crate) fn read_part(path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Removes a file; it may already be gone.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The files of a folder that nobody names, those half written among them, thumbnails before originals.
///
/// A thumbnail without its original is none of them: it may be of a photo that was freed before the database had to be
/// made anew. Clearing a thumbnail before its original keeps that true when the app dies in between.
pub(crate) fn strays(folder: &Path, named: &BTreeSet<String>) -> io::Result<Vec<PathBuf>> {
    let mut unnamed = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !named.contains(&name) && name != SEALED_MARK {
            unnamed.push(name);
        }
    }
    let is_lone_thumbnail = |name: &String| {
        let stem = name.strip_suffix(THUMBNAIL_SUFFIX).filter(|_| !name.starts_with(PART_PREFIX));
        stem.is_some_and(|stem| !unnamed.iter().any(|other| other.starts_with(&format!("{stem}-original."))))
    };
    let mut found: Vec<&String> = unnamed.iter().filter(|name| !is_lone_thumbnail(name)).collect();
    found.sort_by_key(|name| !name.ends_with(THUMBNAIL_SUFFIX));
    Ok(found.into_iter().map(|name| folder.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_in_lower_case_hex() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_file_above_the_limit_is_not_read() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        fs::write(file.path(), b"0123456789").expect("written");
        assert!(matches!(read_at_most(file.path(), 9), Ok(Source::TooLarge { bytes: 10 })));
        assert!(matches!(read_at_most(file.path(), 10), Ok(Source::Whole(bytes)) if bytes.len() == 10));
    }

    #[test]
    fn a_file_is_there_whole_and_leaves_nothing_unfinished() {
        let folder = tempfile::tempdir().expect("temporary folder");
        write_durably(folder.path(), "a.jpg", b"0123456789").expect("written");
        assert_eq!(read_part(&folder.path().join("a.jpg"), 8, 100).expect("read"), b"89");
        let named = BTreeSet::from(["a.jpg".to_owned()]);
        assert!(strays(folder.path(), &named).expect("listed").is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("temporary folder");
        fs::create_dir(folder.path().join("taken")).expect("folder");
        assert!(write_durably(folder.path(), "taken", b"x").is_err());
        let named = BTreeSet::from(["taken".to_owned()]);
        assert!(strays(folder.path(), &named).expect("listed").is_empty());
    }

    #[test]
    fn a_thumbnail_without_its_original_is_no_stray() {
        let folder = tempfile::tempdir().expect("temporary folder");
        for name in ["a-thumbnail.jpg", "b-original.png", "b-thumbnail.jpg", ".part-c-thumbnail.jpg"] {
            fs::write(folder.path().join(name), "x").expect("written");
        }
        let found = strays(folder.path(), &BTreeSet::new()).expect("listed");
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
        assert_eq!(names.last(), Some(&"b-original.png"));
        assert_eq!(
            BTreeSet::from_iter(names),
            BTreeSet::from(["b-original.png", "b-thumbnail.jpg", ".part-c-thumbnail.jpg"])
        );
    }
}
