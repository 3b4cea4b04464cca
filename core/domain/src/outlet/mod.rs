//! Outlets, the counties and territories they lie in, the people who visit them and the calls planned at them.

mod call_plan;
mod edit;
mod people;
mod place;
mod profile;
#[cfg(test)]
mod profile_tests;
mod settle;

pub use call_plan::{CallPlan, PlannedCall, calls_on};
pub use edit::decide_edit;
pub use people::{Person, Role};
pub use place::{County, Outlet, OutletClass, Territory};
pub use profile::{Contest, Edit, FieldName, ProfileField, Settled, resolve};
pub use settle::decide_settle_conflict;
