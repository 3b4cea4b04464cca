//! Outlets, the counties and territories they lie in, the people who visit them, the calls planned at them, and how
//! all of it passes from one rep to another.

mod call_plan;
mod edit;
mod handover;
mod late;
mod people;
mod place;
mod profile;
#[cfg(test)]
mod profile_tests;
mod reassign;
#[cfg(test)]
mod reassign_tests;
mod settle;

pub use call_plan::{CallPlan, PlannedCall, calls_on};
pub use edit::decide_edit;
pub use handover::{CreditRule, Handover, HandoverLabel, LateWork, MAX_LATE_WORKS, Standing, WorkKind};
pub(crate) use late::{late, reps};
pub use people::{Person, Role};
pub use place::{County, Outlet, OutletClass, Territory};
pub use profile::{Contest, Edit, FieldName, ProfileField, Settled, resolve};
pub use reassign::{Why, decide_reassign, decide_reassign_territory, moved_with_outlet};
pub use settle::decide_settle_conflict;
