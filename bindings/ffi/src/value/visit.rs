//! Calls at outlets.

use storewalk_client::{
    self as client, CheckInView, GoalView, LastVisitView, MustStockView, StepView, VisitBrief, VisitView, ZoneView,
};
use storewalk_domain::{
    geo::FenceVerdict,
    text::Localized,
    visit::{self as domain, VisitStatus},
};

use super::{
    FieldTask, LateAnswer, Outlet, Photo, Problem, QuestionSection, Remarks, Score, all, ms, percent, text, texts,
};

/// What to know before entering.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Brief {
    /// The outlet.
    pub outlet: Outlet,
    /// Open tasks, those due first at the top.
    pub open_points: Vec<FieldTask>,
    /// What came of the last visit; nothing before the first.
    pub last_visit: Option<LastVisit>,
    /// What must stand on the shelf, by product code.
    pub must_stock: Vec<MustStock>,
    /// Of these, what was missing last time.
    pub missing_last_time: Vec<MustStock>,
    /// What the organisation wants read first.
    pub notices: Vec<Localized>,
}

/// What came of a visit.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct LastVisit {
    /// The visit.
    pub visit_id: String,
    /// When, in the outlet's calendar, `YYYY-MM-DD`.
    pub visited_on: String,
    /// Who visited; empty when the phone does not know.
    pub rep_name: String,
    /// The store score, as an exact number.
    pub score: Option<String>,
    /// Must-stock products found.
    pub on_shelf: Option<u32>,
    /// Must-stock products that applied.
    pub must_stock: Option<u32>,
    /// Minutes in the outlet.
    pub minutes: Option<i64>,
    /// What was agreed for this time; empty when nothing was.
    pub next_step: String,
}

/// A product that must stand on the shelf.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct MustStock {
    /// The product.
    pub product_id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Localized,
    /// Whether it is a hero model.
    pub is_hero: bool,
    /// Whether it was missing at the last visit.
    pub was_missing: bool,
    /// Why it was missing.
    pub missing_reason: Option<Localized>,
}

/// A visit that has begun.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct StartedVisit {
    /// The visit.
    pub visit_id: String,
    /// Whether today's plan asked for it.
    pub is_planned: bool,
    /// Distance from the outlet in metres; nothing when it cannot be said.
    pub distance_m: Option<f64>,
    /// What that says.
    pub verdict: FenceVerdict,
}

/// A visit that was closed.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct FinishedVisit {
    /// The visit.
    pub visit_id: String,
    /// Its figures.
    pub summary: Summary,
    /// Share of the must-stock list found, in percent with one decimal.
    pub hit_pct: Option<String>,
    /// The tasks it raised.
    pub tasks: Vec<FieldTask>,
}

/// The figures of a closed visit.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Summary {
    /// Must-stock products found on the shelf.
    pub on_shelf: u32,
    /// Must-stock products that apply to the outlet.
    pub must_stock: u32,
    /// The store score with its explanation.
    pub score: Score,
    /// Photos taken, replaced ones not counted.
    pub photos: u32,
    /// Tasks raised.
    pub tasks_raised: u32,
    /// Minutes between check-in and check-out.
    pub minutes: i64,
}

/// A visit with everything its screens show.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Visit {
    /// Identity.
    pub id: String,
    /// The outlet.
    pub outlet: Outlet,
    /// When, in the outlet's calendar, `YYYY-MM-DD`.
    pub visited_on: String,
    /// The plan it fulfils.
    pub plan_id: Option<String>,
    /// State.
    pub status: VisitStatus,
    /// Arrival.
    pub check_in: Option<CheckIn>,
    /// Departure, by the best estimate.
    pub checked_out_at_ms: Option<i64>,
    /// Departure, by the phone's clock.
    pub checked_out_device_at_ms: Option<i64>,
    /// The visit to the same call that counts in its place.
    pub duplicate_of: Option<String>,
    /// The other visits to the same call, from which the rep may choose; empty for nearly every visit.
    pub same_call: Vec<String>,
    /// What was out of the ordinary when it arrived.
    pub remarks: Option<Remarks>,
    /// Answers that came too late to count; they stand beside the visit.
    pub late_answers: Vec<LateAnswer>,
    /// Title of the checklist it keeps to its end.
    pub checklist: Localized,
    /// Version of that checklist; 0 when the visit has none.
    pub checklist_version: u32,
    /// The twelve goals, those chosen marked.
    pub goals: Vec<Goal>,
    /// The eleven steps with the questions that apply now.
    pub steps: Vec<Step>,
    /// The photo zones in shot order.
    pub zones: Vec<Zone>,
    /// What is missing before it can be closed; empty for a visit that is over.
    pub missing: Vec<Problem>,
    /// What it scores; while it is under way, as if it were closed now.
    pub score: Option<Score>,
    /// Figures as of check-out.
    pub summary: Option<Summary>,
}

/// Arrival.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct CheckIn {
    /// Best estimate of the time.
    pub at_ms: i64,
    /// What the phone's clock said.
    pub device_at_ms: i64,
    /// It was not before this; unknown on a phone that had never met the server.
    pub earliest_at_ms: Option<i64>,
    /// It was not after this; unknown while only the phone knows of it.
    pub latest_at_ms: Option<i64>,
    /// Distance from the outlet in metres.
    pub distance_m: Option<f64>,
    /// What that says.
    pub verdict: FenceVerdict,
}

/// A goal.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Goal {
    /// Code.
    pub code: String,
    /// Wording.
    pub text: Localized,
    /// Whether it was chosen.
    pub is_chosen: bool,
    /// Whether it was reached; nothing until that was said.
    pub is_attained: Option<bool>,
}

/// A step.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Step {
    /// 1 to 11.
    pub step: u8,
    /// A few words.
    pub title: Localized,
    /// What is done in it.
    pub detail: Localized,
    /// When it was begun; nothing before.
    pub begun_at_ms: Option<i64>,
    /// Questions it asks, section by section.
    pub sections: Vec<QuestionSection>,
    /// Required questions of it without an answer.
    pub gaps: u32,
}

/// A photo zone.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Zone {
    /// Code.
    pub code: String,
    /// A few words.
    pub text: Localized,
    /// What the picture should show.
    pub detail: Localized,
    /// Whether the visit cannot be closed without it.
    pub is_required: bool,
    /// Whether it is required and has no photo.
    pub is_missing: bool,
    /// Its photos in the order they were taken.
    pub photos: Vec<Photo>,
}

impl From<VisitBrief> for Brief {
    fn from(view: VisitBrief) -> Self {
        Self {
            outlet: view.outlet.into(),
            open_points: all(view.open_points),
            last_visit: view.last_visit.map(LastVisit::from),
            must_stock: all(view.must_stock),
            missing_last_time: all(view.missing_last_time),
            notices: view.notices,
        }
    }
}

impl From<LastVisitView> for LastVisit {
    fn from(view: LastVisitView) -> Self {
        Self {
            visit_id: view.visit_id.to_string(),
            visited_on: view.visited_on.to_string(),
            rep_name: view.rep_name,
            score: text(view.score.map(|score| score.normalize())),
            on_shelf: view.on_shelf,
            must_stock: view.must_stock,
            minutes: view.minutes,
            next_step: view.next_step,
        }
    }
}

impl From<MustStockView> for MustStock {
    fn from(view: MustStockView) -> Self {
        Self {
            product_id: view.product_id.to_string(),
            code: view.code,
            name: view.name,
            is_hero: view.is_hero,
            was_missing: view.was_missing,
            missing_reason: view.missing_reason,
        }
    }
}

impl From<client::StartedVisit> for StartedVisit {
    fn from(view: client::StartedVisit) -> Self {
        let client::StartedVisit { visit_id, is_planned, distance_m, verdict } = view;
        Self { visit_id: visit_id.to_string(), is_planned, distance_m, verdict }
    }
}

impl From<client::FinishedVisit> for FinishedVisit {
    fn from(view: client::FinishedVisit) -> Self {
        Self {
            visit_id: view.visit_id.to_string(),
            summary: view.summary.into(),
            hit_pct: percent(view.hit_pct),
            tasks: all(view.tasks),
        }
    }
}

impl From<domain::Summary> for Summary {
    fn from(summary: domain::Summary) -> Self {
        Self {
            on_shelf: summary.on_shelf,
            must_stock: summary.must_stock,
            score: summary.score.into(),
            photos: summary.photos,
            tasks_raised: summary.tasks_raised,
            minutes: summary.minutes,
        }
    }
}

impl From<VisitView> for Visit {
    fn from(view: VisitView) -> Self {
        Self {
            id: view.id.to_string(),
            outlet: view.outlet.into(),
            visited_on: view.visited_on.to_string(),
            plan_id: text(view.plan_id),
            status: view.status,
            check_in: view.check_in.map(CheckIn::from),
            checked_out_at_ms: ms(view.checked_out_at),
            checked_out_device_at_ms: ms(view.checked_out_device_at),
            duplicate_of: text(view.duplicate_of),
            same_call: texts(&view.same_call),
            remarks: view.remarks.map(Remarks::from),
            late_answers: all(view.late_answers),
            checklist: view.checklist,
            checklist_version: view.checklist_version,
            goals: all(view.goals),
            steps: all(view.steps),
            zones: all(view.zones),
            missing: all(view.missing),
            score: view.score.map(Score::from),
            summary: view.summary.map(Summary::from),
        }
    }
}

impl From<CheckInView> for CheckIn {
    fn from(view: CheckInView) -> Self {
        let (earliest, latest) = view.span.map_or((None, None), |span| (span.earliest, span.latest));
        Self {
            at_ms: view.at.0,
            device_at_ms: view.device_at.0,
            earliest_at_ms: ms(earliest),
            latest_at_ms: ms(latest),
            distance_m: view.distance_m,
            verdict: view.verdict,
        }
    }
}

impl From<GoalView> for Goal {
    fn from(view: GoalView) -> Self {
        Self { code: view.code, text: view.text, is_chosen: view.is_chosen, is_attained: view.is_attained }
    }
}

impl From<StepView> for Step {
    fn from(view: StepView) -> Self {
        Self {
            step: view.step,
            title: view.title,
            detail: view.detail,
            begun_at_ms: ms(view.begun_at),
            sections: all(view.sections),
            gaps: view.gaps,
        }
    }
}

impl From<ZoneView> for Zone {
    fn from(view: ZoneView) -> Self {
        Self {
            code: view.code,
            text: view.text,
            detail: view.detail,
            is_required: view.is_required,
            is_missing: view.is_missing,
            photos: all(view.photos),
        }
    }
}
