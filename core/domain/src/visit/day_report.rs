//! The report of a rep's day, built from what the day left behind.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{CallPlanId, OutletId, VisitId},
    money::{Currency, Money},
    order::{Order, OrderStatus},
    outlet::PlannedCall,
    task::{Task, TaskStatus},
    time::BusinessDate,
    visit::{Summary, Visit, VisitStatus, hit_pct},
};

/// What a rep did on one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DayReport {
    /// The day.
    pub date: BusinessDate,
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
    /// Their share in percent, one decimal; `None` when nothing was looked for.
    pub hit_pct: Option<Decimal>,
    /// The scores, in the order of the check-ins.
    pub scores: Vec<OutletScore>,
    /// Their mean, one decimal; `None` when there are none.
    pub mean_score: Option<Decimal>,
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutletScore {
    /// The visit.
    pub visit_id: VisitId,
    /// The outlet.
    pub outlet_id: OutletId,
    /// Points, 0 to 100.
    pub total: Decimal,
}

/// Sums up a day: the rep's visits (those of other days, and those that another one counts for, are passed over), the calls planned for the day, the rep's
/// tasks, and the orders they placed on it.
pub fn day_report(
    date: BusinessDate,
    visits: &[Visit],
    planned: &[PlannedCall],
    tasks: &[Task],
    orders: &[Order],
) -> DayReport {
    let counts = |visit: &&Visit| visit.visited_on == date && !visit.is_duplicate();
    let mut visits: Vec<&Visit> = visits.iter().filter(counts).collect();
    visits.sort_by_key(|visit| (visit.check_in.map(|check_in| check_in.at), visit.id));
    let made: Vec<&Visit> = visits.iter().copied().filter(|visit| visit.status != VisitStatus::Skipped).collect();
    let summaries: Vec<&Summary> = made.iter().filter_map(|visit| visit.summary.as_ref()).collect();
    let calls = Calls::of(&visits, planned);
    let scores = scores(&made);
    let on_shelf = sum(summaries.iter().map(|summary| summary.on_shelf));
    let must_stock = sum(summaries.iter().map(|summary| summary.must_stock));
    let goals = || made.iter().flat_map(|visit| &visit.goals);
    let ids: BTreeSet<VisitId> = made.iter().map(|visit| visit.id).collect();
    let valid: Vec<&Order> = orders.iter().filter(|order| order.status != OrderStatus::Cancelled).collect();
    DayReport {
        date,
        planned: calls.planned,
        planned_visited: calls.visited,
        skipped: calls.skipped,
        not_visited: calls.planned.saturating_sub(calls.visited).saturating_sub(calls.skipped),
        unplanned: calls.unplanned,
        completed: count(made.iter().filter(|visit| visit.status == VisitStatus::Completed)),
        in_progress: count(made.iter().filter(|visit| visit.status == VisitStatus::InProgress)),
        minutes: summaries.iter().fold(0, |minutes, summary| minutes.saturating_add(summary.minutes)),
        on_shelf,
        must_stock,
        hit_pct: hit_pct(on_shelf, must_stock),
        mean_score: mean(&scores),
        scores,
        photos: sum(summaries.iter().map(|summary| summary.photos)),
        goals: count(goals()),
        goals_attained: count(goals().filter(|goal| goal.is_attained == Some(true))),
        tasks_raised: count(tasks.iter().filter(|task| task.visit_id.is_some_and(|id| ids.contains(&id)))),
        tasks_overdue: count(tasks.iter().filter(|task| task.status == TaskStatus::Open && task.due_on <= date)),
        orders: count(&valid),
        ordered: totals(&valid),
    }
}

/// How the planned calls went. A call counts once, however many visits were made to it.
struct Calls {
    planned: u32,
    visited: u32,
    skipped: u32,
    unplanned: u32,
}

impl Calls {
    fn of(visits: &[&Visit], planned: &[PlannedCall]) -> Self {
        let due: BTreeSet<CallPlanId> = planned.iter().map(|call| call.plan_id).collect();
        let answers = |visit: &&&Visit| visit.plan_id.is_some_and(|plan| due.contains(&plan));
        let plans = |is_skipped: bool| -> BTreeSet<CallPlanId> {
            let chosen = visits.iter().filter(|visit| (visit.status == VisitStatus::Skipped) == is_skipped);
            chosen.filter(answers).filter_map(|visit| visit.plan_id).collect()
        };
        let visited = plans(false);
        let extra = visits.iter().filter(|visit| visit.status != VisitStatus::Skipped && !answers(visit));
        Self {
            planned: count(&due),
            skipped: count(plans(true).difference(&visited)),
            unplanned: count(extra),
            visited: count(&visited),
        }
    }
}

fn scores(made: &[&Visit]) -> Vec<OutletScore> {
    let score = |visit: &&Visit| {
        let total = visit.summary.as_ref()?.score.total;
        Some(OutletScore { visit_id: visit.id, outlet_id: visit.outlet_id, total })
    };
    made.iter().filter_map(score).collect()
}

fn mean(scores: &[OutletScore]) -> Option<Decimal> {
    let sum = scores.iter().try_fold(Decimal::ZERO, |sum, score| sum.checked_add(score.total))?;
    let mean = sum.checked_div(Decimal::from(scores.len()))?;
    Some(mean.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

fn totals(orders: &[&Order]) -> Vec<Money> {
    let mut totals: BTreeMap<Currency, i64> = BTreeMap::new();
    for order in orders {
        let total = totals.entry(order.priced.payable.currency).or_default();
        *total = total.saturating_add(order.priced.payable.minor);
    }
    totals.into_iter().map(|(currency, minor)| Money::new(minor, currency)).collect()
}

fn sum(figures: impl Iterator<Item = u32>) -> u32 {
    figures.fold(0, u32::saturating_add)
}

fn count(things: impl IntoIterator) -> u32 {
    u32::try_from(things.into_iter().count()).unwrap_or(u32::MAX)
}
