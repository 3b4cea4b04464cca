//! Putting a day together from plans, visits and tasks.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    handbook::HandbookList,
    ids::{CallPlanId, OutletId},
    outlet::{CallPlan, Outlet, PlannedCall, calls_on},
    problem::Problem,
    sync::{Actor, StateExt},
    time::{BusinessDate, Timestamp, Zone},
    visit::{Visit, VisitStatus},
};
use storewalk_sqlite::{SqliteState, id_blob, select};

use super::{CallState, CallView, TodayView, is_handed_over};
use crate::{ClientError, attention::problem_views, visits::Handbook};

/// Open tasks and retakes by outlet.
const OPEN_TASKS: &str = include_str!("open_tasks.sql");

/// What a day is put together from.
pub(super) struct Day<'c> {
    state: SqliteState<'c>,
    handbook: Handbook,
    /// Visits of the dates in question.
    visits: Vec<Visit>,
    /// Open tasks and, among them, retakes by outlet.
    tasks: BTreeMap<OutletId, (u32, u32)>,
}

impl<'c> Day<'c> {
    /// The day of the actor's territories; `date_of` says which date it is in a zone.
    pub(super) fn load(
        connection: &'c Connection,
        actor: &Actor,
        date_of: impl Fn(Zone) -> BusinessDate,
    ) -> Result<TodayView, ClientError> {
        let mut due: Vec<(PlannedCall, BusinessDate)> = Vec::new();
        let mut problems: Vec<Problem> = Vec::new();
        for (zone, plans) in plans_by_zone(connection, actor)? {
            let date = date_of(zone);
            let (calls, faults) = calls_on(&plans, date);
            due.extend(calls.into_iter().map(|call| (call, date)));
            problems.extend(faults);
        }
        due.sort_by_key(|(call, _)| (call.position, call.outlet_id));
        let usual = date_of(Zone::SHANGHAI);
        let dates: BTreeSet<BusinessDate> = due.iter().map(|(_, date)| *date).chain([usual]).collect();
        let day = Self {
            state: SqliteState(connection),
            handbook: Handbook::load(connection)?,
            visits: visits_of(connection, &dates)?,
            tasks: open_tasks(connection)?,
        };
        day.view(actor, &due, usual, &problems)
    }

    fn view(
        &self,
        actor: &Actor,
        due: &[(PlannedCall, BusinessDate)],
        usual: BusinessDate,
        problems: &[Problem],
    ) -> Result<TodayView, ClientError> {
        let mut calls = Vec::with_capacity(due.len());
        for (call, date) in due {
            calls.extend(self.planned(call, *date)?);
        }
        let planned: BTreeSet<CallPlanId> = due.iter().map(|(call, _)| call.plan_id).collect();
        let is_planned = |visit: &Visit| visit.plan_id.is_some_and(|plan| planned.contains(&plan));
        let mut unplanned = Vec::new();
        for visit in self.visits.iter().filter(|visit| visit.rep_id == actor.user_id && !is_planned(visit)) {
            unplanned.extend(self.call(None, visit.outlet_id, Some(visit))?);
        }
        let is_settled = |call: &&CallView| matches!(call.state, CallState::Done | CallState::Skipped);
        let settled = u32::try_from(calls.iter().filter(is_settled).count()).unwrap_or(u32::MAX);
        let date = due.first().map_or(usual, |(_, date)| *date);
        Ok(TodayView { date, calls, unplanned, settled, problems: problem_views(problems) })
    }

    /// A planned call; `None` when its outlet is not visited any more.
    fn planned(&self, call: &PlannedCall, date: BusinessDate) -> Result<Option<CallView>, ClientError> {
        let of_call = |visit: &&Visit| visit.plan_id == Some(call.plan_id) && visit.visited_on == date;
        // A call that was skipped and made after all counts as made.
        let visit = self.visits.iter().filter(of_call).max_by_key(|visit| state_of(visit));
        self.call(Some(call.plan_id), call.outlet_id, visit)
    }

    fn call(
        &self,
        plan_id: Option<CallPlanId>,
        outlet_id: OutletId,
        visit: Option<&Visit>,
    ) -> Result<Option<CallView>, ClientError> {
        let outlet: Option<Outlet> = self.state.get(outlet_id.row())?;
        let Some(outlet) = outlet.filter(|outlet| outlet.is_active || visit.is_some()) else { return Ok(None) };
        let (open_tasks, retakes) = self.tasks.get(&outlet_id).copied().unwrap_or_default();
        let reason = visit.and_then(|visit| visit.skip_reason.as_deref());
        Ok(Some(CallView {
            plan_id,
            outlet_id,
            outlet_code: outlet.code,
            outlet_name: outlet.name,
            class: outlet.class,
            address: outlet.address,
            state: visit.map_or(CallState::Planned, state_of),
            visit_id: visit.map(|visit| visit.id),
            skip_reason: reason.map(|code| self.handbook.text(HandbookList::SkipReason, code)),
            open_tasks,
            retakes,
            is_handed_over: is_handed_over(self.state.0, outlet_id)?,
        }))
    }
}

fn state_of(visit: &Visit) -> CallState {
    match visit.status {
        VisitStatus::InProgress => CallState::InProgress,
        VisitStatus::Completed => CallState::Done,
        VisitStatus::Skipped => CallState::Skipped,
    }
}

/// The plans of the actor's territories by the zone of their outlet. A plan whose outlet is not on the phone cannot be
/// called on and is left out.
fn plans_by_zone(connection: &Connection, actor: &Actor) -> Result<Vec<(Zone, Vec<CallPlan>)>, ClientError> {
    let zones = zones_of_outlets(connection)?;
    let mut found: BTreeMap<String, (Zone, Vec<CallPlan>)> = BTreeMap::new();
    for territory in &actor.territories {
        let params = named_params! { ":territory": id_blob(territory.row()) };
        let plans: Vec<CallPlan> = select(connection, "WHERE territory_id = :territory ORDER BY id", params)?;
        for plan in plans {
            let Some(name) = zones.get(id_blob(plan.outlet_id.row()).as_slice()) else { continue };
            let Some(zone) = Zone::from_name(name) else { continue };
            found.entry(name.clone()).or_insert_with(|| (zone, Vec::new())).1.push(plan);
        }
    }
    Ok(found.into_values().collect())
}

fn zones_of_outlets(connection: &Connection) -> Result<BTreeMap<Vec<u8>, String>, ClientError> {
    let mut statement = connection.prepare_cached("SELECT id, zone FROM outlets")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn visits_of(connection: &Connection, dates: &BTreeSet<BusinessDate>) -> Result<Vec<Visit>, ClientError> {
    let mut visits = Vec::new();
    for date in dates {
        let params = named_params! { ":date": date.to_string() };
        visits.extend(select::<Visit>(connection, "WHERE visited_on = :date ORDER BY id", params)?);
    }
    Ok(visits)
}

fn open_tasks(connection: &Connection) -> Result<BTreeMap<OutletId, (u32, u32)>, ClientError> {
    let mut statement = connection.prepare_cached(OPEN_TASKS)?;
    let rows = statement.query_map([], |row| {
        let id: [u8; 16] = row.get("outlet_id")?;
        Ok((OutletId(uuid::Uuid::from_bytes(id)), (row.get("open_tasks")?, row.get("retakes")?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The plan that a visit begun at an outlet now fulfils: due today and neither done nor under way.
pub(crate) fn plan_due_at(
    connection: &Connection,
    outlet: &Outlet,
    now: Timestamp,
) -> Result<Option<CallPlanId>, ClientError> {
    let date = now.date_in(outlet.zone);
    let params = named_params! { ":outlet": id_blob(outlet.id.row()) };
    let plans: Vec<CallPlan> = select(connection, "WHERE outlet_id = :outlet ORDER BY id", params)?;
    let params = named_params! { ":outlet": id_blob(outlet.id.row()), ":date": date.to_string() };
    let tail = "WHERE outlet_id = :outlet AND visited_on = :date AND status <> 'skipped' ORDER BY id";
    let made: Vec<Visit> = select(connection, tail, params)?;
    let (calls, _) = calls_on(&plans, date);
    let is_open = |call: &PlannedCall| !made.iter().any(|visit| visit.plan_id == Some(call.plan_id));
    Ok(calls.into_iter().find(is_open).map(|call| call.plan_id))
}
