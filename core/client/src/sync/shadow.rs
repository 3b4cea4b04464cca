//! The server's version of the rows that pending commands have changed.
//!
//! **Invariant.** A row has a shadow exactly when a pending command touched it; the shadow is the row as the last
//! published pull left it, or nothing when the server has no such row.

use rusqlite::{Connection, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{ids::RowId, sync::Table};
use storewalk_sqlite::{get_fields, id_blob, put_fields, remove_row};
use uuid::Uuid;

use crate::ClientError;

/// Keeps the present version of a row aside, unless one is kept already.
pub(crate) fn keep(connection: &Connection, table: Table, id: RowId) -> Result<(), ClientError> {
    let key = named_params! { ":tbl": table.name(), ":id": id_blob(id) };
    if connection.prepare_cached("SELECT 1 FROM shadows WHERE tbl = :tbl AND row_id = :id")?.exists(key)? {
        return Ok(());
    }
    let fields = get_fields(connection, table, id)?.map(|fields| Value::Object(fields).to_string());
    connection
        .prepare_cached("INSERT INTO shadows (tbl, row_id, fields) VALUES (:tbl, :id, :fields)")?
        .execute(named_params! { ":tbl": table.name(), ":id": id_blob(id), ":fields": fields })?;
    Ok(())
}

/// Puts every shadow back in its place: the rows are the server's again.
pub(crate) fn put_back(connection: &Connection) -> Result<(), ClientError> {
    let mut statement = connection.prepare_cached("SELECT tbl, row_id, fields FROM shadows")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, id, fields): (String, [u8; 16], Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        // Only rows of known tables are ever changed here; a name that is none would be a fault of ours.
        let table: Table = table.parse().map_err(|_| ClientError::Internal(format!("a shadow in {table}")))?;
        let id = RowId(Uuid::from_bytes(id));
        match fields {
            None => remove_row(connection, table, id)?,
            Some(text) => put_fields(connection, table, id, &serde_json::from_str::<Map<String, Value>>(&text)?)?,
        }
    }
    connection.execute("DELETE FROM shadows", [])?;
    Ok(())
}
