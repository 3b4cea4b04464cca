//! `/console/attention`: what reps could not sync, and how their phones are.

pub(super) mod handler;
mod kind;
mod view;

pub(crate) use view::page;
