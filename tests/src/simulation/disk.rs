//! What a process that is killed leaves on disk: its files as they are, not as an orderly end would make them, and what
//! failing disks make of them.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::rng::Rng;

/// What becomes of a phone's files when it is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Harm {
    /// Nothing.
    None,
    /// The end of the queue's copy is missing.
    MirrorCut(u64),
    /// The end of the database's log is missing: commits that the disk had promised.
    LogCut(u64),
    /// The end of the database is missing.
    FileCut(u64),
    /// So many bits of the database have turned over.
    Rot(u64),
    /// The database is gone.
    FileLost,
}

/// The files of a database and what lies beside it, at one moment.
#[derive(Clone, PartialEq, Eq)]
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

    /// Does harm.
    pub fn harm(&mut self, harm: Harm, rng: &mut Rng) {
        let bytes = |count: u64| usize::try_from(count).unwrap_or(0);
        match harm {
            Harm::None => {}
            Harm::MirrorCut(count) => self.cut("outbox.mirror", bytes(count)),
            Harm::LogCut(count) => self.cut("storewalk.sqlite-wal", bytes(count)),
            Harm::FileCut(count) => self.cut("storewalk.sqlite", bytes(count)),
            Harm::Rot(bits) => self.rot("storewalk.sqlite", rng, bits),
            Harm::FileLost => {
                self.lose("storewalk.sqlite");
                self.lose("storewalk.sqlite-wal");
            }
        }
    }

    /// Ends the writing that led from `before` to this somewhere on the way, as a disk does that had not yet been made
    /// to keep it. Says how many bytes of the log are lost; `None` when the log was begun anew meanwhile.
    pub fn tear(&mut self, before: &Self, rng: &mut Rng) -> Option<usize> {
        let is_same = before.find("storewalk.sqlite") == self.find("storewalk.sqlite");
        let earlier = before.find("storewalk.sqlite-wal").map_or(0, Vec::len);
        let log = self.bytes_of("storewalk.sqlite-wal").filter(|_| is_same)?;
        let written = log.len().checked_sub(earlier).filter(|written| *written > 0)?;
        let lost = rng.index(written + 1);
        log.truncate(log.len() - lost);
        if lost > 0 {
            // What comes after the commit in the program was not begun.
            let copy = before.find("outbox.mirror").cloned();
            if let (Some(mirror), Some(copy)) = (self.bytes_of("outbox.mirror"), copy) {
                *mirror = copy;
            }
        }
        Some(lost)
    }

    /// Cuts the end of a file off.
    pub fn cut(&mut self, name: &str, bytes: usize) {
        if let Some(content) = self.bytes_of(name) {
            content.truncate(content.len().saturating_sub(bytes));
        }
    }

    fn rot(&mut self, name: &str, rng: &mut Rng, bits: u64) {
        if let Some(content) = self.bytes_of(name).filter(|content| !content.is_empty()) {
            for _ in 0..bits {
                let place = rng.index(content.len());
                content[place] ^= 1 << rng.below(8);
            }
        }
    }

    fn lose(&mut self, name: &str) {
        for (_, bytes) in self.files.iter_mut().filter(|(path, _)| is_called(path, name)) {
            *bytes = None;
        }
    }

    fn bytes_of(&mut self, name: &str) -> Option<&mut Vec<u8>> {
        self.files.iter_mut().find(|(path, _)| is_called(path, name)).and_then(|(_, bytes)| bytes.as_mut())
    }

    fn find(&self, name: &str) -> Option<&Vec<u8>> {
        self.files.iter().find(|(path, _)| is_called(path, name)).and_then(|(_, bytes)| bytes.as_ref())
    }
}

fn is_called(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|found| found == name)
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
