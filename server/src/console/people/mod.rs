//! `/console/photos/{id}/people`: marking what is to be covered in copies of a photo, one photo or a whole choice.

mod areas;
pub(super) mod copies;
pub(super) mod handler;
mod view;

pub(crate) use areas::{AreaView, area_views};
pub(crate) use view::{PeoplePill, said};
