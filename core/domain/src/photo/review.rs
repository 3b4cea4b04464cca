//! `photo.review`: a reviewer approves or rejects a photo of their region, or takes a verdict back.
//!
//! A verdict stands until it is withdrawn; only then can there be another. A rejection asks the rep for a retake by a
//! date. The score of every visit that the photo proves something for is reckoned anew.
//!
//! A verdict may be withdrawn however late. When the photo was taken anew meanwhile, the retake stays in the chain and is
//! judged by itself; the task that asked for it stays as it ended. The withdrawn photo is history: nobody judges it again.

use std::collections::BTreeMap;

use crate::{
    handbook::HandbookList,
    ids::{PhotoId, TaskId, UserId, VisitId},
    outlet::{Outlet, Role, reps},
    photo::{
        Photo, PhotoStatus, Pin, Verdict, VerdictDecision, attach::retake_task, evidence::MAX_RETAKES, rejected_zones,
    },
    problem::{Problem, ProblemCode},
    score::{after_verdict, score},
    sync::{
        Change, Context, Decision, Host, ReviewPhoto, State, StateError, StateExt, Stop, existing, require_code,
        require_role, require_territory, require_unused, settle,
    },
    task::{MAX_NOTE_CHARS, Proof, Task, TaskKind, TaskStatus},
    text::check_text,
    time::BusinessDate,
    visit::{Visit, sheet::Sheet},
};

/// Answers `photo.review`.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_review(state: &dyn State, args: &ReviewPhoto, context: &Context) -> Result<Decision, StateError> {
    settle(review(state, args, context))
}

fn review(state: &dyn State, args: &ReviewPhoto, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Supervisor, Role::Admin])?;
    let photo: Photo = existing(state, args.photo_id.row(), "photo_id")?;
    require_territory(context, photo.territory_id)?;
    require_unused::<Verdict>(state, args.verdict_id.row(), "verdict_id")?;
    check_words(state, args)?;
    require_turn(&photo, args.decision, context)?;

    let due_on = due_on(state, &photo, args, context)?;
    let verdict = verdict(&photo, args, due_on, context);
    let decided = decided(&photo, &verdict);
    let mut changes = vec![Change::put(verdict)];
    match (args.decision, due_on) {
        (VerdictDecision::Rejected, Some(due_on)) => {
            let owner = present_rep(state, &photo)?;
            changes.push(Change::put(retake(&photo, args, (due_on, owner), context)));
        }
        (VerdictDecision::Withdrawn, _) => changes.extend(cancelled(state, &photo, context)?),
        (VerdictDecision::Approved | VerdictDecision::Rejected, _) => {}
    }
    changes.extend(rescored(state, &decided, context)?);
    changes.push(Change::put(decided));
    Ok(changes)
}

fn check_words(state: &dyn State, args: &ReviewPhoto) -> Result<(), Stop> {
    if !args.note.is_empty() {
        check_text(&args.note, MAX_NOTE_CHARS).map_err(|problem| problem.at("note"))?;
    }
    if args.pin.is_some_and(|pin| !is_on_picture(pin)) {
        return Err(Problem::new(ProblemCode::VerdictPinOutside).at("pin").into());
    }
    match &args.reason {
        Some(reason) => require_code(state, HandbookList::RejectReason, reason, "reason")?,
        None if args.decision == VerdictDecision::Rejected => {
            return Err(Problem::new(ProblemCode::VerdictReasonMissing).at("reason").into());
        }
        None => {}
    }
    if let Some(reference) = args.reference_photo_id {
        existing::<Photo>(state, reference.row(), "reference_photo_id")?;
    }
    Ok(())
}

/// A coordinate that is not a number lies nowhere, so it is outside too.
fn is_on_picture(pin: Pin) -> bool {
    (0.0..=1.0).contains(&pin.x) && (0.0..=1.0).contains(&pin.y)
}

fn require_turn(photo: &Photo, decision: VerdictDecision, context: &Context) -> Result<(), Stop> {
    let is_decided = matches!(photo.status, PhotoStatus::Approved | PhotoStatus::Rejected);
    let is_over = is_decided || photo.replaced_by.is_some();
    match decision {
        VerdictDecision::Withdrawn if is_decided && photo.verdict_id.is_some() => Ok(()),
        VerdictDecision::Withdrawn => Err(Problem::new(ProblemCode::NotFound).at("verdict_id").into()),
        VerdictDecision::Approved | VerdictDecision::Rejected if is_over => {
            Err(ProblemCode::PhotoAlreadyDecided.into())
        }
        VerdictDecision::Approved | VerdictDecision::Rejected => match context.host {
            Host::Server { .. } if photo.status == PhotoStatus::Pending => Err(ProblemCode::PhotoNotReceived.into()),
            Host::Server { .. } | Host::Phone | Host::Rerun => Ok(()),
        },
    }
}

/// By when the retake is due, in the calendar of the outlet; `None` unless the photo is rejected.
fn due_on(
    state: &dyn State,
    photo: &Photo,
    args: &ReviewPhoto,
    context: &Context,
) -> Result<Option<BusinessDate>, Stop> {
    if args.decision != VerdictDecision::Rejected {
        return Ok(None);
    }
    if args.due_on.is_some() {
        return Ok(args.due_on);
    }
    let outlet: Outlet = existing(state, photo.outlet_id.row(), "outlet_id")?;
    let today = context.decided_at().date_in(outlet.zone);
    Ok(Some(today.plus_days(i64::from(context.policies.retake_days))))
}

fn verdict(photo: &Photo, args: &ReviewPhoto, due_on: Option<BusinessDate>, context: &Context) -> Verdict {
    Verdict {
        id: args.verdict_id,
        photo_id: photo.id,
        visit_id: photo.visit_id,
        outlet_id: photo.outlet_id,
        territory_id: photo.territory_id,
        reviewer_id: context.actor.user_id,
        decision: args.decision,
        reason: args.reason.clone(),
        note: args.note.clone(),
        pin: args.pin,
        reference_photo_id: args.reference_photo_id,
        due_on,
        decided_at: context.decided_at(),
    }
}

fn decided(photo: &Photo, verdict: &Verdict) -> Photo {
    let (status, standing) = match verdict.decision {
        VerdictDecision::Approved => (PhotoStatus::Approved, Some(verdict.id)),
        VerdictDecision::Rejected => (PhotoStatus::Rejected, Some(verdict.id)),
        VerdictDecision::Withdrawn => (PhotoStatus::Received, None),
    };
    Photo { status, verdict_id: standing, ..photo.clone() }
}

/// Who takes the photo anew: the rep who took it, or, where the outlet was handed over since, the rep who has it now.
fn present_rep(state: &dyn State, photo: &Photo) -> Result<UserId, StateError> {
    let reps = reps(state, photo.territory_id)?;
    let is_still_theirs = reps.contains(&photo.rep_id);
    Ok(reps.first().copied().filter(|_| !is_still_theirs).unwrap_or(photo.rep_id))
}

fn retake(photo: &Photo, args: &ReviewPhoto, (due_on, owner_id): (BusinessDate, UserId), context: &Context) -> Task {
    let mut params = BTreeMap::from([("zone".to_owned(), photo.zone.clone())]);
    params.extend(args.reason.clone().map(|reason| ("reason".to_owned(), reason)));
    Task {
        id: TaskId::derived(context.command_id.0, TaskKind::PhotoRetake.as_str()),
        outlet_id: photo.outlet_id,
        territory_id: photo.territory_id,
        kind: TaskKind::PhotoRetake,
        params,
        note: args.note.clone(),
        owner_id,
        visit_id: Some(photo.visit_id),
        photo_id: Some(photo.id),
        due_on,
        proof: Proof::Photo,
        status: TaskStatus::Open,
        raised_at: context.decided_at(),
        closed_at: None,
    }
}

/// The task that asks for a retake, called off. One that the retake has closed stays done.
fn cancelled(state: &dyn State, photo: &Photo, context: &Context) -> Result<Option<Change>, StateError> {
    let task = retake_task(state, photo)?;
    Ok(task
        .map(|task| Change::put(Task { status: TaskStatus::Cancelled, closed_at: Some(context.decided_at()), ..task })))
}

/// The visits whose score changes: that of the photo, and those of the photos it was taken anew for.
fn rescored(state: &dyn State, decided: &Photo, context: &Context) -> Result<Vec<Change>, Stop> {
    let mut changes = Vec::new();
    for id in visits_of_chain(state, decided)? {
        let Some(visit) = state.get::<Visit>(id.row())? else { continue };
        let Some(summary) = visit.summary.clone() else { continue };
        let sheet = Sheet::of_closed(state, visit)?;
        let rejected = rejected_zones(state, &sheet.photos, Some(decided))?;
        let fresh = score(&sheet.template, &sheet.products, &sheet.answers, &rejected, &context.policies);
        let score = after_verdict(&sheet.template, &summary.score, fresh);
        if score != summary.score {
            let mut visit = sheet.visit;
            visit.summary = Some(crate::visit::Summary { score, ..summary });
            changes.push(Change::put(visit));
        }
    }
    Ok(changes)
}

fn visits_of_chain(state: &dyn State, photo: &Photo) -> Result<Vec<VisitId>, StateError> {
    let mut visits = vec![photo.visit_id];
    let mut before: Option<PhotoId> = photo.replaces;
    for _ in 0..MAX_RETAKES {
        let Some(earlier) = before.map(|id| state.get::<Photo>(id.row())).transpose()?.flatten() else { break };
        if !visits.contains(&earlier.visit_id) {
            visits.push(earlier.visit_id);
        }
        before = earlier.replaces;
    }
    Ok(visits)
}
