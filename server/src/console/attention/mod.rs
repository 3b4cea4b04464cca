//! `/console/attention`: what reps could not sync, what was carried in and waits, and what a supervisor makes of it.

pub(super) mod handler;
mod kind;
mod meant;
mod view;

pub(crate) use kind::kind_text;
pub(crate) use view::{AttentionPage, page, rows};
