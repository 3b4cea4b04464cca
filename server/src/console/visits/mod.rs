//! `/console/`: a day in the field, rep by rep.

pub(super) mod handler;
mod photos;
mod report;
mod view;

pub(crate) use photos::{PhotoProgress, progress};
pub(crate) use view::{hit, page, place_pill, visit_state};
