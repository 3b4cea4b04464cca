//! `/console/dealers`: which dealers the reps serve, and how that came about.

pub(super) mod handler;
mod view;
