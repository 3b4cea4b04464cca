//! How reviewers share their work: which photos a queue holds, who works on which, and whether two people see the same.
//!
//! **Purpose.** A verdict itself is a command (`photo/review.rs`). What is here is decided at the console alone and never
//! travels to a phone: the rule of a queue, a claim that lapses, the blind second look and how far two reviewers agree.
//!
//! **Invariants.** Nothing here is a verdict: a claim lapses by itself, a second look changes no score. A rule chooses the
//! same photos whoever asks, and whenever.

mod agreement;
mod claim;
mod queue;
mod risk;
mod second;

pub use agreement::Agreement;
pub use claim::{Claim, decide_claim, require_unclaimed};
pub use queue::{QueueRule, is_sampled};
pub use risk::{risk, weight_of};
pub use second::{Drawn, SecondLook, decide_second_look, may_look, other_eyes};
