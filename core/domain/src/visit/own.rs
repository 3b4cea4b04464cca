//! The visit a command speaks of, and whether it is the actor's to change.

use crate::{
    ids::{UserId, VisitId},
    problem::ProblemCode,
    sync::{Change, Context, Find, Row, State, StateError, Stop, existing},
    visit::{Visit, VisitStatus},
};

/// The former rep of the outlet who has still to finish the visit; `None` as a rule. What belongs to the visit stays in
/// their reach until then.
pub(crate) fn guest(visit: &Visit) -> Option<UserId> {
    visit.handover.filter(|_| visit.status == VisitStatus::InProgress).map(|_| visit.rep_id)
}

/// Takes the papers of a visit that is finished out of a former rep's reach.
pub(crate) fn guest_leaves(state: &dyn State, visit: &Visit) -> Result<Vec<Change>, StateError> {
    if guest(visit).is_none() {
        return Ok(Vec::new());
    }
    let papers = state.find(Find::PapersOfVisit(visit.id))?;
    let without_guest = |row| match row {
        Row::Answer(mut answer) => {
            answer.guest_id = None;
            Row::Answer(answer)
        }
        Row::Photo(mut photo) => {
            photo.guest_id = None;
            Row::Photo(photo)
        }
        row => row,
    };
    Ok(papers.into_iter().map(|row| Change::put(without_guest(row))).collect())
}

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
