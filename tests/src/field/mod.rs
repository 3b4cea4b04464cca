//! A server and phones in the demo world, for tests from end to end: real phone cores, real HTTP, real files.
//!
//! The server runs in the test's own process here; as a process of its own it is [`crate::figures::served::Served`].

mod handset;
mod house;
mod load;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicI64, Ordering},
};

pub use handset::Handset;
pub use house::House;
pub use load::{load_with, load_world};
use storewalk_domain::time::{Clock, Timestamp};

/// One clock for everybody, moved by hand.
#[derive(Debug)]
pub struct DayClock(AtomicI64);

impl DayClock {
    /// A clock that stands at a moment of the demo's calendar (`2025-03-14T08:00`).
    pub fn at(local: &str) -> Self {
        Self(AtomicI64::new(crate::world::at(local).0))
    }

    /// Time passes, in milliseconds.
    pub fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for DayClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.now().0
    }

    fn boot_id(&self) -> String {
        "test".to_owned()
    }
}

/// The shelf photos of the repository, by name.
///
/// # Errors
/// When they are not there.
pub fn pictures() -> std::io::Result<Vec<PathBuf>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/photos/shelf");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|name| name == "jpg") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// When it cannot be read or written.
pub fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
