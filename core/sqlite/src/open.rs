//! Connection settings and schema steps, in one place.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::SqliteError;

/// The schema of the synced tables; every host's first migration starts with it.
pub const SYNCED_TABLES: &str = include_str!("../migrations/0001_synced_tables.sql");

/// What the conflict rules added to the synced tables; a later step of every host.
pub const CONFLICT_TABLES: &str = include_str!("../migrations/0002_conflicts.sql");

/// Scopes and handovers: a further step of the synced tables.
pub const SYNCED_HANDOVER: &str = include_str!("../migrations/0004_scope_and_handover.sql");

/// All steps of the synced tables, oldest first: a database with nothing else in it.
pub const SYNCED_STEPS: &[&str] = &[SYNCED_TABLES, CONFLICT_TABLES, REFUSAL_OUTCOMES, SYNCED_HANDOVER];
/// What refusals gained with their settlement; a step of every host.
pub const REFUSAL_OUTCOMES: &str = include_str!("../migrations/0003_refusals.sql");

/// What a commit promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// A committed transaction survives a power cut (`synchronous=FULL`): work of people.
    Full,
    /// The file stays sound, the last commits may be lost: what can be fetched again.
    Rebuildable,
}

/// What the log keeps of its length between transactions.
const LOG_BYTES: u32 = 4 * 1024 * 1024;

/// Sets a connection up: WAL, foreign keys, a patient wait for locks, checkpoints that reach the drive on Apple.
///
/// # Errors
/// When the file is no database, is damaged or cannot be written.
pub fn configure(connection: &Connection, durability: Durability) -> Result<(), SqliteError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Rebuildable => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A log that one large transaction has blown up is cut back when it is begun anew.
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// Lets a connection keep up to 16 MiB of pages in memory: for the one writer of a phone, which takes whole
/// territories in at once.
///
/// # Errors
/// When the database refuses.
pub fn widen_cache(connection: &Connection) -> Result<(), SqliteError> {
    // Negative: in KiB.
    connection.pragma_update(None, "cache_size", -16_384)?;
    Ok(())
}

/// Brings a database to the latest of the host's schema steps, each in a transaction of its own.
///
/// # Errors
/// When a step fails; the database then stands where the last good step left it.
pub fn migrate(connection: &mut Connection, steps: &[&'static str]) -> Result<(), SqliteError> {
    let migrations = Migrations::new(steps.iter().map(|sql| M::up(sql)).collect());
    migrations.to_latest(connection)?;
    Ok(())
}
