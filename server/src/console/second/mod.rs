//! `/console/second` and `/console/agreement`: judging a sample again without knowing the verdict, and what comes of it.

pub(super) mod handler;
mod view;
