//! The report of a day.

use storewalk_domain::{money::Money, visit as domain};

use super::{all, percent, text};

/// What a rep did on one day.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct DayReport {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Calls planned.
    pub planned: u32,
    /// Planned calls that were begun or made.
    pub planned_visited: u32,
    /// Planned calls that were left out, with a reason.
    pub skipped: u32,
    /// Planned calls of which nothing is known.
    pub not_visited: u32,
    /// Visits that were not planned.
    pub unplanned: u32,
    /// Visits that were closed.
    pub completed: u32,
    /// Visits still in progress.
    pub in_progress: u32,
    /// Minutes spent in outlets, over the closed visits.
    pub minutes: i64,
    /// Must-stock products found, over the closed visits.
    pub on_shelf: u32,
    /// Must-stock products looked for, over the closed visits.
    pub must_stock: u32,
    /// Their share in percent, one decimal; nothing when nothing was looked for.
    pub hit_pct: Option<String>,
    /// The scores, in the order of the check-ins.
    pub scores: Vec<OutletScore>,
    /// Their mean, one decimal; nothing when there are none.
    pub mean_score: Option<String>,
    /// Photos taken, over the closed visits.
    pub photos: u32,
    /// Goals chosen.
    pub goals: u32,
    /// Goals reached.
    pub goals_attained: u32,
    /// Tasks that the day's visits raised.
    pub tasks_raised: u32,
    /// Tasks still open that were due by the end of the day.
    pub tasks_overdue: u32,
    /// Orders taken, cancelled ones not counted.
    pub orders: u32,
    /// What they come to, by currency.
    pub ordered: Vec<Money>,
}

/// The score of one outlet.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct OutletScore {
    /// The visit.
    pub visit_id: String,
    /// The outlet.
    pub outlet_id: String,
    /// Points, 0 to 100, as an exact number.
    pub total: String,
}

impl From<domain::DayReport> for DayReport {
    fn from(report: domain::DayReport) -> Self {
        Self {
            date: report.date.to_string(),
            planned: report.planned,
            planned_visited: report.planned_visited,
            skipped: report.skipped,
            not_visited: report.not_visited,
            unplanned: report.unplanned,
            completed: report.completed,
            in_progress: report.in_progress,
            minutes: report.minutes,
            on_shelf: report.on_shelf,
            must_stock: report.must_stock,
            hit_pct: percent(report.hit_pct),
            scores: all(report.scores),
            mean_score: text(report.mean_score),
            photos: report.photos,
            goals: report.goals,
            goals_attained: report.goals_attained,
            tasks_raised: report.tasks_raised,
            tasks_overdue: report.tasks_overdue,
            orders: report.orders,
            ordered: report.ordered,
        }
    }
}

impl From<domain::OutletScore> for OutletScore {
    fn from(score: domain::OutletScore) -> Self {
        Self {
            visit_id: score.visit_id.to_string(),
            outlet_id: score.outlet_id.to_string(),
            total: score.total.normalize().to_string(),
        }
    }
}
