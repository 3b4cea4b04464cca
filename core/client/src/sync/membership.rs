//! Which rows the phone holds, and why: the buckets each came in.
//!
//! **Invariants.** A row lives while one of its buckets holds it, and dies with the last. A row a pending command has
//! touched stays until that command is resolved, even when every bucket has let it go. Between two buckets that hold
//! the same row the higher version counts. A row this release cannot read is kept whole, apart, and never shown.

use rusqlite::{Connection, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Row, Table},
};
use storewalk_sqlite::{FaultKind, id_blob, put_fields, remove_row};
use uuid::Uuid;

use crate::{ClientError, outbox};

/// One staged change of one row.
pub(super) struct Arrival {
    pub(super) table: String,
    pub(super) id: RowId,
    pub(super) position: u64,
    pub(super) version: u64,
    pub(super) fields: Option<String>,
}

/// Makes one change of one bucket.
pub(super) fn arrive(connection: &Connection, bucket_id: i64, arrival: &Arrival) -> Result<(), ClientError> {
    let Arrival { table, id, position, version, fields } = arrival;
    let Some(fields) = fields else {
        return leave(connection, bucket_id, table, *id);
    };
    let newest: Option<u64> = connection
        .prepare_cached(
            "SELECT max(version) FROM memberships WHERE tbl = :tbl AND row_id = :id AND bucket_id <> :bucket",
        )?
        .query_row(named_params! { ":tbl": table, ":id": id_blob(*id), ":bucket": bucket_id }, |row| row.get(0))?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO memberships (tbl, row_id, bucket_id, position, version)
             VALUES (:tbl, :id, :bucket, :position, :version)",
        )?
        .execute(named_params! {
            ":tbl": table, ":id": id_blob(*id), ":bucket": bucket_id, ":position": position, ":version": version,
        })?;
    if newest.is_some_and(|newest| newest > *version) {
        return Ok(());
    }
    write(connection, table, *id, fields)
}

/// Takes a row out of a bucket.
pub(super) fn leave(connection: &Connection, bucket_id: i64, table: &str, id: RowId) -> Result<(), ClientError> {
    let key = named_params! { ":tbl": table, ":id": id_blob(id), ":bucket": bucket_id };
    connection
        .prepare_cached("DELETE FROM memberships WHERE tbl = :tbl AND row_id = :id AND bucket_id = :bucket")?
        .execute(key)?;
    if is_held(connection, table, id)? {
        return Ok(());
    }
    if outbox::is_touched(connection, table, id)? {
        connection
            .prepare_cached("INSERT OR IGNORE INTO parted (tbl, row_id) VALUES (:tbl, :id)")?
            .execute(named_params! { ":tbl": table, ":id": id_blob(id) })?;
        return Ok(());
    }
    erase(connection, table, id)
}

/// The rows a bucket holds, without those its staged entries name when `but_staged`.
pub(super) fn rows_of(
    connection: &Connection,
    bucket_id: i64,
    but_staged: Option<&str>,
) -> Result<Vec<(String, RowId)>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT tbl, row_id FROM memberships AS held
         WHERE bucket_id = :bucket_id AND NOT EXISTS (
             SELECT 1 FROM staged_entries AS staged
             WHERE staged.bucket = :bucket AND staged.tbl = held.tbl AND staged.row_id = held.row_id)",
    )?;
    let rows = statement.query_map(named_params! { ":bucket_id": bucket_id, ":bucket": but_staged }, key_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Lets the rows go that left every bucket and that no pending command rests on any more. Says how many.
pub(super) fn let_parted_go(connection: &Connection) -> Result<u64, ClientError> {
    connection.execute(
        "DELETE FROM parted WHERE EXISTS (
             SELECT 1 FROM memberships AS held WHERE held.tbl = parted.tbl AND held.row_id = parted.row_id)",
        [],
    )?;
    let free: Vec<(String, RowId)> = {
        let mut statement = connection.prepare_cached(
            "SELECT tbl, row_id FROM parted WHERE NOT EXISTS (
                 SELECT 1 FROM outbox_rows AS touched
                 WHERE touched.tbl = parted.tbl AND touched.row_id = parted.row_id)",
        )?;
        statement.query_map([], key_of)?.collect::<Result<_, _>>()?
    };
    for (table, id) in &free {
        erase(connection, table, *id)?;
        connection.execute(
            "DELETE FROM parted WHERE tbl = :tbl AND row_id = :id",
            named_params! { ":tbl": table, ":id": id_blob(*id) },
        )?;
    }
    Ok(free.len() as u64)
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
    for (table, id, fields) in waiting {
        write(connection, &table, id, &fields)?;
    }
    let after: u64 = connection.query_row("SELECT count(*) FROM unknown_rows", [], |row| row.get(0))?;
    Ok(before.saturating_sub(after))
}

fn is_held(connection: &Connection, table: &str, id: RowId) -> Result<bool, ClientError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM memberships WHERE tbl = :tbl AND row_id = :id")?;
    Ok(statement.exists(named_params! { ":tbl": table, ":id": id_blob(id) })?)
}

fn write(connection: &Connection, table: &str, id: RowId, text: &str) -> Result<(), ClientError> {
    let key = named_params! { ":tbl": table, ":id": id_blob(id) };
    if is_shown(connection, table, id, text)? {
        connection.prepare_cached("DELETE FROM unknown_rows WHERE tbl = :tbl AND row_id = :id")?.execute(key)?;
        return Ok(());
    }
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

/// Writes the row into its table, if this release knows the table and can read the row.
fn is_shown(connection: &Connection, table: &str, id: RowId, text: &str) -> Result<bool, ClientError> {
    let Ok(table) = table.parse::<Table>() else { return Ok(false) };
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(text) else { return Ok(false) };
    // A row that could not be read back would take every list it is in down with it.
    if Row::from_json(table, Value::Object(fields.clone())).is_err() {
        return Ok(false);
    }
    match put_fields(connection, table, id, &fields) {
        Ok(()) => Ok(true),
        Err(fault) if fault.kind() == FaultKind::Other => Ok(false),
        Err(fault) => Err(fault.into()),
    }
}

fn erase(connection: &Connection, table: &str, id: RowId) -> Result<(), ClientError> {
    if let Ok(known) = table.parse::<Table>() {
        remove_row(connection, known, id)?;
    }
    connection
        .prepare_cached("DELETE FROM unknown_rows WHERE tbl = :tbl AND row_id = :id")?
        .execute(named_params! { ":tbl": table, ":id": id_blob(id) })?;
    Ok(())
}

fn key_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, RowId)> {
    Ok((row.get(0)?, RowId(Uuid::from_bytes(row.get(1)?))))
}
