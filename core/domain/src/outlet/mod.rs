//! Outlets, the counties and territories they lie in, the people who visit them and the calls planned at them.

mod call_plan;
mod people;
mod place;

pub use call_plan::{CallPlan, PlannedCall, calls_on};
pub use people::{Person, Role};
pub use place::{County, Outlet, OutletClass, Territory};
