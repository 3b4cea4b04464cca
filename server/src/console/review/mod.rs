//! `/console/review`: the queue by a rule, one's own claims, and approving them together.

mod choice;
pub(crate) mod handler;
mod view;
