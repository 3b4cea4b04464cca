//! The torture: a real server process and real phone processes over real loopback sockets, through a line that lies,
//! and `kill -9` on both sides at any moment.
//!
//! **Purpose.** What the simulator cannot have: processes that end in the middle of a system call, a kernel's sockets,
//! the HTTP client and server as they ship.
//!
//! **Map.** `fleet` is one run from beginning to end; `server` and `handheld` hold the processes; `line` is a phone's
//! hostile road to the server and `exchange` whole requests on it; `phone` is the life of a phone process, `journal`
//! what it swears to have taken in; `reckoning` asks the simulator's oracles.
//!
//! **Invariants.** Bounded in kills and in time. Only 127.0.0.1, only free ports. Whatever the journal holds was
//! acknowledged by the core before it was written, and is on disk before the phone goes on.
//!
//! **Non-goals.** Replay: a seed decides deeds, weather and kills, but the kernel decides when each process runs. Lost
//! writes: what a process wrote survives its death; power cuts are the simulator's.

mod exchange;
mod fleet;
mod handheld;
mod journal;
mod line;
mod phone;
mod reckoning;
mod server;

pub use fleet::{Options, Programs, Summary, run};
pub use phone::{Life, live};
