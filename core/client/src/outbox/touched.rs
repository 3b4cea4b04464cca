//! Which rows the pending commands have touched: changed, or built upon.

use rusqlite::{Connection, named_params};
use storewalk_domain::ids::RowId;
use storewalk_sqlite::id_blob;

use crate::ClientError;

/// Notes that a command touched a row.
pub(crate) fn note_touched(connection: &Connection, seq: u64, table: &str, id: RowId) -> Result<(), ClientError> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO outbox_rows (tbl, row_id, seq) VALUES (:tbl, :id, :seq)")?
        .execute(named_params! { ":tbl": table, ":id": id_blob(id), ":seq": seq })?;
    Ok(())
}

/// Forgets what the commands that are no longer pending had touched.
pub(crate) fn forget_touched(connection: &Connection) -> Result<(), ClientError> {
    connection.execute(
        "DELETE FROM outbox_rows
         WHERE seq NOT IN (SELECT seq FROM outbox WHERE state = 'pending')",
        [],
    )?;
    Ok(())
}

/// Whether a pending command touched a row.
pub(crate) fn is_touched(connection: &Connection, table: &str, id: RowId) -> Result<bool, ClientError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM outbox_rows WHERE tbl = :tbl AND row_id = :id")?;
    Ok(statement.exists(named_params! { ":tbl": table, ":id": id_blob(id) })?)
}

/// Forgets what one command had touched, before it is run again.
pub(crate) fn forget_touched_by(connection: &Connection, seq: u64) -> Result<(), ClientError> {
    connection.prepare_cached("DELETE FROM outbox_rows WHERE seq = ?")?.execute([seq])?;
    Ok(())
}
