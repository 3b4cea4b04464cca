//! One opening of a folder at a time.
//!
//! Two cores on one database would each keep a queue of their own. The second opening is refused, within this process by a
//! list and between processes, where the system has locks on files, by one of these; a lock goes with its process.

use std::{
    collections::BTreeSet,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use storewalk_client::ClientError;

use crate::CoreError;

/// The file that is locked.
const LOCK: &str = "storewalk.lock";

static OPENED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The right to a folder; given back when dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    folder: PathBuf,
    _lock: File,
}

impl Lease {
    /// Takes the folder, making it when there is none.
    ///
    /// # Errors
    /// `already_open` when somebody has it; otherwise when it cannot be used.
    pub(crate) fn take(folder: &Path) -> Result<Self, CoreError> {
        std::fs::create_dir_all(folder).map_err(ClientError::File)?;
        let folder = folder.canonicalize().map_err(ClientError::File)?;
        let is_first = OPENED.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.clone());
        if !is_first {
            return Err(CoreError::storage("already_open"));
        }
        match locked(&folder) {
            Ok(lock) => Ok(Self { folder, _lock: lock }),
            Err(error) => {
                forget(&folder);
                Err(error)
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        forget(&self.folder);
    }
}

fn forget(folder: &Path) {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
}

fn locked(folder: &Path) -> Result<File, CoreError> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK));
    let file = file.map_err(ClientError::File)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(CoreError::storage("already_open")),
        // Not every system has locks on files; the list above still holds.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}
