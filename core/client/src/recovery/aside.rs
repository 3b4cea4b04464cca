//! Moving a damaged database out of the way, with everything that belongs to it, so that a kill at any moment loses
//! nothing.
//!
//! **States.** A note in the folder says how far it is: `moving` (whatever still lies in the phone's folder under the
//! database's names belongs to the damaged one) → `moved` (what lies there now is the new one) → no note (everything was
//! brought back).

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use storewalk_domain::time::Timestamp;

use crate::ClientError;

const NOTE: &str = "unfinished";
const MOVING: &str = "moving";
const MOVED: &str = "moved";
const PREFIX: &str = "damaged-";

/// Moves the file, its log and its index into a folder of their own, under their own names, so that SQLite still reads
/// the log with the file. The mirror is copied beside them. Gives the file's new place.
pub(super) fn move_aside(dir: &Path, name: &str, mirror: &str, now: Timestamp) -> Result<PathBuf, ClientError> {
    let target = fresh_folder(dir, now)?;
    if dir.join(mirror).exists() {
        fs::copy(dir.join(mirror), target.join(mirror))?;
    }
    note(&target, MOVING)?;
    finish_move(dir, name, &target)?;
    Ok(target.join(name))
}

/// A damaged file whose work was not all brought back when the app ended: its move is finished first.
pub(super) fn unfinished(dir: &Path, name: &str) -> Result<Option<PathBuf>, ClientError> {
    let Ok(entries) = fs::read_dir(dir) else { return Ok(None) };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path())
        .filter(|folder| folder.join(NOTE).exists())
        .collect();
    folders.sort();
    let Some(folder) = folders.pop() else { return Ok(None) };
    if fs::read_to_string(folder.join(NOTE))?.trim() != MOVED {
        finish_move(dir, name, &folder)?;
    }
    Ok(Some(folder.join(name)))
}

/// Notes that everything was brought back from a file that was moved aside.
pub(super) fn mark_finished(file: &Path) {
    let Some(folder) = file.parent() else { return };
    if let Err(error) = fs::remove_file(folder.join(NOTE)) {
        tracing::warn!(%error, "a finished recovery keeps its note");
    }
}

/// The log goes first: a database without its log looks whole and is not.
fn finish_move(dir: &Path, name: &str, target: &Path) -> Result<(), ClientError> {
    for suffix in ["-wal", "-shm", ""] {
        let part = format!("{name}{suffix}");
        let from = dir.join(&part);
        if from.exists() {
            fs::rename(from, target.join(part))?;
        }
    }
    Ok(note(target, MOVED)?)
}

fn note(folder: &Path, word: &str) -> io::Result<()> {
    let mut file = File::create(folder.join(NOTE))?;
    file.write_all(word.as_bytes())?;
    file.sync_all()
}

fn fresh_folder(dir: &Path, now: Timestamp) -> Result<PathBuf, ClientError> {
    let mut count = 0_u32;
    loop {
        let candidate = dir.join(format!("{PREFIX}{}-{count}", now.0));
        match fs::create_dir(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count += 1,
            Err(error) => return Err(error.into()),
        }
    }
}
