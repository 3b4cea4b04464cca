//! `/console/courier`: parcels that a supervisor hands in, and those that wait.

pub(super) mod handler;
mod sips;
