//! `/console/visits/{id}`: one visit, whole.

mod answers;
pub(super) mod handler;
mod score;
mod view;

pub(crate) use score::product_name;
pub(crate) use view::{VisitPage, VisitRows, page};
