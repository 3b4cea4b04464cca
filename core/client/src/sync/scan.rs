//! Looking at every row the server gave: is it still what it was when it came?
//!
//! **Invariants.** The look itself changes nothing: it reads one snapshot while people work on. A row that is not what
//! its checksum says is looked at again under the writer's lock, and then its membership says the truth, so that
//! healing finds the range to differ and fetches the row. Pending commands have their own rows: of those the server's
//! version, kept aside, is looked at.
//!
//! **Non-goals.** Damage SQLite itself notices: that is `recovery/`.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, named_params};
use storewalk_domain::{
    ids::RowId,
    time::{DAY_MS, Timestamp},
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{Checksum, row_checksum};
use uuid::Uuid;

use super::{heal, rows};
use crate::{ClientError, Phone};

/// How often the phone looks at its rows by itself.
const EVERY_MS: i64 = 7 * DAY_MS;

/// What a look at the rows found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ScanReport {
    /// Rows looked at.
    pub rows: u64,
    /// Rows that are not what came; the next sync fetches them again.
    pub damaged: u64,
}

/// One row as its newest membership has it.
struct Held {
    code: i64,
    table: String,
    id: RowId,
    version: u64,
    /// `None`: not yet reckoned.
    sum: Option<Checksum>,
}

impl Phone {
    /// Looks at every row the server gave and compares it with what came. Damaged ones are fetched again by the next
    /// sync. Screens and taps go on meanwhile; takes about a second per 100,000 rows.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn scan(&self) -> Result<ScanReport, ClientError> {
        let now = self.now().trusted();
        let (rows, suspects) = self.read(suspects)?;
        let damaged = self.write(|transaction| {
            transaction.execute("UPDATE sync_state SET scanned_at = ?", [now.0])?;
            confess(transaction, &suspects)
        })?;
        if damaged > 0 {
            tracing::warn!(rows, damaged, "rows are not what came from the server");
        }
        Ok(ScanReport { rows, damaged })
    }

    /// Scans when a week has passed, when checksums are not yet reckoned, or when a row could not be read: what keeps a
    /// screen from opening must not wait for a week.
    pub(super) fn scan_when_due(&self) -> Result<(), ClientError> {
        if self.inner.db.take_unreadable() {
            return self.scan().map(drop);
        }
        let now = self.now().trusted();
        let (scanned_at, is_unsummed) = self.read(due)?;
        let is_recent = scanned_at.is_some_and(|at| (0..EVERY_MS).contains(&now.since_ms(at)));
        if is_unsummed || (scanned_at.is_some() && !is_recent) {
            self.scan()?;
        } else if scanned_at.is_none() {
            // A new phone: the week begins.
            self.write(|transaction| {
                transaction.execute("UPDATE sync_state SET scanned_at = ?", [now.0])?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn due(connection: &Connection) -> Result<(Option<Timestamp>, bool), ClientError> {
    let mut statement = connection
        .prepare_cached("SELECT scanned_at, EXISTS (SELECT 1 FROM cursors WHERE sum IS NULL) FROM sync_state")?;
    Ok(statement.query_row([], |row| Ok((row.get::<_, Option<i64>>(0)?.map(Timestamp), row.get(1)?)))?)
}

/// The rows that are not what their membership says, of all rows.
fn suspects(connection: &Connection) -> Result<(u64, Vec<Held>), ClientError> {
    let mut rows = 0;
    let mut suspects = Vec::new();
    // Where buckets hold different versions of a row, the newest is the one that is kept.
    let mut statement = connection.prepare_cached(
        "SELECT held.tbl, row_tables.name, held.row_id, max(held.version), held.sum
         FROM memberships AS held
         JOIN row_tables ON row_tables.code = held.tbl
         GROUP BY held.tbl, held.row_id",
    )?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let held = Held {
            code: row.get(0)?,
            table: row.get(1)?,
            id: RowId(Uuid::from_bytes(row.get(2)?)),
            version: row.get(3)?,
            sum: row.get::<_, Option<i64>>(4)?.map(Checksum::from_bits),
        };
        rows += 1;
        if held.sum != actual(connection, &held)? {
            suspects.push(held);
        }
    }
    Ok((rows, suspects))
}

/// The checksum of a row as it lies there; `None` when it does not, or cannot be read.
fn actual(connection: &Connection, held: &Held) -> Result<Option<Checksum>, ClientError> {
    let fields = rows::server_fields(connection, &held.table, held.id)?;
    Ok(fields.map(|fields| row_checksum(&held.table, held.id, held.version, &fields)))
}

/// Makes the memberships say what the rows are. Says how many rows are damaged.
fn confess(transaction: &Transaction<'_>, suspects: &[Held]) -> Result<u64, ClientError> {
    let mut damaged = 0;
    let mut doubtful = BTreeSet::new();
    for held in suspects {
        let actual = actual(transaction, held)?;
        let key = named_params! {
            ":sum": actual.map_or(0, Checksum::to_bits),
            ":before": held.sum.map(Checksum::to_bits),
            ":tbl": held.code,
            ":id": id_blob(held.id),
            ":version": held.version,
        };
        // Of a membership that a pull has changed meanwhile nothing is known.
        let sql = "UPDATE memberships SET sum = :sum
                   WHERE tbl = :tbl AND row_id = :id AND version = :version AND sum IS :before
                   RETURNING bucket_id";
        let mut statement = transaction.prepare_cached(sql)?;
        let buckets: Vec<i64> = statement.query_map(key, |row| row.get(0))?.collect::<Result<_, _>>()?;
        if held.sum.is_some() && held.sum != actual && !buckets.is_empty() {
            damaged += 1;
            doubtful.extend(buckets);
        }
    }
    for bucket_id in doubtful {
        heal::set_doubt(transaction, bucket_id, true)?;
        // The sum must tell the truth too, or the next delta would find nothing wrong and end the doubt.
        heal::recount(transaction, bucket_id)?;
    }
    let unsummed: Vec<i64> = {
        let mut statement = transaction.prepare_cached("SELECT bucket_id FROM cursors WHERE sum IS NULL")?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    unsummed.iter().try_for_each(|bucket_id| heal::recount(transaction, *bucket_id).map(drop))?;
    Ok(damaged)
}
