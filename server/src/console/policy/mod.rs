//! `/console/policy`: how long photos are kept, and which are held.

pub(super) mod handler;
mod view;

pub(crate) use view::class_name;
