//! `task.raise`: somebody writes down what is to be done at an outlet.

use crate::{
    ids::UserId,
    outlet::{Outlet, Role},
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, Find, RaiseTask, State, StateError, StateExt, Stop, existing, require_role,
        require_unused, settle,
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
/// visited the outlet last, or stays with the supervisor when nobody has been there.
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
    if context.actor.role == Role::Rep && !context.works_in(outlet.territory_id) {
        return Err(ProblemCode::NotPermitted.into());
    }
    check_text(&args.note, MAX_NOTE_CHARS).map_err(|problem| problem.at("note"))?;
    Ok(vec![Change::put(Task {
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
    })])
}

fn owner(state: &dyn State, args: &RaiseTask, context: &Context) -> Result<UserId, Stop> {
    let named = args.visit_id.map(|id| existing::<Visit>(state, id.row(), "visit_id")).transpose()?;
    if named.as_ref().is_some_and(|visit| visit.outlet_id != args.outlet_id) {
        return Err(Problem::new(ProblemCode::NotFound).at("visit_id").into());
    }
    if context.actor.role == Role::Rep {
        return Ok(context.actor.user_id);
    }
    let last = || Ok::<_, Stop>(state.list::<Visit>(Find::VisitsOfOutlet(args.outlet_id))?.into_iter().next());
    let visit = named.map_or_else(last, |visit| Ok(Some(visit)))?;
    Ok(visit.map_or(context.actor.user_id, |visit| visit.rep_id))
}
