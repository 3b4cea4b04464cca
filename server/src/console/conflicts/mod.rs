//! `/console/conflicts`: profile fields with corrections that contradict each other, for a supervisor to decide.

pub(super) mod handler;
mod view;

pub(crate) use view::{ConflictsPage, page};
