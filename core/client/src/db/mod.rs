//! The phone's database file: one writer, a few readers, and the way both are let go when the app sleeps.
//!
//! **States.** Open → paused ⇄ open → shut down. While paused no connection is held, so that an operating system that
//! suspends the app never finds it holding a lock.
//!
//! **Invariants.** Every write is one `BEGIN IMMEDIATE` transaction with `synchronous=FULL`. A read sees one snapshot
//! and never waits for the writer. A panic inside a closure rolls back and leaves the database usable.

mod pool;
mod schema;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;

pub(crate) use pool::Db;
pub(crate) use schema::{check, has_its_tables, open_connection};
