//! `task.raise`: somebody writes down what is to be done at an outlet.

use crate::{
    ids::{OutletId, UserId},
    outlet::{Outlet, Role, WorkKind, late, reps},
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, Find, RaiseTask, State, StateError, StateExt, Stop, existing, require_outlet,
        require_role, require_unused, settle,
    },
    task::{Proof, Task, TaskKind, TaskStatus},
    text::check_text,
    visit::Visit,
};

/// Longest note, in characters.
pub const MAX_NOTE_CHARS: u32 = 500;

/// Answers `task.raise`.
///
/// A rep raises tasks for themselves. A supervisor's task goes to the rep of the visit it names, or to the rep who
/// visited the outlet last, or stays with the supervisor when nobody has been there. A call that was skipped is no
/// visit.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_raise(state: &dyn State, args: &RaiseTask, context: &Context) -> Result<Decision, StateError> {
    settle(raise(state, args, context))
}

fn raise(state: &dyn State, args: &RaiseTask, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Rep, Role::Supervisor, Role::Admin])?;
    require_unused::<Task>(state, args.task_id.row(), "task_id")?;
    let outlet: Outlet = existing(state, args.outlet_id.row(), "outlet_id")?;
    let footing = require_outlet(state, context, &outlet)?;
    check_text(&args.note, MAX_NOTE_CHARS).map_err(|problem| problem.at("note"))?;
    let work = (WorkKind::Task, args.task_id.0, String::new());
    let late = late(state, context, footing, &outlet, work)?;
    let mut task = Task {
        id: args.task_id,
        outlet_id: outlet.id,
        territory_id: outlet.territory_id,
        kind: TaskKind::OpenPoint,
        params: std::collections::BTreeMap::new(),
        note: args.note.clone(),
        owner_id: owner(state, args, context)?,
        visit_id: args.visit_id,
        photo_id: None,
        due_on: args.due_on,
        proof: Proof::Word,
        status: TaskStatus::Open,
        raised_at: context.captured_at,
        closed_at: None,
    };
    // What a former rep writes down is for the rep who has the outlet now.
    if late.is_some()
        && let Some(present) = reps(state, outlet.territory_id)?.first()
    {
        task.owner_id = *present;
    }
    Ok([Change::put(task)].into_iter().chain(late.map(|late| Change::put(late.note))).collect())
}

fn owner(state: &dyn State, args: &RaiseTask, context: &Context) -> Result<UserId, Stop> {
    let named = args.visit_id.map(|id| existing::<Visit>(state, id.row(), "visit_id")).transpose()?;
    if named.as_ref().is_some_and(|visit| visit.outlet_id != args.outlet_id) {
        return Err(Problem::new(ProblemCode::NotFound).at("visit_id").into());
    }
    if context.actor.role == Role::Rep {
        return Ok(context.actor.user_id);
    }
    let visit = match named {
        Some(visit) => Some(visit),
        None => last_visit(state, args.outlet_id)?,
    };
    Ok(visit.map_or(context.actor.user_id, |visit| visit.rep_id))
}

fn last_visit(state: &dyn State, outlet: OutletId) -> Result<Option<Visit>, StateError> {
    let visits = state.list::<Visit>(Find::VisitsOfOutlet(outlet))?.into_iter();
    let made = visits.filter_map(|visit| Some((visit.check_in?.at, visit.id, visit)));
    Ok(made.max_by_key(|(at, id, _)| (*at, *id)).map(|(_, _, visit)| visit))
}
