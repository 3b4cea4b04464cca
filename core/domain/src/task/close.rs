//! `task.close`: the owner's word, or the supervisor's, that a task is done.

use crate::{
    outlet::Role,
    problem::ProblemCode,
    sync::{Change, CloseTask, Context, Decision, State, StateError, Stop, existing, settle},
    task::{Proof, Task, TaskStatus},
};

/// Answers `task.close`. A task that asks for a photo is closed by the photo, whoever asks.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_close(state: &dyn State, args: &CloseTask, context: &Context) -> Result<Decision, StateError> {
    settle(close(state, args, context))
}

fn close(state: &dyn State, args: &CloseTask, context: &Context) -> Result<Vec<Change>, Stop> {
    let task: Task = existing(state, args.task_id.row(), "task_id")?;
    let is_in_charge = matches!(context.actor.role, Role::Supervisor | Role::Admin);
    if task.owner_id != context.actor.user_id && !is_in_charge {
        return Err(ProblemCode::NotPermitted.into());
    }
    if task.status != TaskStatus::Open {
        return Err(ProblemCode::TaskClosed.into());
    }
    if task.proof == Proof::Photo {
        return Err(ProblemCode::TaskNeedsProof.into());
    }
    Ok(vec![Change::put(Task { status: TaskStatus::Done, closed_at: Some(context.captured_at), ..task })])
}
