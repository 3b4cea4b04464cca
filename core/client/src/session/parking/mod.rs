//! Several people on one phone: the data of whoever is not signed in lies aside, encrypted.
//!
//! **States of a person's data.** Open (in the phone's folder; at most one person's) → parked (`people/<device id>/`,
//! every file sealed under that person's parking key) → open again when the same person signs in. A parking or an
//! unparking that the app did not survive is finished or undone at the next opening.
//!
//! **Invariants.** What is parked comes back byte for byte, or is not touched. The open files are removed only after
//! the parked ones are whole on the disk, and the other way round. The key is not on the phone while the data is
//! parked: it is in the parked database, and the server gives it to that person's sign-in on that device alone.
//!
//! **Against whom.** Another person who uses this app on this phone, and anybody who copies the folder, cannot read
//! what is parked. Not against somebody who reads the flash memory underneath (removed files may linger there), who
//! rules the phone while the person is signed in, or who runs the server. That somebody has parked data shows, as does
//! its size.

mod moves;
mod seal;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storewalk_domain::ids::DeviceId;
use storewalk_wire::read_json;

pub(crate) use moves::settle;
pub(super) use moves::{clear, lay_ready, park, take_over};

use crate::{ClientError, photos::write_durably};

/// The folder of those who are not signed in.
const PEOPLE: &str = "people";

/// Says whose a parked folder is.
const WHO: &str = "who.json";

/// What is known of a parked person without their key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Who {
    /// SHA-256 of the login name, in hex: enough to find one's own, no list of colleagues.
    login: String,
    /// The installation that comes back with the data.
    pub(super) device_id: DeviceId,
}

impl Who {
    /// The person of a login name on an installation.
    pub(super) fn of(login: &str, device_id: DeviceId) -> Self {
        Self { login: digest(login), device_id }
    }
}

fn digest(login: &str) -> String {
    let hash = Sha256::digest(format!("storewalk login {}", login.trim().to_lowercase()));
    let mut first = [0; 16];
    first.copy_from_slice(&hash[..16]);
    format!("{:032x}", u128::from_be_bytes(first))
}

/// The parked data of a login name, if there is any on this phone.
pub(super) fn parked(dir: &Path, login: &str) -> Option<Who> {
    let digest = digest(login);
    let entries = fs::read_dir(dir.join(PEOPLE)).ok()?;
    entries.flatten().find_map(|entry| {
        let who: Who = read_json(&fs::read(entry.path().join(WHO)).ok()?).ok()?;
        // A folder that is still being made, or taken apart, has another name.
        let is_whole = entry.file_name().to_string_lossy() == who.device_id.to_string();
        (is_whole && who.login == digest).then_some(who)
    })
}

/// How many people have data parked here.
pub(crate) fn parked_count(dir: &Path) -> usize {
    let entries = fs::read_dir(dir.join(PEOPLE)).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().join(WHO).exists() && entry.path().extension().is_none()).count()
}

fn folder_of(dir: &Path, device: DeviceId) -> PathBuf {
    dir.join(PEOPLE).join(device.to_string())
}

fn write_who(folder: &Path, who: &Who) -> Result<(), ClientError> {
    write_durably(folder, WHO, &serde_json::to_vec(who)?)?;
    Ok(())
}
