//! `/console/photos/{id}`: one photo, its history, and the verdict.

mod beside;
pub(super) mod handler;
mod keeping;
mod people;
mod reason;
mod signals;
mod verdict;
mod view;

pub(crate) use beside::Beside;
pub(crate) use keeping::KeepingRows;
pub(crate) use people::PeopleRows;
pub(crate) use reason::{ReasonView, reasons};
pub(crate) use signals::signal_pills;
pub(crate) use verdict::VerdictForm;
pub(crate) use view::{Commands, PhotoRows, Undo, page};
