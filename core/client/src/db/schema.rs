//! How a connection is set up and which schema steps there are.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use storewalk_sqlite::{CONFLICT_TABLES, Durability, REFUSAL_OUTCOMES, SYNCED_TABLES, SqliteError, configure, migrate};

/// The schema steps, oldest first; a released step is never changed.
const STEPS: &[&str] = &[
    SYNCED_TABLES,
    include_str!("../../migrations/0001_phone.sql"),
    include_str!("../../migrations/0006_courier.sql"),
    CONFLICT_TABLES,
    include_str!("../../migrations/0002_trusted_floor.sql"),
    include_str!("../../migrations/0007_bulk.sql"),
    REFUSAL_OUTCOMES,
];

/// The writer's connection, with the schema up to date.
///
/// # Errors
/// When the file is no database, is damaged, or cannot be written.
pub(crate) fn open_connection(path: &Path) -> Result<Connection, SqliteError> {
    let mut connection = Connection::open(path)?;
    configure(&connection, Durability::Full)?;
    migrate(&mut connection, STEPS)?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, SqliteError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}
