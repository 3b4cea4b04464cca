//! Import of outlets, products and price lists from CSV and XLSX.
//!
//! **Map.** [`table`] (bytes → cells with line numbers) → [`mod@plan`] (cells against what is there; pure) → [`preview`]
//! (what it would do, in words) and [`apply`] (one transaction); `command` is the command line. `columns` and `README.md` say which headers are
//! understood, `fault` and `texts.json` what can be wrong and what to do about it.
//!
//! **Invariants.** All or nothing: one faulty row and nothing is written. The same file twice changes nothing the
//! second time. No file, however broken, leads to a panic or to memory without bound.

pub mod apply;
pub mod columns;
mod command;
pub mod existing;
pub mod fault;
mod fields;
pub mod plan;
pub mod preview;
pub mod safe_csv;
pub mod table;

pub use columns::ImportKind;
pub use command::{ImportArgs, read_file, run, run_to};
pub use existing::Existing;
pub use fault::{Fault, ImportCode};
pub use plan::{ImportPlan, PlanOptions, plan};
pub use table::{Encoding, Limits, ReadOptions, Table, read_table};
