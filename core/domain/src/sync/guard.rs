//! What every decider asks first, and how it stops early.

use crate::{
    handbook::{HandbookEntry, HandbookList},
    ids::{RowId, TerritoryId},
    outlet::{Outlet, Role},
    problem::{Problem, ProblemCode},
    sync::{Change, Context, Decision, Entity, Find, Notice, State, StateError, StateExt, Theirs},
};

/// Why a decider stopped: the state failed, or the rules object. Carried by `?`.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The state cannot be read.
    State(StateError),
    /// The rules object; never empty.
    Refused(Vec<Problem>),
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Refused(vec![problem])
    }
}

impl From<ProblemCode> for Stop {
    fn from(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }
}

/// The decision that a decider's changes or its early stop amount to.
pub(crate) fn settle(result: Result<Vec<Change>, Stop>) -> Result<Decision, StateError> {
    match result {
        Ok(changes) => Ok(Decision::applied(changes)),
        Err(Stop::Refused(problems)) => Ok(Decision::Refused(problems)),
        Err(Stop::State(error)) => Err(error),
    }
}

/// The entity a command speaks of; `not_found` at the argument's name when there is none.
pub(crate) fn existing<T: Entity>(state: &dyn State, id: impl Into<RowId>, argument: &str) -> Result<T, Stop> {
    let found = state.get::<T>(id)?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound).at(argument).into())
}

/// Refuses an id that a row of this table has already.
pub(crate) fn require_unused<T: Entity>(state: &dyn State, id: impl Into<RowId>, argument: &str) -> Result<(), Stop> {
    match state.get::<T>(id)? {
        Some(_) => Err(Problem::new(ProblemCode::IdTaken).at(argument).into()),
        None => Ok(()),
    }
}

/// Refuses an actor whose role is not one of these.
pub(crate) fn require_role(context: &Context, roles: &[Role]) -> Result<(), Stop> {
    if roles.contains(&context.actor.role) { Ok(()) } else { Err(ProblemCode::NotPermitted.into()) }
}

/// Refuses a supervisor who does not work in a territory. A supervisor works in the territories of their region, an
/// administrator everywhere. What a rep does at an outlet is asked of [`require_outlet`].
pub(crate) fn require_territory(context: &Context, territory: TerritoryId) -> Result<(), Stop> {
    let works_there = context.actor.role == Role::Admin || context.works_in(territory);
    if works_there { Ok(()) } else { Err(ProblemCode::NotPermitted.into()) }
}

/// By what right somebody works at an outlet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Footing {
    /// It is theirs.
    Theirs,
    /// It was theirs as far as their phone had seen.
    BeforeNotice,
    /// They finish there what they began before it was handed over.
    BegunBefore,
    /// A supervisor takes their work in.
    TakenIn,
}

/// Refuses somebody at whose outlets this one is not, and was not as far as their phone had seen.
///
/// This is the one place that decides it for outlets. Work that its maker's phone captured before it could know of a
/// handover is taken in, whenever it arrives; what was begun at an outlet that the phone knew to be handed over is
/// refused, there and at the server.
pub(crate) fn require_outlet(state: &dyn State, context: &Context, outlet: &Outlet) -> Result<Footing, Stop> {
    let works_there = context.actor.role == Role::Admin || context.works_in(outlet.territory_id);
    if works_there && !context.is_being_captured() {
        return Ok(Footing::Theirs);
    }
    match state.notice(Theirs::Outlet(outlet.id))? {
        // A phone holds it only because work on it is still unsent.
        Notice::Aware => Err(handed_over(outlet).into()),
        _ if works_there => Ok(Footing::Theirs),
        Notice::Unaware => Ok(Footing::BeforeNotice),
        Notice::TakenIn => Ok(Footing::TakenIn),
        Notice::Never => Err(ProblemCode::NotPermitted.into()),
    }
}

/// The refusal of work at an outlet that its maker knew to be handed over.
pub(crate) fn handed_over(outlet: &Outlet) -> Problem {
    Problem::new(ProblemCode::OutletHandedOver).at("outlet_id").with("outlet", &outlet.name)
}

/// Refuses a code that a list of the handbook does not have.
pub(crate) fn require_code(state: &dyn State, list: HandbookList, code: &str, argument: &str) -> Result<(), Stop> {
    if state.list::<HandbookEntry>(Find::HandbookOf(list))?.iter().any(|entry| entry.code == code) {
        return Ok(());
    }
    Err(Problem::new(ProblemCode::HandbookCodeUnknown).at(argument).with("value", code).into())
}
