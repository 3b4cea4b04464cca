//! The visit a command speaks of, and whether it is the actor's to change.

use crate::{
    ids::VisitId,
    problem::ProblemCode,
    sync::{Context, State, Stop, existing},
    visit::{Visit, VisitStatus},
};

/// The actor's own visit.
pub(crate) fn own_visit(state: &dyn State, id: VisitId, context: &Context) -> Result<Visit, Stop> {
    let visit: Visit = existing(state, id.row(), "visit_id")?;
    if visit.rep_id == context.actor.user_id { Ok(visit) } else { Err(ProblemCode::NotPermitted.into()) }
}

/// The actor's own visit, while it is in progress. The territory is not asked again: an outlet that was handed over
/// during a visit does not stop the visit.
pub(crate) fn open_visit(state: &dyn State, id: VisitId, context: &Context) -> Result<Visit, Stop> {
    let visit = own_visit(state, id, context)?;
    if visit.status == VisitStatus::InProgress { Ok(visit) } else { Err(ProblemCode::VisitClosed.into()) }
}
