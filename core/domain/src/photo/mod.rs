//! Photographs as evidence, and what reviewers decide about them.

mod decide;
mod photo;
mod verdict;

pub use decide::*;
pub use photo::{Photo, PhotoStatus};
pub use verdict::{Pin, Verdict, VerdictDecision};
