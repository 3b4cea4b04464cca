//! `outlet.reassign` and `territory.reassign`: an outlet, or a whole territory, passes to another rep.
//!
//! **Invariants.** Everything about an outlet changes territory in one decision: its plans, visits, answers, photos,
//! verdicts and tasks; its history stays with it. Open tasks of a rep who no longer works there go to the rep who does.
//! A visit that is under way at that moment is not taken out of anybody's hands: it is labelled, and stays with its
//! maker until it is finished.
//!
//! **Non-goals.** What a phone still holds unsent is not known here; it is judged when it arrives
//! ([`require_outlet`](crate::sync)).

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Handover, HandoverLabel, LateWork, Outlet, Person, Role, Standing, Territory, WorkKind,
    late::{credited, regions, reps},
};
use crate::{
    ids::{HandoverId, TerritoryId, UserId, VisitId},
    outlet::CreditRule,
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, Find, ReassignOutlet, ReassignTerritory, Row, Scope, ScopeReason, State, StateError,
        StateExt, Stop, existing, require_role, require_territory, settle,
    },
    task::{MAX_NOTE_CHARS, Task, TaskStatus},
    text::check_text,
    time::Timestamp,
    visit::{Visit, VisitStatus},
};

/// Answers `outlet.reassign`: a supervisor of both territories, or an administrator, moves an outlet.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_reassign(state: &dyn State, args: &ReassignOutlet, context: &Context) -> Result<Decision, StateError> {
    settle(reassign(state, args, context))
}

/// Answers `territory.reassign`: a supervisor of the territory, or an administrator, gives it to another rep.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_reassign_territory(
    state: &dyn State,
    args: &ReassignTerritory,
    context: &Context,
) -> Result<Decision, StateError> {
    settle(reassign_territory(state, args, context))
}

fn reassign(state: &dyn State, args: &ReassignOutlet, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Supervisor, Role::Admin])?;
    let outlet: Outlet = existing(state, args.outlet_id.row(), "outlet_id")?;
    let to: Territory = existing(state, args.territory_id.row(), "territory_id")?;
    require_territory(context, outlet.territory_id)?;
    require_territory(context, to.id)?;
    check_text(&args.reason, MAX_NOTE_CHARS).map_err(|problem| problem.at("reason"))?;
    if outlet.territory_id == to.id {
        return Err(Problem::new(ProblemCode::HandoverNeedless).at("territory_id").with("what", &outlet.code).into());
    }
    let why = Why::of(context, &args.reason);
    Ok(moved_with_outlet(state, &outlet, to.id, &why)?)
}

/// Who decided a handover, when, why, and whom late work is credited to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// What the ids of its effects are derived from.
    pub cause: Uuid,
    /// Who; `None` when it came by a file.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// Why; may be empty.
    pub reason: String,
    /// The organisation's rule.
    pub rule: CreditRule,
}

impl Why {
    fn of(context: &Context, reason: &str) -> Self {
        Self {
            cause: context.command_id.0,
            by: Some(context.actor.user_id),
            at: context.decided_at(),
            reason: reason.to_owned(),
            rule: context.policies.credit_rule,
        }
    }
}

/// Everything that follows when an outlet goes to another territory: the outlet and all that belongs to it there, and
/// the note that tells of it.
///
/// # Errors
/// When the state cannot be read.
pub fn moved_with_outlet(
    state: &dyn State,
    outlet: &Outlet,
    to: TerritoryId,
    why: &Why,
) -> Result<Vec<Change>, StateError> {
    let mut note = Handover {
        id: HandoverId::derived(why.cause, &format!("handover/{}", outlet.id)),
        outlet_id: Some(outlet.id),
        outlet_code: outlet.code.clone(),
        name: outlet.name.clone(),
        from_territory: outlet.territory_id,
        to_territory: to,
        regions: regions(state, [outlet.territory_id, to])?,
        from_reps: reps(state, outlet.territory_id)?,
        to_reps: reps(state, to)?,
        decided_by: why.by,
        decided_at: why.at,
        reason: why.reason.clone(),
        works: Vec::new(),
    };
    let rows = state.find(Find::RowsOfOutlet(outlet.id))?;
    let guests = Guests::among(&rows, &note.to_reps);
    let mut changes = vec![Change::put(Outlet { territory_id: to, ..outlet.clone() })];
    for row in rows {
        let row = match row.moved_to(to) {
            Row::Task(task) => Row::Task(owned_by_present(state, task, &note.to_reps)?),
            row => guests.received(row, &mut note, why),
        };
        changes.push(Change::put(row));
    }
    note.from_reps.extend(guests.reps().filter(|rep| !note.to_reps.contains(rep)));
    note.from_reps.sort_unstable();
    note.from_reps.dedup();
    changes.push(Change::put(note));
    Ok(changes)
}

/// An open task whose owner no longer works there goes to the rep who does.
fn owned_by_present(state: &dyn State, task: Task, present: &[UserId]) -> Result<Task, StateError> {
    let Some(successor) = present.first().filter(|_| task.status == TaskStatus::Open) else { return Ok(task) };
    if present.contains(&task.owner_id) {
        return Ok(task);
    }
    let owner: Option<Person> = state.get(task.owner_id.row())?;
    // A supervisor's own task stays theirs.
    if owner.is_some_and(|owner| owner.role != Role::Rep) {
        return Ok(task);
    }
    Ok(Task { owner_id: *successor, ..task })
}

/// The visits under way whose reps no longer have the outlet.
struct Guests(Vec<(VisitId, UserId)>);

impl Guests {
    fn among(rows: &[Row], present: &[UserId]) -> Self {
        let under_way = rows.iter().filter_map(|row| match row {
            Row::Visit(visit) if visit.status == VisitStatus::InProgress => Some((visit.id, visit.rep_id)),
            _ => None,
        });
        Self(under_way.filter(|(_, rep)| !present.contains(rep)).collect())
    }

    fn reps(&self) -> impl Iterator<Item = UserId> + '_ {
        self.0.iter().map(|(_, rep)| *rep)
    }

    fn of(&self, visit: VisitId) -> Option<UserId> {
        self.0.iter().find(|(id, _)| *id == visit).map(|(_, rep)| *rep)
    }

    /// A row as the new territory receives it: a visit under way is labelled and told of, its papers stay in reach of
    /// its maker.
    fn received(&self, row: Row, note: &mut Handover, why: &Why) -> Row {
        match row {
            Row::Visit(visit) if visit.status == VisitStatus::InProgress => Row::Visit(self.labelled(visit, note, why)),
            Row::Answer(mut answer) => {
                answer.guest_id = self.of(answer.visit_id);
                Row::Answer(answer)
            }
            Row::Photo(mut photo) => {
                photo.guest_id = self.of(photo.visit_id);
                Row::Photo(photo)
            }
            row => row,
        }
    }

    fn labelled(&self, mut visit: Visit, note: &mut Handover, why: &Why) -> Visit {
        if self.of(visit.id).is_none() {
            // The outlet is its maker's again.
            visit.handover = None;
            return visit;
        }
        let credited_to = credited(why.rule, visit.rep_id, note);
        let standing = visit.handover.map_or(Standing::BegunBefore, |label| label.standing);
        visit.handover = Some(HandoverLabel { standing, credited_to, rule: why.rule, handover_id: Some(note.id) });
        let work = LateWork {
            kind: WorkKind::Visit,
            id: visit.id.0,
            title: String::new(),
            standing,
            by: visit.rep_id,
            done_at: visit.check_in.map_or(why.at, |check_in| check_in.at),
            arrived_at: why.at,
            credited_to,
            rule: why.rule,
        };
        *note = note.clone().telling(work);
        visit
    }
}

fn reassign_territory(state: &dyn State, args: &ReassignTerritory, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Supervisor, Role::Admin])?;
    let territory: Territory = existing(state, args.territory_id.row(), "territory_id")?;
    require_territory(context, territory.id)?;
    check_text(&args.reason, MAX_NOTE_CHARS).map_err(|problem| problem.at("reason"))?;
    let successor = successor(state, args.to_user_id)?;
    let givers = givers(state, args, territory.id)?;
    if givers.is_empty() && successor.territories.contains(&territory.id) {
        let needless = Problem::new(ProblemCode::HandoverNeedless).at("to_user_id");
        return Err(needless.with("what", &territory.code).into());
    }
    let why = Why::of(context, &args.reason);
    let mut changes = scopes(&successor, &givers, territory.id, &why);
    let from_reps: Vec<UserId> = givers.iter().map(|scope| scope.user_id).collect();
    let mut note = Handover {
        id: HandoverId::derived(why.cause, "handover"),
        outlet_id: None,
        outlet_code: String::new(),
        name: territory.code,
        from_territory: territory.id,
        to_territory: territory.id,
        regions: vec![territory.region_code],
        to_reps: vec![successor.user_id],
        from_reps,
        decided_by: why.by,
        decided_at: why.at,
        reason: why.reason.clone(),
        works: Vec::new(),
    };
    for task in state.list::<Task>(Find::OpenTasksOfTerritory(territory.id))? {
        if note.from_reps.contains(&task.owner_id) {
            changes.push(Change::put(Task { owner_id: successor.user_id, ..task }));
        }
    }
    for giver in note.from_reps.clone() {
        changes.extend(under_way(state, giver, territory.id, &mut note, &why)?);
    }
    changes.push(Change::put(note));
    Ok(changes)
}

fn successor(state: &dyn State, id: UserId) -> Result<Scope, Stop> {
    let scope: Option<Scope> = state.get(id.row())?;
    if let Some(scope) = scope.filter(|scope| scope.role == Role::Rep) {
        return Ok(scope);
    }
    let person: Option<Person> = state.get(id.row())?;
    let name = person.map_or_else(|| id.to_string(), |person| person.name);
    Err(Problem::new(ProblemCode::HandoverNotToRep).at("to_user_id").with("name", name).into())
}

/// Who gives the territory up.
fn givers(state: &dyn State, args: &ReassignTerritory, territory: TerritoryId) -> Result<Vec<Scope>, StateError> {
    let mut holders: Vec<Scope> = state.list(Find::RepsOfTerritory(territory))?;
    holders.retain(|scope| scope.user_id != args.to_user_id);
    holders.retain(|scope| args.from_user_id.is_none_or(|from| scope.user_id == from));
    Ok(holders)
}

fn scopes(successor: &Scope, givers: &[Scope], territory: TerritoryId, why: &Why) -> Vec<Change> {
    let reason = ScopeReason { at: why.at, by: why.by, reason: &why.reason };
    let given = givers.iter().filter_map(|giver| {
        let kept = giver.territories.iter().copied().filter(|id| *id != territory).collect();
        giver.with_territories(kept, &reason)
    });
    let taken = successor.territories.iter().copied().chain([territory]).collect();
    let taken = successor.with_territories(taken, &reason);
    given.chain(taken).map(Change::put).collect()
}

/// The visits a rep has under way in a territory they give up: labelled, and their papers stay in reach.
fn under_way(
    state: &dyn State,
    rep: UserId,
    territory: TerritoryId,
    note: &mut Handover,
    why: &Why,
) -> Result<Vec<Change>, StateError> {
    let visits: Vec<Visit> = state.list(Find::OpenVisitsOfRep(rep))?;
    let visits: Vec<Visit> = visits.into_iter().filter(|visit| visit.territory_id == territory).collect();
    let ids: BTreeSet<VisitId> = visits.iter().map(|visit| visit.id).collect();
    let mut rows: Vec<Row> = visits.into_iter().map(Row::from).collect();
    for visit in ids {
        rows.extend(state.find(Find::PapersOfVisit(visit))?);
    }
    let guests = Guests::among(&rows, &note.to_reps);
    Ok(rows.into_iter().map(|row| Change::put(guests.received(row, note, why))).collect())
}
