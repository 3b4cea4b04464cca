//! The outbox a second time, in a file beside the database, for the day the database is damaged.
//!
//! **Shape.** Lines of `<16 hex digits of SHA-256> <JSON>`: first the head (whose installation it is and where its
//! numbers stand), then one line per pending command. Lines are only appended; the file is written anew when nothing
//! is pending and at every opening.
//!
//! **Invariants.** The database is the truth; the mirror may lack the last command if the app was killed in between,
//! and may repeat one. It is not forced to the drive: a power cut is the database's business. A line that does not
//! match its checksum is passed over, the others still count. Where there is a key each line is sealed by itself; how many
//! lines there are is all that shows then.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storewalk_domain::{ids::DeviceId, sync::Actor};
use storewalk_wire::{Envelope, read_json};

use super::{Pending, pending_after};
use crate::{
    ClientError,
    db::Db,
    session::{self, Device},
    vault::Vault,
};

/// Whose installation it is and where its numbers stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct MirrorHead {
    pub(crate) device_id: DeviceId,
    pub(crate) owner_login: Option<String>,
    pub(crate) device_number: u32,
    pub(crate) last_seq: u64,
    pub(crate) acked_seq: u64,
    pub(crate) next_order: u32,
}

/// One line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum MirrorLine {
    /// The first.
    Head(MirrorHead),
    /// A pending command.
    Command {
        /// Whose; so that a lost head does not orphan the rest.
        device_id: DeviceId,
        envelope: Box<Envelope>,
        actor: Actor,
        /// The order counter after it.
        next_order: u32,
    },
}

/// The file.
#[derive(Debug)]
pub(crate) struct Mirror {
    path: PathBuf,
    vault: Vault,
    file: Mutex<Option<File>>,
}

impl Mirror {
    /// The mirror in a file that need not exist yet.
    pub(crate) fn at(path: PathBuf, vault: Vault) -> Self {
        Self { path, vault, file: Mutex::new(None) }
    }

    /// Adds a command that has just been committed. A failure costs only the second copy.
    pub(crate) fn append(&self, device: &Device, pending: &Pending) {
        let line = line_of(device, pending.clone());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = encode(&self.vault, &line).and_then(|text| {
            let open = match file.as_mut() {
                Some(open) => open,
                None => file.insert(OpenOptions::new().create(true).append(true).open(&self.path)?),
            };
            Ok(open.write_all(text.as_bytes())?)
        });
        if let Err(error) = written {
            tracing::warn!(code = error.code(), "the outbox mirror lacks a command");
        }
    }

    /// Lets the open file go: another file is to take its place.
    pub(crate) fn let_go(&self) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Writes the file anew from the database. A failure leaves the old one, which holds at least as much.
    pub(crate) fn rewrite(&self, db: &Db) {
        if let Err(error) = self.try_rewrite(db) {
            tracing::warn!(code = error.code(), "the outbox mirror was not written anew");
        }
    }

    /// The lock is held from reading to renaming, so that a command committed meanwhile is either read or appended
    /// afterwards.
    fn try_rewrite(&self, db: &Db) -> Result<(), ClientError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let text = db.read(|connection| compose(&self.vault, connection))?;
        let fresh = self.path.with_extension("mirror.new");
        std::fs::write(&fresh, text)?;
        std::fs::rename(&fresh, &self.path)?;
        *file = Some(OpenOptions::new().append(true).open(&self.path)?);
        Ok(())
    }
}

/// The head of an installation.
pub(crate) fn head_of(device: &Device) -> MirrorHead {
    MirrorHead {
        device_id: device.id,
        owner_login: device.owner_login.clone(),
        device_number: device.number,
        last_seq: device.last_seq,
        acked_seq: device.acked_seq,
        next_order: device.next_order,
    }
}

fn line_of(device: &Device, pending: Pending) -> MirrorLine {
    let Pending { envelope, actor } = pending;
    MirrorLine::Command { device_id: device.id, envelope: Box::new(envelope), actor, next_order: device.next_order }
}

fn compose(vault: &Vault, connection: &Connection) -> Result<String, ClientError> {
    let device = session::device(connection)?;
    let mut text = encode(vault, &MirrorLine::Head(head_of(&device)))?;
    for stored in pending_after(connection, 0, usize::MAX)? {
        text.push_str(&encode(vault, &line_of(&device, stored.read()?))?);
    }
    Ok(text)
}

/// The lines of a file that can be read; none when there is no file.
pub(crate) fn read_lines(path: &Path, vault: &Vault) -> Vec<MirrorLine> {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.split(|byte| *byte == b'\n').filter_map(|line| decode(&vault.open_line(line)?)).collect()
}

fn encode(vault: &Vault, line: &MirrorLine) -> Result<String, ClientError> {
    let json = serde_json::to_string(line)?;
    Ok(vault.seal_line(format!("{} {json}", checksum(json.as_bytes())))? + "\n")
}

fn decode(line: &[u8]) -> Option<MirrorLine> {
    let (sum, json) = (line.get(..16)?, line.get(17..)?);
    if checksum(json).as_bytes() != sum {
        return None;
    }
    read_json(json).ok()
}

fn checksum(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
