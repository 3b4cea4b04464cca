//! Data whose key is gone for good: set aside, never deleted, and a way to begin anew.
//!
//! **States.** Unreadable files in the phone's folder → all moved into `unreadable-<when>-<count>/`, the files of keys
//! copied along should the key turn up → a fresh folder that knows how many keys there were. The files of keys change
//! last: a kill before leaves a folder that still asks for the lost key, and setting aside goes on from there.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use storewalk_domain::time::Timestamp;

use super::{HostKey, KeyFault, SEALED_LINE, Vault, boundary, key_file};
use crate::{ClientError, photos::sync_folder};

/// What was set aside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetAside {
    /// Where it lies now.
    pub folder: PathBuf,
    /// Commands that were not yet sent, at most: the outbox's mirror tells their number without telling what they are.
    pub commands: u64,
    /// Photos whose bytes the server may not hold, at most.
    pub photos: u64,
}

/// Whether a folder without keys holds data under some: the mirror, which is written at every opening, says so.
pub(super) fn looks_sealed(dir: &Path) -> bool {
    fs::read(dir.join("outbox.mirror")).is_ok_and(|text| text.starts_with(SEALED_LINE))
}

/// Sets aside data that cannot be read any more, for the phone to begin anew with what the server has. `key` is what the
/// host can still give; nothing when it has lost the key.
///
/// # Errors
/// [`KeyFault::Fits`] when the data can be read: with the key, or because it is not sealed at all. Otherwise when files
/// cannot be moved; the next attempt goes on from there.
pub fn set_unreadable_aside(dir: &Path, key: Option<&HostKey>, now: Timestamp) -> Result<SetAside, ClientError> {
    let file = match key_file::KeyFile::read(dir) {
        Ok(None) if looks_sealed(dir) => None,
        Ok(None) => return Err(KeyFault::Fits.into()),
        Ok(Some(file)) => Some(file),
        Err(ClientError::Key(KeyFault::Lost)) => None,
        Err(error) => return Err(error),
    };
    if file.as_ref().is_some_and(|file| file.sealed.is_none() || key.is_some_and(|key| file.open(key).is_ok())) {
        return Err(KeyFault::Fits.into());
    }
    let (commands, photos) = (unsent_commands(dir), photos_at_most(dir));
    let folder = fresh_folder(dir, now)?;
    tracing::error!(commands, photos, "the key to the data is lost; what it sealed is set aside");
    for name in key_file::NAMES {
        if dir.join(name).exists() {
            fs::copy(dir.join(name), folder.join(name))?;
        }
    }
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        if is_under_key(&name.to_string_lossy()) {
            boundary("an unreadable file is about to be moved");
            fs::rename(dir.join(&name), folder.join(&name))?;
        }
    }
    sync_folder(&folder)?;
    sync_folder(dir)?;
    key_file::KeyFile::empty(file.map_or(1, |file| file.generation.saturating_add(1))).write(dir)?;
    Ok(SetAside { folder, commands, photos })
}

/// Whether an entry of the phone's folder is of the data that cannot be read. Parcels of others are sealed to the server
/// and stay; plain copies (`shown.rs`) are never kept with it: they go when they have had their time.
fn is_under_key(name: &str) -> bool {
    let is_file = ["storewalk.sqlite", "outbox.mirror", "damaged-"].iter().any(|start| name.starts_with(start));
    is_file || matches!(name, "photos" | "segments" | "people" | "storewalk.in-use") || name == "storewalk.moving"
}

/// Lines of the mirror after its head.
fn unsent_commands(dir: &Path) -> u64 {
    let text = fs::read(dir.join("outbox.mirror")).unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
    lines.saturating_sub(1)
}

fn photos_at_most(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir.join("photos")).into_iter().flatten().flatten();
    let is_original = |name: String| name.contains("-original.") && !name.starts_with('.');
    entries.filter(|entry| is_original(entry.file_name().to_string_lossy().into_owned())).count() as u64
}

fn fresh_folder(dir: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let mut count = 0_u32;
    loop {
        let folder = dir.join(format!("unreadable-{}-{count}", now.0));
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count += 1,
            made => return made.map(|()| folder),
        }
    }
}

/// Seals what repairs have set aside in `damaged-…` folders, of releases before too: a damaged file is as private as a
/// whole one. A folder whose repair is unfinished waits for it.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn seal_set_aside(dir: &Path, vault: &Vault) -> io::Result<()> {
    if !vault.is_sealed() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)?.flatten() {
        let is_damaged = entry.file_name().to_string_lossy().starts_with("damaged-");
        if !is_damaged || !entry.path().is_dir() || entry.path().join("unfinished").exists() {
            continue;
        }
        for file in fs::read_dir(entry.path())?.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if name.starts_with(".part-") {
                fs::remove_file(file.path())?;
            } else if !name.ends_with(".sealed") {
                vault.seal_beside(&file.path())?;
            }
        }
    }
    Ok(())
}

/// Where a file that was set aside lies once it is sealed.
pub(crate) fn where_sealed(file: PathBuf) -> PathBuf {
    let name = file.file_name().map(|name| format!("{}.sealed", name.to_string_lossy()));
    name.map(|name| file.with_file_name(name)).filter(|sealed| sealed.exists()).unwrap_or(file)
}
