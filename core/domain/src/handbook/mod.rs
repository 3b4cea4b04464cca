//! The field handbook as data: visit steps, goals, photo zones, reject reasons, reasons for "not on shelf" and the
//! like, each with a stable code and both languages.
//!
//! The shipped lists are in `handbook/*.json`. An organisation's own entries live in its database; the rules ask the
//! state, never the shipped lists.

mod entry;
mod shipped;
mod wording;

pub use entry::{HandbookEntry, HandbookList};
pub use shipped::{SHIPPED_NAMESPACE, entries, standard_visit};
pub use wording::{Wording, alert_wording, label, task_wording};
