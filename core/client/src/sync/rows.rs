//! Rows of the server on the phone: in their table when this release can read them, kept whole and apart when not.
//!
//! **Invariants.** A row that cannot be read is never shown and never lost; it takes no list and no pull down with it.
//! After an update of the app, rows and fields that wait apart are read again with what the new release knows.

use rusqlite::{Connection, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Row, Table},
};
use storewalk_sqlite::{FaultKind, get_fields, id_blob, put_fields, remove_row, spec_of};
use uuid::Uuid;

use crate::ClientError;

/// Writes a row as it came. `text` is the JSON of `fields`.
pub(super) fn write(
    connection: &Connection,
    table: &str,
    id: RowId,
    fields: Map<String, Value>,
    text: &str,
) -> Result<(), ClientError> {
    if is_shown(connection, table, id, fields)? {
        return forget_unknown(connection, table, id);
    }
    keep_apart(connection, table, id, text)
}

/// Keeps a row that this release cannot read.
pub(super) fn keep_apart(connection: &Connection, table: &str, id: RowId, text: &str) -> Result<(), ClientError> {
    if let Ok(table) = table.parse::<Table>() {
        // An older version would be shown as if it were today's.
        remove_row(connection, table, id)?;
        tracing::warn!(table = table.name(), row = %id, "a row cannot be read by this release; it is kept apart");
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO unknown_rows (tbl, row_id, fields) VALUES (:tbl, :id, :fields)")?
        .execute(named_params! { ":tbl": table, ":id": id_blob(id), ":fields": text })?;
    Ok(())
}

/// Lets go what was kept of a row that could not be read.
pub(super) fn forget_unknown(connection: &Connection, table: &str, id: RowId) -> Result<(), ClientError> {
    connection
        .prepare_cached("DELETE FROM unknown_rows WHERE tbl = :tbl AND row_id = :id")?
        .execute(named_params! { ":tbl": table, ":id": id_blob(id) })?;
    Ok(())
}

/// Removes a row wherever it is kept.
pub(super) fn erase(connection: &Connection, table: &str, id: RowId) -> Result<(), ClientError> {
    if let Ok(known) = table.parse::<Table>() {
        remove_row(connection, known, id)?;
    }
    forget_unknown(connection, table, id)
}

/// The server's fields of a row as the phone keeps them; `None` when they are not there or cannot be read.
pub(super) fn server_fields(
    connection: &Connection,
    table: &str,
    id: RowId,
) -> Result<Option<Map<String, Value>>, ClientError> {
    let key = named_params! { ":tbl": table, ":id": id_blob(id) };
    let text = |sql: &str| -> Result<Option<Option<String>>, ClientError> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut found = statement.query(key)?;
        Ok(found.next()?.map(|row| row.get(0)).transpose()?)
    };
    if let Some(shadow) = text("SELECT fields FROM shadows WHERE tbl = :tbl AND row_id = :id")? {
        return Ok(shadow.and_then(|text| serde_json::from_str(&text).ok()));
    }
    if let Some(kept) = text("SELECT fields FROM unknown_rows WHERE tbl = :tbl AND row_id = :id")? {
        return Ok(kept.and_then(|text| serde_json::from_str(&text).ok()));
    }
    let Ok(table) = table.parse::<Table>() else { return Ok(None) };
    match get_fields(connection, table, id) {
        Ok(fields) => Ok(fields),
        Err(fault) if fault.kind() == FaultKind::Other => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Reads again what an earlier release had to keep apart: whole rows, and fields without a column. Does nothing when
/// the columns are those of the last time. Says how many rows it touched.
pub(crate) fn take_in_new(connection: &Connection) -> Result<u64, ClientError> {
    let fingerprint = fingerprint();
    let known: Option<String> =
        connection.query_row("SELECT max(columns_known) FROM sync_state", [], |row| row.get(0))?;
    if known.as_deref() == Some(fingerprint.as_str()) {
        return Ok(0);
    }
    let mut rows = take_in_unknown(connection)?;
    for table in Table::ALL {
        rows += take_in_fields(connection, *table)?;
    }
    connection.execute("UPDATE sync_state SET columns_known = ?", [fingerprint])?;
    Ok(rows)
}

/// Tries the rows again that an earlier release could not read. Says how many it can now.
pub(crate) fn take_in_unknown(connection: &Connection) -> Result<u64, ClientError> {
    let waiting: Vec<(String, RowId, String)> = {
        let mut statement = connection.prepare("SELECT tbl, row_id, fields FROM unknown_rows")?;
        let read = |row: &rusqlite::Row<'_>| {
            let (table, id) = key_of(row)?;
            Ok((table, id, row.get(2)?))
        };
        statement.query_map([], read)?.collect::<Result<_, _>>()?
    };
    let before = waiting.len() as u64;
    for (table, id, text) in waiting {
        write(connection, &table, id, serde_json::from_str(&text).unwrap_or_default(), &text)?;
    }
    let after: u64 = connection.query_row("SELECT count(*) FROM unknown_rows", [], |row| row.get(0))?;
    Ok(before.saturating_sub(after))
}

/// Moves fields that have a column now out of `extra`. Says how many rows were written.
fn take_in_fields(connection: &Connection, table: Table) -> Result<u64, ClientError> {
    let name = table.name();
    let ids: Vec<RowId> = {
        let mut statement = connection.prepare(&format!("SELECT id FROM {name} WHERE extra IS NOT NULL"))?;
        statement.query_map([], |row| Ok(RowId(Uuid::from_bytes(row.get(0)?))))?.collect::<Result<_, _>>()?
    };
    for id in &ids {
        // What is in `extra` comes over the column's present value, which no server has sent.
        if let Some(fields) = get_fields(connection, table, *id)? {
            let text = Value::Object(fields.clone()).to_string();
            write(connection, name, *id, fields, &text)?;
        }
    }
    Ok(ids.len() as u64)
}

/// What stands for the tables and columns this release knows.
fn fingerprint() -> String {
    let mut names = Map::new();
    for table in Table::ALL {
        let columns = spec_of(*table).columns.iter().map(|(name, kind)| Value::from(format!("{name} {kind:?}")));
        names.insert(table.name().to_owned(), Value::Array(columns.collect()));
    }
    storewalk_wire::row_checksum("columns", RowId(Uuid::nil()), 0, &names).to_string()
}

/// Writes the row into its table, if this release knows the table and can read the row.
fn is_shown(connection: &Connection, table: &str, id: RowId, fields: Map<String, Value>) -> Result<bool, ClientError> {
    let Ok(table) = table.parse::<Table>() else { return Ok(false) };
    // A row that could not be read back would take every list it is in down with it.
    let typed = Value::Object(fields);
    if !Row::is_readable(table, &typed.to_string()) {
        return Ok(false);
    }
    let Value::Object(fields) = typed else { return Ok(false) };
    match put_fields(connection, table, id, &fields) {
        Ok(()) => Ok(true),
        Err(fault) if fault.kind() == FaultKind::Other => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

pub(super) fn key_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, RowId)> {
    Ok((row.get(0)?, RowId(Uuid::from_bytes(row.get(1)?))))
}
