//! Plain copies for a while: of pictures that are being looked at, and of photo files that the platform sends.
//!
//! **States.** A picture's copy is made when it is asked for and goes at the next opening, pause or end. A copy for the
//! platform is made when a file is handed out and goes when the transfer has ended or the server holds the file, and at
//! an opening at which it is older than a platform may keep a file for. What a kill left half made goes at the next
//! opening.
//!
//! **Non-goals.** A plain folder has no copies: its files are shown and sent as they lie.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use storewalk_domain::time::{HOUR_MS, Timestamp};

use super::Vault;
use crate::photos::{PART_PREFIX, remove_file};

const SHOWN: &str = "shown";
const OUTGOING: &str = "outgoing";

/// How long the platform has for a file that was handed out.
const OUTGOING_MS: i64 = HOUR_MS;

/// The plain copies of a phone's photos.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    dir: PathBuf,
    vault: Vault,
}

impl Shown {
    /// The copies in the folder of a phone.
    pub(crate) fn of(dir: &Path, vault: &Vault) -> Self {
        Self { dir: dir.to_owned(), vault: vault.clone() }
    }

    /// Where a picture lies for whoever looks at it, if it was asked for.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        if self.vault.is_sealed() { self.dir.join(SHOWN).join(name) } else { self.kept(name) }
    }

    /// Puts a picture where it can be looked at.
    ///
    /// # Errors
    /// When it is not on the phone, or cannot be read or written.
    pub(crate) fn show(&self, name: &str) -> io::Result<PathBuf> {
        let place = self.place(name);
        if self.vault.is_sealed() && !place.exists() {
            self.copy(name, SHOWN, &place)?;
        }
        Ok(place)
    }

    /// Puts a file where the platform can send it from.
    ///
    /// # Errors
    /// When it is not on the phone, or cannot be read or written.
    pub(crate) fn hand_out(&self, name: &str) -> io::Result<PathBuf> {
        if !self.vault.is_sealed() {
            return Ok(self.kept(name));
        }
        let place = self.dir.join(OUTGOING).join(name);
        self.copy(name, OUTGOING, &place)?;
        Ok(place)
    }

    /// Takes back what was handed out of a file.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn take_back(&self, name: &str) -> io::Result<()> {
        remove_file(&self.dir.join(OUTGOING).join(name))
    }

    /// Whether a file is on this phone.
    pub(crate) fn is_kept(&self, name: &str) -> bool {
        self.kept(name).is_file()
    }

    /// Removes the plain copy of a picture that goes from this phone.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        remove_file(&self.dir.join(SHOWN).join(name))
    }

    /// Where a photo lies as it is kept.
    fn kept(&self, name: &str) -> PathBuf {
        self.dir.join("photos").join(name)
    }

    /// Renamed into place: whoever looks never sees half a picture.
    fn copy(&self, name: &str, folder: &str, place: &Path) -> io::Result<()> {
        let bytes = self.vault.read(&self.kept(name))?;
        fs::create_dir_all(self.dir.join(folder))?;
        let part = self.dir.join(folder).join(format!("{PART_PREFIX}{name}"));
        fs::write(&part, bytes)?;
        fs::rename(part, place)
    }
}

/// Removes the copies that were looked at, and those handed out that have had their time.
pub(crate) fn clear_shown(dir: &Path, now: Timestamp) {
    remove_folder(&dir.join(SHOWN));
    for entry in fs::read_dir(dir.join(OUTGOING)).into_iter().flatten().flatten() {
        let made = entry.metadata().and_then(|file| file.modified()).ok();
        let age_ms = made.and_then(|made| made.duration_since(UNIX_EPOCH).ok()).and_then(|made| {
            let made_ms = i64::try_from(made.as_millis()).ok()?;
            now.0.checked_sub(made_ms)
        });
        // One of a time to come was made before the clock was set back.
        let is_current = !is_half_made(&entry) && age_ms.is_some_and(|age_ms| (0..OUTGOING_MS).contains(&age_ms));
        if !is_current && let Err(error) = remove_file(&entry.path()) {
            tracing::warn!(%error, "a plain copy of a photo was left behind");
        }
    }
}

/// Whether a copy was being made when the app died. One that is being made while the core is paused fails, as everything
/// does then.
fn is_half_made(entry: &fs::DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with(PART_PREFIX)
}

/// Removes every copy: for another person.
pub(crate) fn clear_copies(dir: &Path) {
    remove_folder(&dir.join(SHOWN));
    remove_folder(&dir.join(OUTGOING));
}

fn remove_folder(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "plain copies of photos were left behind");
    }
}
