//! A phone shows what the server has of its person's buckets: all of it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use serde_json::{Map, Value, json};
use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Row, Table, buckets_of},
};
use storewalk_sqlite::{SqliteError, get_fields, select_fields};
use uuid::Uuid;

use crate::simulation::{evidence::Evidence, skew};

/// A field that a row has which nobody can read.
const UNREADABLE: &str = "is_unreadable";

type Rows = BTreeMap<(Table, RowId), Map<String, Value>>;

/// At quiescence: the phone's rows are the server's rows of these buckets, field by field, and the bookkeeping says so.
///
/// # Errors
/// When a database cannot be read.
pub fn shows_what_the_server_has(
    server: &Connection,
    handset: &impl Evidence,
    scope: &BTreeSet<Bucket>,
) -> anyhow::Result<Vec<String>> {
    let expected: Rows = rows(server)?
        .into_iter()
        .filter(|((table, _), fields)| buckets(*table, fields).iter().any(|bucket| scope.contains(bucket)))
        .collect();
    let mut shown = rows(handset.database())?;
    if handset.was_skewed() {
        for fields in shown.values_mut() {
            fields.remove(skew::FIELD);
        }
    }
    let mut objections = Vec::new();
    for (key, fields) in &expected {
        match shown.get(key) {
            None => objections.push(format!("{}: {} {} is missing", handset.name(), key.0.name(), key.1)),
            Some(found) if found != fields => {
                let what = difference(fields, found);
                objections.push(format!("{}: {} {} differs: {what}", handset.name(), key.0.name(), key.1));
            }
            Some(_) => {}
        }
    }
    let visited = being_visited(&expected);
    for key in shown.keys().filter(|key| !expected.contains_key(key) && !visited.contains(key)) {
        objections.push(format!("{}: {} {} is not the server's", handset.name(), key.0.name(), key.1));
    }
    objections.extend(bookkeeping(server, handset, &expected)?);
    Ok(objections)
}

/// The outlets of visits under way: one that was handed over stays, to be read, until its visit is finished.
fn being_visited(rows: &Rows) -> BTreeSet<(Table, RowId)> {
    let visits =
        rows.iter().filter(|((table, _), fields)| *table == Table::Visits && fields["status"] == "in_progress");
    let outlets = visits.filter_map(|(_, fields)| fields["outlet_id"].as_str()?.parse().ok());
    outlets.map(|id| (Table::Outlets, RowId(id))).collect()
}

/// At any time: every row on the phone belongs to a bucket of the person, as do the cursors; only what unsent work
/// rests on may stay behind.
///
/// # Errors
/// When a database cannot be read.
pub fn holds_only_its_own(handset: &impl Evidence, scope: &BTreeSet<Bucket>) -> anyhow::Result<Vec<String>> {
    let mut objections = Vec::new();
    let mut statement = handset.database().prepare_cached("SELECT bucket FROM cursors")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let bucket: String = row.get(0)?;
        if !bucket.parse::<Bucket>().is_ok_and(|bucket| scope.contains(&bucket)) {
            objections.push(format!("{}: holds bucket {bucket}", handset.name()));
        }
    }
    let sql = "SELECT 1 FROM outbox_rows WHERE tbl = :tbl AND row_id = :id
               UNION ALL SELECT 1 FROM parted WHERE tbl = :tbl AND row_id = :id";
    let mut unsent = handset.database().prepare_cached(sql)?;
    for ((table, id), fields) in rows(handset.database())? {
        // Whose a row is that nobody can read is not to be told.
        if fields.contains_key(UNREADABLE) || buckets(table, &fields).iter().any(|bucket| scope.contains(bucket)) {
            continue;
        }
        if !unsent.exists(rusqlite::named_params! { ":tbl": table.name(), ":id": id.0.as_bytes() })? {
            objections.push(format!("{}: holds {} {id}", handset.name(), table.name()));
        }
    }
    Ok(objections)
}

/// Cursors at the server's heads, one membership for every row and bucket, with the row's version.
fn bookkeeping(server: &Connection, handset: &impl Evidence, expected: &Rows) -> anyhow::Result<Vec<String>> {
    let mut objections = Vec::new();
    let mut statement = handset.database().prepare_cached("SELECT bucket, epoch, position FROM cursors")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let (bucket, epoch, position): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let sql = "SELECT 1 FROM bucket_heads WHERE bucket = ? AND epoch = ? AND head = ?";
        if !server.prepare_cached(sql)?.exists(rusqlite::params![bucket, epoch, position])? {
            objections.push(format!("{}: {bucket} is read up to {position}, which is not its head", handset.name()));
        }
    }
    let mut statement = handset.database().prepare_cached(
        "SELECT row_tables.name, held.row_id, held.version
         FROM memberships AS held JOIN row_tables ON row_tables.code = held.tbl",
    )?;
    let mut found = statement.query([])?;
    let mut members = BTreeSet::new();
    while let Some(row) = found.next()? {
        let (table, id, version): (String, [u8; 16], i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if table == skew::TABLE {
            continue;
        }
        let sql = "SELECT 1 FROM row_versions WHERE tbl = ? AND row_id = ? AND version = ?";
        if !server.prepare_cached(sql)?.exists(rusqlite::params![table, id, version])? {
            objections.push(format!("{}: {table} {} is of another version", handset.name(), Uuid::from_bytes(id)));
        }
        members.insert((table, RowId(Uuid::from_bytes(id))));
    }
    let listed: BTreeSet<_> = expected.keys().map(|(table, id)| (table.name().to_owned(), *id)).collect();
    if members != listed {
        let count = members.symmetric_difference(&listed).count();
        objections.push(format!("{}: {count} memberships too few or too many", handset.name()));
    }
    Ok(objections)
}

fn rows(database: &Connection) -> anyhow::Result<Rows> {
    let mut rows = Rows::new();
    for table in Table::ALL {
        let found = match select_fields(database, *table, "ORDER BY id", []) {
            Err(SqliteError::Shape { .. }) => one_by_one(database, *table)?,
            found => found?,
        };
        for fields in found {
            let id = fields.get("id").and_then(Value::as_str).and_then(|text| Uuid::parse_str(text).ok());
            rows.insert((*table, RowId(id.unwrap_or_default())), fields);
        }
    }
    Ok(rows)
}

/// The rows of a table of which one is damaged: that one stands there as what cannot be read, until it is mended.
fn one_by_one(database: &Connection, table: Table) -> anyhow::Result<Vec<Map<String, Value>>> {
    let mut statement = database.prepare(&format!("SELECT id FROM {} ORDER BY id", table.name()))?;
    let ids: Vec<[u8; 16]> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let read = |id: [u8; 16]| {
        let id = RowId(Uuid::from_bytes(id));
        let unreadable = || Map::from_iter([("id".to_owned(), json!(id)), (UNREADABLE.to_owned(), json!(true))]);
        match get_fields(database, table, id) {
            Err(SqliteError::Shape { .. }) => Ok(unreadable()),
            fields => Ok(fields?.unwrap_or_default()),
        }
    };
    ids.into_iter().map(read).collect()
}

fn buckets(table: Table, fields: &Map<String, Value>) -> Vec<Bucket> {
    Row::from_json(table, Value::Object(fields.clone())).map_or_else(|_| Vec::new(), |row| buckets_of(&row))
}

fn difference(expected: &Map<String, Value>, found: &Map<String, Value>) -> String {
    let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    let differing = names.into_iter().filter(|name| expected.get(*name) != found.get(*name));
    differing
        .map(|name| format!("{name} {:?} ≠ {:?}", expected.get(name), found.get(name)))
        .collect::<Vec<_>>()
        .join("; ")
}
