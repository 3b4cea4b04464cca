//! Moving a person's files between the phone's folder and their parked one, so that a kill at any moment is mended.
//!
//! **Parking.** Seal everything into `people/<id>.parking` → note `parked <id>` → rename to `people/<id>` (from here on
//! it is parked) → remove the open files → remove the note.
//!
//! **Unparking.** Open everything into `people/<id>.opened` → note `opened <id>` (from here on it is open) → move the
//! files into the phone's folder → remove `people/<id>` → remove the note.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use storewalk_domain::ids::DeviceId;
use storewalk_wire::read_json;
use uuid::Uuid;

use super::{PEOPLE, Who, folder_of, seal, write_who};
use crate::{
    ClientError,
    photos::{sync_folder, write_durably},
};

/// What was begun and must be finished.
const NOTE: &str = "storewalk.moving";

/// The list of what is parked, itself sealed.
const LIST: &str = "list.sealed";

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Moving {
    Parked(DeviceId),
    Opened(DeviceId),
}

/// What is in a parked folder.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    /// Binds the files to this parking.
    parking: Uuid,
    /// Paths in the phone's folder, in the order of the sealed files' numbers.
    files: Vec<String>,
}

/// Seals the open files for a person and removes them. The database must be closed.
pub(in crate::session) fn park(dir: &Path, who: &Who, key: &[u8; 32], parking: Uuid) -> Result<(), ClientError> {
    let (target, staging) = (folder_of(dir, who.device_id), staging_of(dir, who.device_id, "parking"));
    remove_all(&staging)?;
    fs::create_dir_all(&staging)?;
    let list = List { parking, files: open_files(dir)? };
    for (number, path) in list.files.iter().enumerate() {
        seal::seal(&dir.join(path), &staging.join(format!("{number}.sealed")), &bound(parking, number), key)?;
    }
    let plain = staging.join("list.plain");
    fs::write(&plain, serde_json::to_vec(&list)?)?;
    seal::seal(&plain, &staging.join(LIST), LIST, key)?;
    fs::remove_file(&plain)?;
    write_who(&staging, who)?;
    note(dir, Moving::Parked(who.device_id))?;
    // What may lie there is older than what is open.
    remove_all(&target)?;
    fs::rename(&staging, &target)?;
    sync_folder(&dir.join(PEOPLE))?;
    clear(dir)?;
    forget_note(dir)
}

/// Proves that a key opens what is parked, and lays the files ready beside it; nothing else changes.
pub(in crate::session) fn lay_ready(dir: &Path, device: DeviceId, key: &[u8; 32]) -> Result<(), ClientError> {
    let (source, ready) = (folder_of(dir, device), staging_of(dir, device, "opened"));
    remove_all(&ready)?;
    fs::create_dir_all(&ready)?;
    let opened = open_all(&source, &ready, key);
    if opened.is_err() {
        remove_all(&ready)?;
    }
    opened.map_err(|error| match error {
        ClientError::File(fault) if fault.kind() == io::ErrorKind::InvalidData => ClientError::ParkedUnreadable,
        other => other,
    })
}

/// Puts the files that were laid ready into the phone's folder, which must be clear. The database must be closed.
pub(in crate::session) fn take_over(dir: &Path, device: DeviceId) -> Result<(), ClientError> {
    note(dir, Moving::Opened(device))?;
    finish_opening(dir, device)?;
    forget_note(dir)
}

fn open_all(source: &Path, ready: &Path, key: &[u8; 32]) -> Result<(), ClientError> {
    let plain = ready.join("list.plain");
    seal::open(&source.join(LIST), &plain, LIST, key)?;
    let list: List = read_json(&fs::read(&plain)?)?;
    fs::remove_file(&plain)?;
    for (number, path) in list.files.iter().enumerate() {
        let target = ready.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        seal::open(&source.join(format!("{number}.sealed")), &target, &bound(list.parking, number), key)?;
    }
    sync_folder(ready)?;
    Ok(())
}

/// Finishes or undoes what a kill interrupted. To be called before the database is opened.
pub(crate) fn settle(dir: &Path) -> Result<(), ClientError> {
    let noted: Option<Moving> = fs::read(dir.join(NOTE)).ok().and_then(|text| read_json(&text).ok());
    match noted {
        // The sealed files took their final name: only then may the open ones go.
        Some(Moving::Parked(device)) if !staging_of(dir, device, "parking").exists() => clear(dir)?,
        Some(Moving::Opened(device)) => finish_opening(dir, device)?,
        Some(Moving::Parked(_)) | None => {}
    }
    forget_note(dir)?;
    for entry in fs::read_dir(dir.join(PEOPLE)).into_iter().flatten().flatten() {
        let is_unfinished = entry.path().extension().is_some_and(|end| end == "parking" || end == "opened");
        if is_unfinished {
            remove_all(&entry.path())?;
        }
    }
    Ok(())
}

fn finish_opening(dir: &Path, device: DeviceId) -> Result<(), ClientError> {
    let ready = staging_of(dir, device, "opened");
    if ready.exists() {
        for entry in fs::read_dir(&ready)? {
            let entry = entry?;
            fs::rename(entry.path(), dir.join(entry.file_name()))?;
        }
        sync_folder(dir)?;
        remove_all(&ready)?;
    }
    remove_all(&folder_of(dir, device))?;
    Ok(())
}

/// Removes the open files. What the mirror holds goes before the database, so that no opening in between brings a
/// queue back that has been parked.
pub(in crate::session) fn clear(dir: &Path) -> Result<(), ClientError> {
    let mut names = open_entries(dir)?;
    names.sort_by_key(|name| !name.starts_with("outbox.mirror"));
    for name in names {
        remove_all(&dir.join(name))?;
    }
    sync_folder(dir)?;
    Ok(())
}

/// Whether an entry of the phone's folder belongs to the person on it.
fn is_persons(name: &str) -> bool {
    name.starts_with("storewalk.sqlite")
        || name.starts_with("outbox.mirror")
        || name.starts_with("damaged-")
        || matches!(name, "photos" | "segments")
}

fn open_entries(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_persons(&name) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The files among them, with those in folders; SQLite makes its index of the log anew.
fn open_files(dir: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut open = open_entries(dir)?;
    while let Some(name) = open.pop() {
        if dir.join(&name).is_dir() {
            for entry in fs::read_dir(dir.join(&name))? {
                open.push(format!("{name}/{}", entry?.file_name().to_string_lossy()));
            }
        } else if !name.ends_with("-shm") {
            files.push(name);
        }
    }
    files.sort();
    Ok(files)
}

fn bound(parking: Uuid, number: usize) -> String {
    format!("{parking}/{number}")
}

fn staging_of(dir: &Path, device: DeviceId, end: &str) -> PathBuf {
    dir.join(PEOPLE).join(format!("{device}.{end}"))
}

fn note(dir: &Path, moving: Moving) -> Result<(), ClientError> {
    write_durably(dir, NOTE, &serde_json::to_vec(&moving)?)?;
    Ok(())
}

fn forget_note(dir: &Path) -> Result<(), ClientError> {
    remove_all(&dir.join(NOTE))?;
    Ok(())
}

/// Removes a file or a folder with all that is in it; it may be gone.
fn remove_all(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
