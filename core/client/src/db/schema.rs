//! How a connection is set up and which schema steps there are.

use std::{collections::BTreeSet, path::Path};

use rusqlite::{Connection, OpenFlags};
use storewalk_sqlite::{
    CONFLICT_TABLES, Durability, FaultKind, Found, ORDER_SUMS, PHOTO_SEEN, REFUSAL_OUTCOMES, SCHEMA_READERS,
    SHELF_PRINTS, SYNCED_HANDOVER, SYNCED_TABLES, Schema, SqliteError, bring_up_to_date, configure, migrate, steps_of,
    widen_cache,
};

use crate::{
    ClientError,
    vault::{self, Vault},
};

/// The schema steps, oldest first; a released step is never changed. One that takes away or renames what the release
/// before uses raises [`LEAST_STEPS`] to its own number.
pub(super) const STEPS: &[&str] = &[
    SYNCED_TABLES,
    include_str!("../../migrations/0001_phone.sql"),
    include_str!("../../migrations/0002_courier.sql"),
    CONFLICT_TABLES,
    include_str!("../../migrations/0003_trusted_floor.sql"),
    include_str!("../../migrations/0004_bulk.sql"),
    REFUSAL_OUTCOMES,
    include_str!("../../migrations/0005_receipts.sql"),
    SYNCED_HANDOVER,
    include_str!("../../migrations/0006_protocols.sql"),
    SCHEMA_READERS,
    include_str!("../../migrations/0007_sign_in_marks.sql"),
    include_str!("../../migrations/0008_waiting_uploads.sql"),
    ORDER_SUMS,
    PHOTO_SEEN,
    include_str!("../../migrations/0009_stamped_copies.sql"),
    SHELF_PRINTS,
    include_str!("../../migrations/0010_untold_uploads.sql"),
    include_str!("../../migrations/0011_task_pictures.sql"),
];

/// An app that knows at least so many steps can use a database that has them all.
pub(super) const LEAST_STEPS: usize = 11;

pub(super) const SCHEMA: Schema = Schema { steps: STEPS, least_steps: LEAST_STEPS };

/// The writer's connection, with the schema up to date. A plain file is encrypted first where there is a key.
///
/// # Errors
/// When the file is no database, is damaged, or cannot be written.
pub(crate) fn open_connection(path: &Path, vault: &Vault) -> Result<Connection, ClientError> {
    vault::encrypt_in_place(path, vault)?;
    let mut connection = Connection::open(path)?;
    vault::unlock(&connection, vault)?;
    configure(&connection, Durability::Full)?;
    widen_cache(&connection)?;
    if bring_up_to_date(&mut connection, SCHEMA)? == Found::Newer {
        tracing::warn!("the database is of a newer app; what that app added is left alone");
    }
    Ok(connection)
}

/// Whether the tables are those that the steps make. A bit that turns over in the text of a table's definition is damage
/// that no check of SQLite's sees: the file is in order, and the column has another name.
///
/// # Errors
/// When the definitions cannot be read.
pub(crate) fn has_its_tables(connection: &Connection) -> Result<bool, SqliteError> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh, STEPS)?;
    let (found, ours) = (definitions(connection)?, definitions(&fresh)?);
    if usize::try_from(steps_of(connection)?).is_ok_and(|steps| steps > STEPS.len()) {
        // A newer app has added to them; every column of ours must be there.
        return has_columns_of(connection, &fresh);
    }
    Ok(found == ours)
}

/// Reads all of a file and says what is wrong with it, a definition that makes no sense any more among it.
pub(crate) fn check(connection: &Connection) -> Result<(), ClientError> {
    let verdict: Result<String, rusqlite::Error> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match verdict.map_err(ClientError::from) {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(ClientError::damaged(verdict)),
        // The question is right: what it stumbles over is in the file.
        Err(ClientError::Storage { kind: FaultKind::Other, source }) => Err(ClientError::damaged(source.to_string())),
        Err(error) => Err(error),
    }
}

/// Whether every column of one database is in the other.
fn has_columns_of(found: &Connection, ours: &Connection) -> Result<bool, SqliteError> {
    let sql = "SELECT tables.name || '.' || columns.name FROM sqlite_master AS tables
               JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'";
    let columns = |connection: &Connection| -> Result<BTreeSet<String>, SqliteError> {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    Ok(columns(ours)?.is_subset(&columns(found)?))
}

fn definitions(connection: &Connection) -> Result<Vec<(String, Option<String>)>, SqliteError> {
    let sql = "SELECT type || ' ' || name || ' ' || tbl_name, sql FROM sqlite_master ORDER BY 1";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A connection that cannot write.
pub(super) fn open_reader(path: &Path, vault: &Vault) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    vault::unlock(&connection, vault)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}
