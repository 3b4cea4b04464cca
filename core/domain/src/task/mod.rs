//! Tasks for reps and alerts for supervisors.
//!
//! A task is `open` until it is `done` (by hand, by the proof it asks for, or because a visit shows it cured) or
//! `cancelled`.

mod close;
mod entity;
mod follow_up;
mod price_spread;
mod raise;
#[cfg(test)]
mod tests;

pub use close::decide_close;
pub use entity::{Alert, AlertKind, Proof, Task, TaskKind, TaskStatus};
pub(crate) use follow_up::follow_up;
pub(crate) use price_spread::price_spread_alerts;
pub use raise::{MAX_NOTE_CHARS, decide_raise};
