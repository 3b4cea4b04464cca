//! The day as a person reads it.

use serde::Serialize;
use storewalk_domain::{
    ids::{CallPlanId, OutletId, VisitId},
    outlet::OutletClass,
    text::Localized,
    time::BusinessDate,
};

use crate::ProblemView;

/// The calls of a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TodayView {
    /// The date; where outlets lie in several zones, that of the first call.
    pub date: BusinessDate,
    /// Planned calls in route order.
    pub calls: Vec<CallView>,
    /// Visits of the day that no plan asked for.
    pub unplanned: Vec<CallView>,
    /// How many planned calls are done or skipped.
    pub settled: u32,
    /// Plans that cannot be read; they hide nothing else.
    pub problems: Vec<ProblemView>,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CallView {
    /// The plan it comes from; `None` for an unplanned visit.
    pub plan_id: Option<CallPlanId>,
    /// Where.
    pub outlet_id: OutletId,
    /// The outlet's code.
    pub outlet_code: String,
    /// The outlet's name.
    pub outlet_name: String,
    /// The outlet's class.
    pub class: OutletClass,
    /// The outlet's address.
    pub address: String,
    /// How far it has come.
    pub state: CallState,
    /// The visit, once there is one.
    pub visit_id: Option<VisitId>,
    /// Why it was skipped.
    pub skip_reason: Option<Localized>,
    /// Open tasks at the outlet.
    pub open_tasks: u32,
    /// Photos to be taken again, among them.
    pub retakes: u32,
    /// Whether the outlet was handed over and is only still here for what is unsent or under way.
    pub is_handed_over: bool,
}

/// How far a call has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Not begun.
    Planned,
    /// Left out for a reason.
    Skipped,
    /// Checked out.
    Done,
    /// The rep is in the outlet.
    InProgress,
}
