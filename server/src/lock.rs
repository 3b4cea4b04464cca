//! One server to a data folder.
//!
//! **Purpose.** Whose turn it is at an upload, which bytes a photo's name holds and what pokes a phone are known to one
//! process. A second one that serves the same folder would not know, so it does not start. The system takes the lock back
//! when a process ends, however it ends.
//!
//! **Non-goals.** Commands beside the server (`create-account`, `import`, `doctor`) go through the database, which takes
//! turns by itself, and need no lock.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use crate::error::StartError;

/// Name of the file that is locked; there is nothing in it.
const NAME: &str = "server.lock";

/// The right to serve a data folder, for as long as it lives.
#[derive(Debug)]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "holds the lock")] Option<File>);

impl FolderLock {
    /// Takes the right to serve a folder, and makes the folder when there is none. A file system that knows no locks is
    /// served without one, and that is logged.
    ///
    /// # Errors
    /// When another server serves the folder, or the folder cannot be used.
    pub(crate) fn take(folder: &Path) -> Result<Self, StartError> {
        let unusable = |source| StartError::Folder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let file =
            File::options().create(true).truncate(false).write(true).open(folder.join(NAME)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(error = %error, "the data folder cannot be locked: make sure that one server alone uses it");
                Ok(Self(None))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_that_the_folder_is_in_use() {
        let folder = tempfile::tempdir().expect("folder");
        let data = folder.path().join("data");
        let first = FolderLock::take(&data).expect("nobody serves it");
        let second = FolderLock::take(&data).expect_err("somebody serves it");
        assert!(matches!(&second, StartError::InUse { path } if *path == data), "{second}");
        drop(first);
        FolderLock::take(&data).expect("free again");
    }
}
