//! `/console/photos/{id}`: one photo, its history, and the verdict.

mod beside;
pub(super) mod handler;
mod verdict;
mod view;

pub(crate) use beside::Beside;
pub(crate) use verdict::VerdictForm;
pub(crate) use view::{Commands, PhotoRows, Undo, page};
