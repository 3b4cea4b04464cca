//! Storewalk's rules, shared by the phone and the server.
//!
//! **Purpose.** Everything the product *decides* lives here once: who may do what, whether a visit may be closed,
//! what an order costs and why, what a shelf scores and why, which rows a command touches and who may see them.
//!
//! **Invariants.** Nothing here does I/O, reads a clock, makes a random number or knows a database. Given the same
//! [`sync::State`], the same [`sync::Command`] and the same [`sync::Context`], [`sync::decide`] answers the same on
//! every host. Money is never a float.
//!
//! **Where to start.** `sync/command.rs` (what a person can intend), `sync/decide.rs` (who answers it),
//! `order/pricing.rs` (what an order costs), `visit/` (a call at a shop), `sync/row.rs` (every row that travels).

pub mod catalog;
pub mod checklist;
pub mod dealer;
pub mod geo;
pub mod handbook;
pub mod ids;
pub mod money;
pub mod order;
pub mod outlet;
pub mod photo;
pub mod problem;
pub mod quantity;
pub mod retention;
pub mod review;
pub mod score;
pub mod sync;
pub mod task;
pub mod text;
pub mod time;
pub mod trusted;
pub mod visit;

#[cfg(feature = "ffi")]
uniffi::setup_scaffolding!();
