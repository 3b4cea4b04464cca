//! Moving a damaged database out of the way, with everything that belongs to it.

use std::path::{Path, PathBuf};

use storewalk_domain::time::Timestamp;

use crate::ClientError;

/// Moves the file, its log and its index into a folder of their own, under their own names, so that SQLite still reads
/// the log with the file. The mirror is copied beside them. Gives the file's new place.
pub(super) fn move_aside(dir: &Path, name: &str, mirror: &str, now: Timestamp) -> Result<PathBuf, ClientError> {
    let target = fresh_folder(dir, now)?;
    if dir.join(mirror).exists() {
        std::fs::copy(dir.join(mirror), target.join(mirror))?;
    }
    for suffix in ["", "-wal", "-shm"] {
        let part = format!("{name}{suffix}");
        let from = dir.join(&part);
        if from.exists() {
            std::fs::rename(from, target.join(part))?;
        }
    }
    Ok(target.join(name))
}

fn fresh_folder(dir: &Path, now: Timestamp) -> Result<PathBuf, ClientError> {
    let mut count = 0_u32;
    loop {
        let candidate = dir.join(format!("damaged-{}-{count}", now.0));
        match std::fs::create_dir(&candidate) {
            Ok(()) => return Ok(candidate),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => count += 1,
            Err(error) => return Err(error.into()),
        }
    }
}
