//! How long a photo's bytes are kept, what keeps them longer, and what is never kept at all.
//!
//! **Invariants.** Only bytes are ever deleted: the photo's row, its verdicts and its hash stay. A hold beats every
//! policy. A policy is a numbered version; it is followed by another, never changed.

mod hold;
mod place;
mod policy;
mod sweep;

pub use hold::{Hold, Lift, decide_hold, decide_lift};
pub use place::may_keep_place;
pub use policy::{LONGEST_DAYS, PhotoClass, RetentionPolicy, SHORTEST_DAYS, decide_policy};
pub use sweep::{Sweep, due_at, judge_bytes};
