//! `outlet.settle_conflict`: a supervisor decides which value of a contested field counts.

use super::{Outlet, ProfileField, Role, Settled, edit::field_of, edit::value_problem};
use crate::{
    problem::ProblemCode,
    sync::{
        Change, Context, Decision, SettleConflict, State, StateError, StateExt, Stop, existing, require_role,
        require_territory, settle,
    },
};

/// Most decisions kept with a field; the oldest go first.
const MAX_DECISIONS: usize = 20;

/// Answers `outlet.settle_conflict`: the value counts until a new decision, or until somebody who saw it corrects it.
/// What it was decided against stays readable. A field may be decided anew at any time once it was corrected.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_settle_conflict(
    state: &dyn State,
    args: &SettleConflict,
    context: &Context,
) -> Result<Decision, StateError> {
    settle(decide(state, args, context))
}

fn decide(state: &dyn State, args: &SettleConflict, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Supervisor, Role::Admin])?;
    let mut outlet: Outlet = existing(state, args.outlet_id.row(), "outlet_id")?;
    require_territory(context, outlet.territory_id)?;
    if state.get::<ProfileField>(ProfileField::id_of(outlet.id, args.field).row())?.is_none() {
        return Err(value_problem(ProblemCode::NotFound, args.field).into());
    }
    let fault = || value_problem(ProblemCode::ProfileValueInvalid, args.field).with("value", &args.value);
    let value = args.field.checked(&args.value).ok_or_else(fault)?;
    let mut row = field_of(state, &outlet, args.field, context)?;
    let edits = std::mem::take(&mut row.edits);
    let (by, at) = (Some(context.actor.user_id), context.decided_at());
    row.settle(Settled { value, by, at, edits });
    let surplus = row.decisions.len().saturating_sub(MAX_DECISIONS);
    row.decisions.drain(..surplus);
    args.field.write(&mut outlet, &row.shown);
    Ok(vec![Change::put(row), Change::put(outlet)])
}
