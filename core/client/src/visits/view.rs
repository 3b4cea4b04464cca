//! A visit as a person reads it.

use rusqlite::Connection;
use rust_decimal::Decimal;
use serde::Serialize;
use storewalk_domain::{
    checklist::Answer,
    geo::FenceVerdict,
    ids::{CallPlanId, VisitId},
    score::StoreScore,
    sync::{Find, StateExt},
    task::Task,
    text::Localized,
    time::{BusinessDate, Timestamp},
    trusted::TrustedSpan,
    visit::{Remarks, Summary, Visit, VisitStatus, hit_pct},
};
use storewalk_sqlite::SqliteState;

use super::{OutletView, SectionView};
use crate::{
    ClientError, ProblemView,
    photos::PhotoView,
    tasks::{TaskView, task_views},
};

/// A visit that has begun.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct StartedVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// Whether today's plan asked for it.
    pub is_planned: bool,
    /// Distance from the outlet in metres; `None` when it cannot be said.
    pub distance_m: Option<f64>,
    /// What that says.
    pub verdict: FenceVerdict,
}

/// A visit that was closed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FinishedVisit {
    /// The visit.
    pub visit_id: VisitId,
    /// Its figures.
    pub summary: Summary,
    /// Share of the must-stock list found, in percent with one decimal.
    pub hit_pct: Option<Decimal>,
    /// The tasks it raised.
    pub tasks: Vec<TaskView>,
}

/// A visit with everything its screens show.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct VisitView {
    /// Identity.
    pub id: VisitId,
    /// The outlet.
    pub outlet: OutletView,
    /// When, in the outlet's calendar.
    pub visited_on: BusinessDate,
    /// The plan it fulfils.
    pub plan_id: Option<CallPlanId>,
    /// State.
    pub status: VisitStatus,
    /// Arrival.
    pub check_in: Option<CheckInView>,
    /// Departure, by the best estimate.
    pub checked_out_at: Option<Timestamp>,
    /// Departure, by the phone's clock.
    pub checked_out_device_at: Option<Timestamp>,
    /// Whether another visit to the same call, from another device, counts in its place.
    pub duplicate_of: Option<VisitId>,
    /// The other visits to the same call, from which the rep may choose; empty for nearly every visit.
    pub same_call: Vec<VisitId>,
    /// What was out of the ordinary when it arrived; `None` when nothing was.
    pub remarks: Option<Remarks>,
    /// Answers that another device gave before it knew that the visit was closed. They stand beside the visit.
    pub late_answers: Vec<Answer>,
    /// Title and version of the checklist it keeps to its end.
    pub checklist: Localized,
    /// Version of that checklist; 0 when the visit has none.
    pub checklist_version: u32,
    /// The twelve goals, those chosen marked.
    pub goals: Vec<GoalView>,
    /// The eleven steps.
    pub steps: Vec<StepView>,
    /// The photo zones in shot order.
    pub zones: Vec<ZoneView>,
    /// What is missing before it can be closed; empty for a visit that is over.
    pub missing: Vec<ProblemView>,
    /// What it scores; while it is under way, as if it were closed now.
    pub score: Option<StoreScore>,
    /// Figures as of check-out.
    pub summary: Option<Summary>,
}

/// Arrival.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct CheckInView {
    /// Best estimate of the time.
    pub at: Timestamp,
    /// What the phone's clock said.
    pub device_at: Timestamp,
    /// Distance from the outlet in metres.
    pub distance_m: Option<f64>,
    /// What that says.
    pub verdict: FenceVerdict,
    /// Between which instants it really was; `None` in visits of older releases.
    pub span: Option<TrustedSpan>,
}

/// A goal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GoalView {
    /// Code.
    pub code: String,
    /// Wording.
    pub text: Localized,
    /// Whether it was chosen.
    pub is_chosen: bool,
    /// Whether it was reached; `None` until that was said.
    pub is_attained: Option<bool>,
}

/// A step.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StepView {
    /// 1 to 11.
    pub step: u8,
    /// A few words.
    pub title: Localized,
    /// What is done in it.
    pub detail: Localized,
    /// When it was begun; `None` before.
    pub begun_at: Option<Timestamp>,
    /// Questions it asks, section by section.
    pub sections: Vec<SectionView>,
    /// Required questions of it without an answer.
    pub gaps: u32,
}

/// A photo zone.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ZoneView {
    /// Code.
    pub code: String,
    /// A few words.
    pub text: Localized,
    /// What the picture should show.
    pub detail: Localized,
    /// Whether the visit can be closed without it.
    pub is_required: bool,
    /// Whether it is required and has no photo.
    pub is_missing: bool,
    /// Its photos in the order they were taken.
    pub photos: Vec<PhotoView>,
}

/// A visit that was just closed.
pub(super) fn finished(
    connection: &Connection,
    visit_id: VisitId,
    now: Timestamp,
) -> Result<FinishedVisit, ClientError> {
    let state = SqliteState(connection);
    let visit: Visit = state.get(visit_id.row())?.ok_or(ClientError::NotFound { what: "visit" })?;
    let summary = visit.summary.ok_or(ClientError::NotFound { what: "summary" })?;
    let tasks: Vec<Task> = state.list(Find::TasksOfVisit(visit_id))?;
    Ok(FinishedVisit {
        visit_id,
        hit_pct: hit_pct(summary.on_shelf, summary.must_stock),
        summary,
        tasks: task_views(connection, tasks, now)?,
    })
}
