//! What the sync engine does in a second, each figure beside the least that plain SQLite does in the same run.
//!
//! **Map.** `push` is M5 of the sync guide, `throughput` M8, `herd` M7; `served` is the server as a process of its own,
//! `crowd` an organisation as large as a figure needs, `caller` a phone reduced to its requests.
//!
//! **Invariants.** Clients, server and floor share the machine and the run; every figure says what it counted. What was
//! sent is counted again on the server afterwards, or the figure is none.

mod caller;
mod crowd;
pub mod herd;
pub mod push;
pub mod served;
pub mod throughput;

use std::{
    io::Write,
    time::{Duration, Instant},
};

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
fn now() -> Instant {
    Instant::now()
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// One line of a figure's report.
fn tell(text: &str) {
    // A closed pipe must not end a measurement half-way.
    drop(writeln!(std::io::stdout(), "{text}"));
}
