//! What an import would do: a pure comparison of a file with what is there.
//!
//! **Invariants.** Nothing here reads or writes a database. A faulty row contributes nothing. The same table planned
//! against its own result changes nothing: ids of new rows follow from their external keys, existing rows are matched
//! by code, and a column the file does not have leaves the existing value alone (an empty cell clears it).

mod outlets;
mod price_lists;
mod products;
mod reader;

use std::collections::BTreeSet;

use serde_json::Value;
use storewalk_domain::{
    sync::{Entity, Row},
    time::Zone,
};
use uuid::Uuid;

use super::{
    columns::{ColumnMap, ImportKind},
    existing::Existing,
    fault::Fault,
    table::Table,
};

/// The namespace of ids derived from external keys (UUIDv5). It must never change: it is what makes a second import of
/// the same file find the rows of the first.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0d_3a52_7c1e_4f0a_9d86_2f41_5c77_e9b3);

/// The id of a row made from an external key.
fn id_of(table: &str, key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{table}\u{1f}{key}").as_bytes())
}

/// What is the same for all rows of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlanOptions {
    /// The zone in which a date without a time begins.
    pub zone: Zone,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { zone: Zone::SHANGHAI }
    }
}

/// A row that exists and gets other values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedRow {
    /// Line in the file.
    pub line: u32,
    /// External key.
    pub key: String,
    /// The fields that change.
    pub fields: Vec<String>,
}

/// What an import would do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ImportPlan {
    /// Rows of the file.
    pub total: usize,
    /// Rows of the file that are new.
    pub new: usize,
    /// Rows of the file that change something.
    pub changed: Vec<ChangedRow>,
    /// Rows of the file that are there already, as they are.
    pub unchanged: usize,
    /// What is wrong, in order of lines.
    pub faults: Vec<Fault>,
    /// What is worth knowing.
    pub warnings: Vec<Fault>,
    /// The rows to write; only to be written when there is no fault.
    pub rows: Vec<Row>,
}

impl ImportPlan {
    /// A plan for a file that could not be read.
    pub fn of_faults(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::default() }
    }

    /// How many rows of the file are faulty.
    pub fn faulty(&self) -> usize {
        self.faults.iter().filter_map(|fault| fault.line).collect::<BTreeSet<_>>().len()
    }

    /// Notes what one row of the file comes to.
    fn settle<T: Entity + PartialEq>(&mut self, line: u32, key: &str, was: Option<&T>, is: T) {
        match was {
            None => {
                self.new += 1;
                self.rows.push(is.into_row());
            }
            Some(was) if *was == is => self.unchanged += 1,
            Some(was) => {
                self.changed.push(ChangedRow { line, key: key.to_owned(), fields: changed_fields(was, &is) });
                self.rows.push(is.into_row());
            }
        }
    }
}

fn changed_fields<T: Entity>(was: &T, is: &T) -> Vec<String> {
    let fields = |entity: &T| entity.clone().into_row().to_json();
    let (Ok(Value::Object(was)), Ok(Value::Object(is))) = (fields(was), fields(is)) else { return Vec::new() };
    is.into_iter().filter(|(name, value)| was.get(name) != Some(value)).map(|(name, _)| name).collect()
}

/// Compares a table with what is there.
pub fn plan(kind: ImportKind, table: &Table, existing: &Existing, options: PlanOptions) -> ImportPlan {
    let (columns, warnings) = match ColumnMap::of(kind, table) {
        Ok(found) => found,
        Err(faults) => return ImportPlan { total: table.rows.len(), ..ImportPlan::of_faults(faults) },
    };
    let sheet = reader::Sheet { table, columns: &columns };
    let mut plan = match kind {
        ImportKind::Outlets => outlets::plan(sheet, existing),
        ImportKind::Products => products::plan(sheet, existing),
        ImportKind::PriceLists => price_lists::plan(sheet, existing, options),
    };
    plan.total = table.rows.len();
    plan.warnings.splice(0..0, warnings);
    plan.faults.sort_by_key(|fault| fault.line);
    plan
}

#[cfg(test)]
mod tests;
