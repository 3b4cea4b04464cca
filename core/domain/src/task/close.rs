//! `task.close`: the owner's word, or the supervisor's, that a task is done.

use crate::{
    outlet::Role,
    problem::ProblemCode,
    sync::{
        Change, CloseTask, Context, Decision, Notice, State, StateError, Stop, Theirs, existing, require_role,
        require_territory, settle,
    },
    task::{Proof, Task, TaskStatus},
};

/// Answers `task.close`: the owner closes a task, or a supervisor of its region. A task that asks for a photo is closed
/// by the photo, whoever asks.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_close(state: &dyn State, args: &CloseTask, context: &Context) -> Result<Decision, StateError> {
    settle(close(state, args, context))
}

/// Whether the task went to somebody else with its outlet, before its former owner's phone could know.
fn was_owners(state: &dyn State, task: &Task, context: &Context) -> Result<bool, StateError> {
    let is_rep = context.actor.role == Role::Rep && !context.works_in(task.territory_id);
    Ok(is_rep && matches!(state.notice(Theirs::Outlet(task.outlet_id))?, Notice::Unaware | Notice::TakenIn))
}

fn close(state: &dyn State, args: &CloseTask, context: &Context) -> Result<Vec<Change>, Stop> {
    let task: Task = existing(state, args.task_id.row(), "task_id")?;
    if task.owner_id != context.actor.user_id && !was_owners(state, &task, context)? {
        require_role(context, &[Role::Supervisor, Role::Admin])?;
        require_territory(context, task.territory_id)?;
    }
    if task.status != TaskStatus::Open {
        return Err(ProblemCode::TaskClosed.into());
    }
    if task.proof == Proof::Photo {
        return Err(ProblemCode::TaskNeedsProof.into());
    }
    Ok(vec![Change::put(Task { status: TaskStatus::Done, closed_at: Some(context.captured_at), ..task })])
}
