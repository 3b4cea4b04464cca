//! The calls of a day.

use storewalk_client::{self as client, CallView, TodayView};
use storewalk_domain::{outlet::OutletClass, text::Localized};

use super::{Problem, all, text};

/// The calls of a day.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Today {
    /// The date, `YYYY-MM-DD`.
    pub date: String,
    /// Planned calls in route order.
    pub calls: Vec<Call>,
    /// Visits of the day that no plan asked for.
    pub unplanned: Vec<Call>,
    /// How many planned calls are done or skipped.
    pub settled: u32,
    /// Plans that cannot be read; they hide nothing else.
    pub problems: Vec<Problem>,
}

/// One call.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Call {
    /// The plan it comes from; nothing for an unplanned visit.
    pub plan_id: Option<String>,
    /// Where.
    pub outlet_id: String,
    /// The outlet's code.
    pub outlet_code: String,
    /// The outlet's name.
    pub outlet_name: String,
    /// The outlet's class.
    pub outlet_class: OutletClass,
    /// The outlet's address.
    pub address: String,
    /// How far it has come.
    pub state: CallState,
    /// The visit, once there is one.
    pub visit_id: Option<String>,
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
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

impl From<TodayView> for Today {
    fn from(view: TodayView) -> Self {
        Self {
            date: view.date.to_string(),
            calls: all(view.calls),
            unplanned: all(view.unplanned),
            settled: view.settled,
            problems: all(view.problems),
        }
    }
}

impl From<CallView> for Call {
    fn from(view: CallView) -> Self {
        Self {
            plan_id: text(view.plan_id),
            outlet_id: view.outlet_id.to_string(),
            outlet_code: view.outlet_code,
            outlet_name: view.outlet_name,
            outlet_class: view.class,
            address: view.address,
            state: view.state.into(),
            visit_id: text(view.visit_id),
            skip_reason: view.skip_reason,
            open_tasks: view.open_tasks,
            retakes: view.retakes,
            is_handed_over: view.is_handed_over,
        }
    }
}

impl From<client::CallState> for CallState {
    fn from(state: client::CallState) -> Self {
        match state {
            client::CallState::Planned => Self::Planned,
            client::CallState::Skipped => Self::Skipped,
            client::CallState::Done => Self::Done,
            client::CallState::InProgress => Self::InProgress,
        }
    }
}
