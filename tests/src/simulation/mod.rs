//! The simulator: a server and several phones in one process, on simulated time, in whatever weather a seed draws.
//!
//! **Purpose.** To find what only the coincidence of faults brings to light, and to find it again: a seed decides the
//! people, their deeds, the lines, the clocks, the kills and the order in which everything runs.
//!
//! **Map.** `run` is one seed from beginning to end; `executor` and `clock` are the time it runs in; `server`, `store`
//! and `transport` hold the real server, `handset` the real phone core, `link` the line between them; `script` and
//! `desk` are the people, `weather` and `trouble` what goes wrong; `observer` and `oracle` say what must be true.
//!
//! **Invariants.** The code under test is the code that ships: only time, ids, chance, the line and the moment at which
//! a job runs are the simulator's. Two runs of a seed do the same.
//!
//! **Non-goals.** Real sockets and real processes; writes torn below SQLite.

#![expect(unreachable_pub, reason = "the parts of the simulator speak to each other only")]

mod books;
mod clock;
mod desk;
mod disk;
pub(crate) mod evidence;
mod executor;
mod family;
pub(crate) mod handset;
mod link;
mod observer;
mod office;
pub(crate) mod oracle;
mod pages;
mod reckoning;
mod rest;
pub(crate) mod rng;
mod room;
pub(crate) mod run;
mod scopes;
pub(crate) mod script;
mod seeds;
mod server;
mod sight;
mod skew;
mod store;
pub(crate) mod template;
mod trace;
mod transport;
mod trouble;
mod weather;
mod wire;
pub(crate) mod world;

pub use family::Family;
pub use run::{Counts, Outcome};
pub use seeds::kept_seeds;

/// Plays one seed after another; keeps what all runs share.
pub struct Simulator {
    runtime: tokio::runtime::Runtime,
}

impl Simulator {
    /// Makes what every run begins with.
    ///
    /// # Errors
    /// When the machine has no room for it.
    pub fn new() -> anyhow::Result<Self> {
        // The server gives work to threads and sets timers; neither decides what happens next.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        template::prepare(&runtime)?;
        Ok(Self { runtime })
    }

    /// Plays a seed.
    ///
    /// # Errors
    /// When the machine fails; what the run itself shows is in the outcome.
    pub fn play(&self, family: Family, seed: u64, steps: u64) -> anyhow::Result<Outcome> {
        let _context = self.runtime.enter();
        run::run(family, seed, steps)
    }
}
