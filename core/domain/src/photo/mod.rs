//! Photographs as evidence, and what reviewers decide about them.

mod answer;
#[cfg(test)]
mod answer_tests;
mod attach;
#[cfg(test)]
mod attach_tests;
mod cover;
mod entity;
mod evidence;
mod review;
#[cfg(test)]
mod review_late_tests;
#[cfg(test)]
mod review_tests;
mod seen;
mod shelf_prints;
mod signal;
#[cfg(test)]
mod signal_tests;
mod verdict;

pub use answer::decide_answer_signal;
pub use attach::{MAX_PHOTO_BYTES, decide_attach};
pub use cover::{COVER_PARTS, Cover, CoverArea, CoverWish, LEAST_COVER, MOST_COVERS, NotAnArea, decide_cover};
pub use entity::{Photo, PhotoStatus};
pub use evidence::rejected_zones;
pub use review::decide_review;
pub use seen::{Alike, CameraClock, Print, Remark, Seen};
pub use shelf_prints::{PRINT_DAYS, PRINT_MATCH, ShelfPrints};
pub use signal::{
    Arrival, MOST_ANSWER_CHARS, Signal, SignalAnswer, SignalKind, counted_signals, counting_signals, is_remarkable,
};
pub use verdict::{Pin, Verdict, VerdictDecision};
