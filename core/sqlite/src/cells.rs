//! Rows in bulk: from values that are already what their columns hold.

use rusqlite::{CachedStatement, Connection};
use storewalk_domain::sync::Table;
use uuid::Uuid;

use crate::{SqliteError, rows::put_whole_sql};

/// What one column of one row holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A whole number, or yes (1) or no (0).
    Integer(i64),
    /// An id.
    Id([u8; 16]),
    /// Text, JSON included.
    Text(&'a str),
}

/// Writes many rows of one table.
pub struct BulkWriter<'c> {
    statement: CachedStatement<'c>,
}

impl std::fmt::Debug for BulkWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkWriter").finish_non_exhaustive()
    }
}

impl<'c> BulkWriter<'c> {
    /// A writer of a table's rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn of(connection: &'c Connection, table: Table) -> Result<Self, SqliteError> {
        Ok(Self { statement: connection.prepare_cached(put_whole_sql(table))? })
    }

    /// Writes a row, over the one of the same id if there is one: `id`, the columns of [`crate::spec_of`] in their order, `extra`.
    ///
    /// # Errors
    /// When the database refuses: a column that may not be empty, for one.
    pub fn put<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<(), SqliteError> {
        for (place, cell) in (1..).zip(cells) {
            match cell {
                Cell::Null => self.statement.raw_bind_parameter(place, rusqlite::types::Null)?,
                Cell::Integer(number) => self.statement.raw_bind_parameter(place, number)?,
                Cell::Id(id) => self.statement.raw_bind_parameter(place, id)?,
                Cell::Text(text) => self.statement.raw_bind_parameter(place, text)?,
            }
        }
        self.statement.raw_execute()?;
        Ok(())
    }
}

/// An id as it travels: 36 characters, lower case. Another spelling would not read back as it came.
pub fn id_of(text: &str) -> Option<[u8; 16]> {
    let is_canonical = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_canonical.then(|| Uuid::try_parse(text).ok()).flatten().map(Uuid::into_bytes)
}
