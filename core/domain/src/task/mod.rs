//! Tasks for reps and alerts for supervisors.
//!
//! A task is `open` until it is `done` (by hand, or by the proof it asks for) or `cancelled`.

mod decide;
mod task;

pub use decide::*;
pub use task::{Alert, AlertKind, Proof, Task, TaskKind, TaskStatus};
