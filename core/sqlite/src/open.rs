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
pub const SYNCED_STEPS: &[&str] =
    &[SYNCED_TABLES, CONFLICT_TABLES, REFUSAL_OUTCOMES, SYNCED_HANDOVER, ORDER_SUMS, PHOTO_SEEN, SHELF_PRINTS];

/// What an order costs, where it can be added up: a further step of the synced tables.
pub const ORDER_SUMS: &str = include_str!("../migrations/0006_order_sums.sql");

/// What phones saw in photos: a further step of the synced tables.
pub const PHOTO_SEEN: &str = include_str!("../migrations/0007_photo_seen.sql");

/// What photos looked like, and signals on photos: a further step of the synced tables.
pub const SHELF_PRINTS: &str = include_str!("../migrations/0008_shelf_prints.sql");

/// What refusals gained with their settlement; a step of every host.
pub const REFUSAL_OUTCOMES: &str = include_str!("../migrations/0003_refusals.sql");

/// Which releases can use a database: the last step a host lists when it begins to say so.
pub const SCHEMA_READERS: &str = include_str!("../migrations/0005_readers.sql");

/// The schema of a host's database.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// All steps, oldest first; a released step is never changed.
    pub steps: &'static [&'static str],
    /// How many of them a release must know to use a database that has all of them: the number of the newest step that
    /// took away, renamed or narrowed what was there before. Steps that only add leave it as it is.
    pub least_steps: usize,
}

/// Of which release a database was found to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// Of this one or an older one; it has all steps now.
    Ours,
    /// Of a newer one, whose additions this one can leave alone.
    Newer,
}

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

/// Brings a database up to date, or finds that a newer release has done more than that.
///
/// # Errors
/// When a step fails, or the database is of a newer release that changed what this one uses. The file is then as it was,
/// or as the last good step left it.
pub fn bring_up_to_date(connection: &mut Connection, schema: Schema) -> Result<Found, SqliteError> {
    let known = schema.steps.len();
    let found = usize::try_from(steps_of(connection)?).unwrap_or_default();
    if found > known {
        let least = least_steps(connection)?.unwrap_or(found);
        return if least <= known { Ok(Found::Newer) } else { Err(SqliteError::Newer { found, known }) };
    }
    migrate(connection, schema.steps)?;
    if least_steps(connection)? != Some(schema.least_steps) {
        let least = i64::try_from(schema.least_steps).unwrap_or(i64::MAX);
        let sql = "INSERT INTO schema_readers (one, least_steps) VALUES (1, ?)
                   ON CONFLICT (one) DO UPDATE SET least_steps = excluded.least_steps";
        connection.execute(sql, [least])?;
    }
    Ok(Found::Ours)
}

/// How many steps a database has.
///
/// # Errors
/// When the file is no database.
pub fn steps_of(connection: &Connection) -> Result<u32, SqliteError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// How many steps a release must know to use a database; nothing where that is not written down.
fn least_steps(connection: &Connection) -> Result<Option<usize>, SqliteError> {
    if !connection.table_exists(None, "schema_readers")? {
        return Ok(None);
    }
    let sql = "SELECT max(least_steps) FROM schema_readers";
    let least: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(least.and_then(|least| usize::try_from(least).ok()))
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
