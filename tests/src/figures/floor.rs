//! The floor: plain rusqlite, a phone's own tables and indexes, the same settings, one transaction, rows already
//! decoded.
//!
//! The definitions are read out of a phone's database, so that a new column of a table is one of the floor's too.

use std::path::Path;

use anyhow::Context;
use rusqlite::{Connection, types::Value as SqlValue};
use serde_json::Value;
use storewalk_domain::sync::{Row, Table};
use storewalk_sqlite::{ColumnKind, Durability, configure, id_of, spec_of, widen_cache};

use super::throughput::same_schema;

/// Rows as their columns hold them, table by table.
pub struct Decoded(Vec<(Table, Vec<Vec<SqlValue>>)>);

/// Decodes rows.
///
/// # Errors
/// When a row is none.
pub fn decode(rows: &[Row]) -> anyhow::Result<Decoded> {
    let mut tables: Vec<(Table, Vec<Vec<SqlValue>>)> = Vec::new();
    for table in Table::ALL {
        let of_table = rows.iter().filter(|row| row.table() == *table);
        let mut values = of_table.map(|row| columns(*table, row)).collect::<anyhow::Result<Vec<_>>>()?;
        // In the order of their ids, as segments have them.
        values.sort_by(|one, other| blob(one).cmp(blob(other)));
        tables.push((*table, values));
    }
    Ok(Decoded(tables))
}

fn blob(values: &[SqlValue]) -> &[u8] {
    match values.first() {
        Some(SqlValue::Blob(id)) => id,
        _ => &[],
    }
}

fn columns(table: Table, row: &Row) -> anyhow::Result<Vec<SqlValue>> {
    let fields = row.to_json()?;
    let mut values = vec![SqlValue::Blob(row.id().as_bytes().to_vec())];
    for (column, kind) in spec_of(table).columns {
        values.push(to_sql(*kind, &fields[*column]).with_context(|| format!("decode {}.{column}", table.name()))?);
    }
    Ok(values)
}

fn to_sql(kind: ColumnKind, value: &Value) -> Option<SqlValue> {
    if value.is_null() {
        return Some(SqlValue::Null);
    }
    Some(match kind {
        ColumnKind::Id => SqlValue::Blob(id_of(value.as_str()?)?.to_vec()),
        ColumnKind::Integer => SqlValue::Integer(value.as_i64()?),
        ColumnKind::Bool => SqlValue::Integer(i64::from(value.as_bool()?)),
        ColumnKind::Text => SqlValue::Text(value.as_str()?.to_owned()),
        ColumnKind::Json => SqlValue::Text(value.to_string()),
    })
}

/// A new database with the tables and indexes that a phone keeps its synced rows in.
///
/// # Errors
/// When either database cannot be used.
pub fn prepare(file: &Path, phone: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open(file)?;
    configure(&connection, Durability::Full)?;
    widen_cache(&connection)?;
    let tables: Vec<&str> = Table::ALL.iter().map(|table| table.name()).collect();
    same_schema(&Connection::open(phone)?, &connection, &tables)?;
    Ok(connection)
}

/// Inserts the rows into a prepared database. Says how many.
///
/// # Errors
/// When the database refuses.
pub fn insert(connection: &mut Connection, decoded: &Decoded) -> anyhow::Result<usize> {
    let transaction = connection.transaction()?;
    let mut count = 0;
    for (table, rows) in &decoded.0 {
        let columns: Vec<&str> = spec_of(*table).columns.iter().map(|(column, _)| *column).collect();
        let marks = vec!["?"; columns.len() + 1].join(", ");
        let sql = format!("INSERT INTO {} (id, {}) VALUES ({marks})", table.name(), columns.join(", "));
        let mut statement = transaction.prepare(&sql)?;
        for row in rows {
            statement.execute(rusqlite::params_from_iter(row))?;
            count += 1;
        }
    }
    transaction.commit()?;
    Ok(count)
}
