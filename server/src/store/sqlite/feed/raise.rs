//! What a schema step does to rows, told to the phones.
//!
//! A column that a step adds empty changes nothing a phone could notice: what is empty does not count in a checksum. A
//! step that gives a column a value of its own, or rewrites one, changes rows behind the back of their versions: each
//! phone would find its bucket in doubt and heal it range by range. Such a step is therefore listed with its table, and
//! every row of the table takes a new version and a new position once, like any other change.

use rusqlite::named_params;
use storewalk_domain::sync::Table;

use crate::store::{StoreError, sqlite::SqliteTxn};

/// A table whose rows read differently after a step than before.
#[derive(Clone, Copy, Debug)]
pub(in crate::store::sqlite) struct Rewritten {
    /// The step, counted from 1: its place in the list of steps.
    pub(in crate::store::sqlite) step: i64,
    /// The table.
    pub(in crate::store::sqlite) table: Table,
}

impl SqliteTxn<'_> {
    /// Gives every row a new version and a new position whose table was rewritten by a step after `since`.
    pub(super) fn raise_rewritten(&self, rewritten: &[Rewritten], since: i64) -> Result<(), StoreError> {
        let mut tables: Vec<Table> = rewritten.iter().filter(|one| one.step > since).map(|one| one.table).collect();
        tables.sort_unstable();
        tables.dedup();
        for table in tables {
            let named = named_params! { ":tbl": table.name() };
            let rows = self.execute(include_str!("raise_versions.sql"), named)?;
            self.execute(include_str!("raise_entries.sql"), named)?;
            self.execute(include_str!("raise_heads.sql"), [])?;
            tracing::info!(table = table.name(), rows, "rows were rewritten by a schema step; phones fetch them again");
        }
        Ok(())
    }
}
