//! What a process that is killed leaves on disk: its files as they are, not as an orderly end would make them.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The files of a database and what lies beside it, at one moment.
pub struct Kept {
    /// Path, and the bytes it had; `None` when there was no such file.
    files: Vec<(PathBuf, Option<Vec<u8>>)>,
}

impl Kept {
    /// The files of these names in a folder, each with the log and the index SQLite may have beside it.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn of(folder: &Path, names: &[&str]) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for name in names {
            for suffix in ["", "-wal", "-shm"] {
                let path = with_suffix(&folder.join(name), suffix);
                // The index is rebuilt from the log; after a power cut it is gone.
                let bytes = if suffix == "-shm" { None } else { read(&path)? };
                files.push((path, bytes));
            }
        }
        Ok(Self { files })
    }

    /// Makes the files what they were.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn put_back(self) -> anyhow::Result<()> {
        for (path, bytes) in self.files {
            match bytes {
                Some(bytes) => std::fs::write(path, bytes)?,
                None => remove(&path)?,
            }
        }
        Ok(())
    }

    /// The bytes of a file, to be changed as a failing disk would.
    pub fn bytes_of(&mut self, ending: &str) -> Option<&mut Vec<u8>> {
        let found = self.files.iter_mut().find(|(path, _)| path.to_string_lossy().ends_with(ending));
        found.and_then(|(_, bytes)| bytes.as_mut())
    }
}

fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}
