//! Segment files on disk: named by their BLAKE3, written once, looked over before they are sent.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// What is added to the name of a file that is still being written.
const GROWING: &str = "part";

/// A folder of segments.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// What is found under a name.
#[derive(Debug)]
pub enum Opened {
    /// The file, whole, at its beginning.
    Sound(File),
    /// Nothing.
    Absent,
    /// Other bytes than the name says.
    Damaged,
}

impl Folder {
    /// Opens the folder, makes it when there is none.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// Keeps bytes under their name: on the disk, and only then under it. Sound bytes that are there already stay.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if matches!(self.look_up(name)?, Opened::Sound(_)) {
            return Ok(());
        }
        let growing = self.path(name).with_extension(GROWING);
        let mut file = File::create(&growing)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&growing, self.path(name))?;
        // The name, too, must survive a power cut before a manifest names it.
        File::open(&self.0)?.sync_all()
    }

    /// The file of a name, looked over whole. The name must be one of a manifest: 64 hexadecimal digits.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn look_up(&self, name: &str) -> io::Result<Opened> {
        let mut file = match File::open(self.path(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Opened::Absent),
            Err(error) => return Err(error),
        };
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
        }
        if hasher.finalize().to_hex().as_str() != name {
            return Ok(Opened::Damaged);
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(Opened::Sound(file))
    }

    /// Removes every file but those named; says how many.
    pub(super) fn keep_only(&self, named: &BTreeSet<String>) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let is_named = entry.file_name().to_str().is_some_and(|name| named.contains(name));
            if !is_named && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

#[cfg(test)]
mod tests {
    use storewalk_wire::segment_name;

    use super::*;

    #[test]
    fn bytes_are_kept_under_their_name_and_damage_is_seen() {
        let folder = tempfile::tempdir().expect("folder");
        let files = Folder::open(folder.path()).expect("opened");
        let (bytes, name) = (b"rows".as_slice(), segment_name(b"rows"));
        assert!(matches!(files.look_up(&name).expect("looked"), Opened::Absent));
        files.put(&name, bytes).expect("kept");
        let Opened::Sound(mut file) = files.look_up(&name).expect("looked") else { panic!("sound") };
        let mut read = Vec::new();
        file.read_to_end(&mut read).expect("read");
        assert_eq!(read, bytes);
        fs::write(folder.path().join(&name), b"r0ws").expect("spoilt");
        assert!(matches!(files.look_up(&name).expect("looked"), Opened::Damaged));
        files.put(&name, bytes).expect("kept again");
        assert!(matches!(files.look_up(&name).expect("looked"), Opened::Sound(_)));
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing half written is left");
    }

    #[test]
    fn what_nobody_names_is_removed() {
        let folder = tempfile::tempdir().expect("folder");
        let files = Folder::open(folder.path()).expect("opened");
        let (kept, gone) = (segment_name(b"1"), segment_name(b"2"));
        files.put(&kept, b"1").expect("kept");
        files.put(&gone, b"2").expect("kept");
        fs::write(folder.path().join("half.part"), b"x").expect("left over");
        assert_eq!(files.keep_only(&BTreeSet::from([kept.clone()])).expect("tidied"), 2);
        assert!(matches!(files.look_up(&kept).expect("looked"), Opened::Sound(_)));
        assert!(matches!(files.look_up(&gone).expect("looked"), Opened::Absent));
    }
}
