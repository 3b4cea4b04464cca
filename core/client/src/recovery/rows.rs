//! The rows of the last pull, as far as they can be read: so that the day goes on without a network.
//!
//! **Invariants.** Only the server's versions come over; the pending commands then run again on them. Each row is marked
//! as parted: the first complete pull, which starts from nothing, either takes it over or lets it go. What cannot be
//! read is left out; the pull brings it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rusqlite::{Connection, OpenFlags, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Row, Table},
};
use storewalk_sqlite::{id_blob, put_fields, select_fields};
use uuid::Uuid;

use crate::{
    ClientError,
    vault::{Vault, open_any},
};

/// Rows read at a time: a damaged page costs at most so many.
const CHUNK: u64 = 64;

/// No table of a phone gets near this row number; a larger one is damage itself.
const LAST_ROW: u64 = 10_000_000;

type Key = (String, RowId);

/// Copies what can be read from a damaged file. Says how many rows came over.
pub(super) fn carry_over(connection: &Connection, damaged: &Path, vault: &Vault) -> Result<u64, ClientError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(source) = open_any(damaged, flags, vault) else { return Ok(0) };
    // Without the shadows nobody can say which rows are the server's.
    let Some(shadows) = read_shadows(&source) else { return Ok(0) };
    let mut rows = 0;
    for table in Table::ALL {
        let mut seen = BTreeSet::new();
        for fields in readable(&source, *table) {
            let Some(id) = id_of(&fields) else { continue };
            seen.insert(id);
            let server = shadows.get(&(table.name().to_owned(), id)).map_or(Some(fields), Clone::clone);
            rows += u64::from(put(connection, *table, id, server)?);
        }
        for ((_, id), fields) in shadows.iter().filter(|((name, id), _)| *name == table.name() && !seen.contains(id)) {
            // A pending command had removed the row.
            rows += u64::from(put(connection, *table, *id, fields.clone())?);
        }
    }
    Ok(rows)
}

fn put(
    connection: &Connection,
    table: Table,
    id: RowId,
    fields: Option<Map<String, Value>>,
) -> Result<bool, ClientError> {
    let Some(fields) = fields else { return Ok(false) };
    let typed = Value::Object(fields);
    if !Row::is_readable(table, &typed.to_string()) {
        return Ok(false);
    }
    let Value::Object(fields) = typed else { return Ok(false) };
    if put_fields(connection, table, id, &fields).is_err() {
        return Ok(false);
    }
    connection
        .prepare_cached("INSERT OR IGNORE INTO parted (tbl, row_id) VALUES (:tbl, :id)")?
        .execute(named_params! { ":tbl": table.name(), ":id": id_blob(id) })?;
    Ok(true)
}

/// The rows of a table, without those that lie in pages that cannot be read.
fn readable(source: &Connection, table: Table) -> Vec<Map<String, Value>> {
    let last: u64 = source
        .query_row(&format!("SELECT coalesce(max(rowid), 0) FROM {}", table.name()), [], |row| row.get(0))
        .unwrap_or(0);
    let chunk = |from: u64| {
        let between = named_params! { ":from": from, ":to": from + CHUNK };
        select_fields(source, table, "WHERE rowid >= :from AND rowid < :to", between).unwrap_or_default()
    };
    (1..=last.min(LAST_ROW)).step_by(usize::try_from(CHUNK).unwrap_or(1)).flat_map(chunk).collect()
}

fn read_shadows(source: &Connection) -> Option<BTreeMap<Key, Option<Map<String, Value>>>> {
    let mut statement = source.prepare("SELECT tbl, row_id, fields FROM shadows").ok()?;
    let mut rows = statement.query([]).ok()?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next().ok()? {
        let key = (row.get(0).ok()?, RowId(Uuid::from_bytes(row.get(1).ok()?)));
        let text: Option<String> = row.get(2).ok()?;
        let fields = match text {
            Some(text) => Some(serde_json::from_str(&text).ok()?),
            None => None,
        };
        found.insert(key, fields);
    }
    Some(found)
}

fn id_of(fields: &Map<String, Value>) -> Option<RowId> {
    Some(RowId(Uuid::parse_str(fields.get("id")?.as_str()?).ok()?))
}
