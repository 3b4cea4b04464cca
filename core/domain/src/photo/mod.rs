//! Photographs as evidence, and what reviewers decide about them.

mod attach;
#[cfg(test)]
mod attach_tests;
mod entity;
mod evidence;
mod review;
#[cfg(test)]
mod review_tests;
mod seen;
mod verdict;

pub use attach::{MAX_PHOTO_BYTES, decide_attach};
pub use entity::{Photo, PhotoStatus};
pub use evidence::rejected_zones;
pub use review::decide_review;
pub use seen::{CameraClock, Print, Remark, Seen};
pub use verdict::{Pin, Verdict, VerdictDecision};
