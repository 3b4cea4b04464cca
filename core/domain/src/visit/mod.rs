//! A visit: one call at one outlet, in eleven steps.

mod answer;
mod day_report;
#[cfg(test)]
mod day_report_tests;
mod duplicate;
mod entity;
mod finish;
#[cfg(test)]
mod finish_tests;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod form_tests;
mod gaps;
mod goals;
#[cfg(test)]
mod law_tests;
mod own;
pub(crate) mod sheet;
pub(crate) mod shelf;
mod skip;
mod start;
mod step;
mod width;

pub use answer::decide_answer;
pub use day_report::{DayReport, OutletScore, day_report};
pub use duplicate::{decide_settle_duplicate, same_call};
pub use entity::{CheckIn, CheckOut, Duplicate, Goal, LateForm, Remarks, StepMark, Summary, Visit, VisitStatus};
pub use finish::decide_finish;
pub use gaps::{missing, required_zones};
pub use goals::{decide_assess_goals, decide_choose_goals};
pub(crate) use own::{guest, own_visit};
pub use shelf::{ON_SHELF_ITEM, SHELF_PRICE_ITEM, hit_pct};
pub use skip::decide_skip;
pub use start::decide_start;
pub use step::{LAST_STEP, decide_begin_step};
pub use width::{Width, width};
