//! What was captured on this phone, in words, with how far each has come: the list behind "what is still to be sent", and
//! the way to the receipt of a command.

use rusqlite::{Connection, Row, named_params};
use storewalk_domain::{ids::CommandId, sync::kind_words, text::Localized, time::Timestamp};
use uuid::Uuid;

use super::store::Counting;
use crate::{ClientError, Phone, attention};

/// A command of this phone, as a person recognises it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerView {
    /// Identity; what [`Phone::receipt`] is asked for.
    pub command_id: CommandId,
    /// What it is, in a few words.
    pub what: Localized,
    /// What it is about: an outlet's name or an order's number; empty when it cannot be said.
    pub about: String,
    /// When it was captured, by the best estimate.
    pub captured_at: Timestamp,
    /// Whether the server has acknowledged it.
    pub is_sent: bool,
    /// Whether a receipt that counts can be shown.
    pub has_receipt: bool,
}

impl Phone {
    /// The commands this phone still keeps, the newest at the top, at most so many: everything unsent, and for thirty
    /// days what was sent.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn ledger(&self, most: u32) -> Result<Vec<LedgerView>, ClientError> {
        self.read(|connection| ledger(connection, most))
    }
}

/// A command as it is kept.
struct Kept {
    id: [u8; 16],
    kind: String,
    schema: u32,
    command: String,
    captured_at: i64,
    is_sent: bool,
    has_receipt: bool,
}

impl Kept {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("command_id")?,
            kind: row.get("kind")?,
            schema: row.get("schema")?,
            command: row.get("command")?,
            captured_at: row.get("captured_at")?,
            is_sent: row.get("is_sent")?,
            has_receipt: row.get("has_receipt")?,
        })
    }
}

fn ledger(connection: &Connection, most: u32) -> Result<Vec<LedgerView>, ClientError> {
    let sql = format!(
        "SELECT command_id, kind, schema, command, captured_at, state = 'acked' AS is_sent,
                command_id IN ({}) AS has_receipt
         FROM outbox ORDER BY seq DESC LIMIT :most",
        Counting::ITEMS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let kept = statement.query_map(named_params! { ":most": most }, Kept::from_row)?.collect::<Result<Vec<_>, _>>()?;
    let view = |kept: Kept| {
        Ok(LedgerView {
            command_id: CommandId(Uuid::from_bytes(kept.id)),
            what: kind_words(&kept.kind),
            about: attention::subject(connection, &kept.command, kept.schema)?,
            captured_at: Timestamp(kept.captured_at),
            is_sent: kept.is_sent,
            has_receipt: kept.has_receipt,
        })
    };
    kept.into_iter().map(view).collect()
}
