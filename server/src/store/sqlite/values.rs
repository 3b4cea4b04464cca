//! Numbers and ids between Rust and SQL.

use rusqlite::{Row, types::ValueRef};
use uuid::Uuid;

use crate::store::StoreError;

/// A count as SQL keeps it.
pub(super) fn to_sql(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|error| StoreError::Unfit(Box::new(error)))
}

/// A count that was written by [`to_sql`].
pub(super) fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

/// An id.
pub(super) fn id(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

/// Text that one of our own enums or JSON types reads.
pub(super) fn parsed<T>(
    row: &Row<'_>,
    column: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    let fault = || rusqlite::Error::InvalidColumnType(index, column.to_owned(), rusqlite::types::Type::Text);
    match row.get_ref(index)? {
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(read).ok_or_else(fault),
        _ => Err(fault()),
    }
}

/// JSON text of a value of ours.
pub(super) fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unfit(Box::new(error)))
}
