//! A visit: one call at one outlet, in eleven steps.

mod decide;
mod visit;

pub use decide::*;
pub use visit::{CheckIn, CheckOut, Goal, StepMark, Summary, Visit, VisitStatus};
