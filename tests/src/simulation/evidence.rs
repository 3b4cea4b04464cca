//! What the people's script and the oracles need of a phone, whether it lives in this process or in one of its own.

use rusqlite::Connection;
use storewalk_client::{ClientError, Phone};
use storewalk_domain::ids::{CommandId, DeviceId};
use uuid::Uuid;

use super::handset::Captured;
use crate::world::Account;

/// A phone as the oracles see it: its database, and a ledger of what it said it had taken in.
pub trait Evidence {
    /// Name in the story.
    fn name(&self) -> &str;

    /// Whose it is.
    fn account(&self) -> &Account;

    /// A look into the phone's database.
    fn database(&self) -> &Connection;

    /// What the core has taken in, in order.
    fn ledger(&self) -> &[Captured];

    /// Whether its numbers may have been given anew: its files were harmed, or the server's were.
    fn is_renumbered(&self) -> bool {
        false
    }

    /// Whether everything the person did is to be seen: after harm, only from the next complete pull on.
    fn is_whole(&self) -> bool {
        true
    }

    /// Whether what the person may see has ever changed, or an outlet has left it: then what they made may have gone
    /// to somebody else.
    fn has_moved(&self) -> bool {
        false
    }

    /// Whether its folder was copied, so that two phones work through one queue.
    fn is_copied(&self) -> bool {
        false
    }

    /// Whether phone and server were ever of different releases.
    fn was_skewed(&self) -> bool {
        false
    }

    /// Which installation this is.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn device_id(&self) -> anyhow::Result<DeviceId> {
        let bytes: [u8; 16] = self.database().query_row("SELECT device_id FROM device", [], |row| row.get(0))?;
        Ok(DeviceId(Uuid::from_bytes(bytes)))
    }
}

/// A phone in somebody's hand, as the script sees it.
pub trait Hand: Evidence {
    /// The core.
    fn phone(&self) -> &Phone;

    /// Does something a person does, and enters into the ledger what the core took in. `act` gives the codes of a
    /// refusal.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn act(&mut self, what: &str, act: impl FnOnce(&Phone) -> Result<Vec<String>, ClientError>) -> anyhow::Result<()>;
}

/// Commands of an outbox after a number, in order; those that are known are passed over.
///
/// # Errors
/// When the database cannot be read.
pub fn captured_after(
    database: &Connection,
    seq: u64,
    is_known: impl Fn(CommandId) -> bool,
) -> anyhow::Result<Vec<Captured>> {
    let mut statement =
        database.prepare_cached("SELECT seq, command_id, command FROM outbox WHERE seq > ? ORDER BY seq")?;
    let mut rows = statement.query([seq])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let command_id = CommandId(Uuid::from_bytes(row.get(1)?));
        if is_known(command_id) {
            // A bit of it may have changed on the drive since; what it was when it was taken in is in the ledger.
            continue;
        }
        let text: String = row.get(2)?;
        found.push(Captured { seq: row.get(0)?, command_id, command: serde_json::from_str(&text)? });
    }
    Ok(found)
}
