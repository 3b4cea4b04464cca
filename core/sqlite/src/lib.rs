//! How synced rows live in SQLite, the same on the phone and on the server.
//!
//! **Purpose.** One declaration per table ([`columns`](TableSpec)), one way to write a row and to read it back, one
//! answer to each question a decision may ask ([`SqliteState`]), one set of connection settings.
//!
//! **Invariants.** A field this release does not know is kept in the column `extra` and survives a round trip. Rows of
//! one bucket may arrive before those they point at, so synced tables have no foreign keys among each other. A row
//! written by a decision never touches `extra`.
//!
//! **Non-goals.** Outbox, feed, accounts: they belong to the host that owns them.

mod cells;
mod columns;
mod error;
mod open;
mod read;
mod rows;
mod state;

pub use cells::{BulkWriter, Cell, id_of};
pub use columns::{ColumnKind, TableSpec, spec_of};
pub use error::{FaultKind, SqliteError};
pub use open::{
    CONFLICT_TABLES, Durability, Found, ORDER_SUMS, PHOTO_SEEN, REFUSAL_OUTCOMES, SCHEMA_READERS, SHELF_PRINTS,
    SYNCED_HANDOVER, SYNCED_STEPS, SYNCED_TABLES, Schema, bring_up_to_date, configure, migrate, steps_of, widen_cache,
};
pub use rows::{get_extra, get_fields, get_row, put_fields, put_row, remove_row, select, select_fields};
pub use state::SqliteState;

/// An id as SQL keeps it.
pub fn id_blob(id: storewalk_domain::ids::RowId) -> [u8; 16] {
    *id.as_bytes()
}
