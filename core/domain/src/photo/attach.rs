//! `photo.attach`: a photo was taken. Its bytes follow on their own way.
//!
//! A new photo belongs to a visit in progress. A *retake* replaces a rejected photo; it belongs to the visit of that
//! photo, which may be closed, or to a visit in progress at the same outlet when the rep comes back another day, and
//! it closes the task that asked for it. Within a visit in progress a rep may also take an undecided photo of the visit
//! anew. A photo is replaced at most once; the chain is never cut.

use crate::{
    handbook::HandbookList,
    ids::{PhotoId, TaskId},
    outlet::Role,
    photo::{Photo, PhotoStatus},
    problem::{Problem, ProblemCode},
    sync::{
        AttachPhoto, Change, Context, Decision, Find, State, StateError, StateExt, Stop, existing, require_code,
        require_role, require_unused, settle,
    },
    task::{Task, TaskKind, TaskStatus},
    visit::{Visit, VisitStatus, own_visit},
};

/// Largest original: 60 MiB.
pub const MAX_PHOTO_BYTES: u64 = 60 * 1024 * 1024;

/// Characters of a SHA-256 in hex.
const HASH_CHARS: usize = 64;

/// Answers `photo.attach`.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_attach(state: &dyn State, args: &AttachPhoto, context: &Context) -> Result<Decision, StateError> {
    settle(attach(state, args, context))
}

fn attach(state: &dyn State, args: &AttachPhoto, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Rep])?;
    let visit = own_visit(state, args.visit_id, context)?;
    require_unused::<Photo>(state, args.photo_id.row(), "photo_id")?;
    check_file(args)?;
    require_code(&state.list(Find::Handbook)?, HandbookList::PhotoZone, &args.zone, "zone")?;
    match args.replaces {
        None if visit.status == VisitStatus::InProgress => Ok(vec![Change::put(photo(args, &visit, None, context))]),
        None => Err(ProblemCode::VisitClosed.into()),
        Some(id) => replace(state, args, &visit, id, context),
    }
}

fn check_file(args: &AttachPhoto) -> Result<(), Problem> {
    if args.size_bytes == 0 || args.width == 0 || args.height == 0 {
        return Err(Problem::new(ProblemCode::PhotoNotAnImage).at("size_bytes"));
    }
    if args.size_bytes > MAX_PHOTO_BYTES {
        let problem = Problem::new(ProblemCode::PhotoTooLarge).at("size_bytes");
        return Err(problem.with("bytes", args.size_bytes).with("limit", MAX_PHOTO_BYTES));
    }
    let is_hash = args.sha256.len() == HASH_CHARS
        && args.sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if is_hash { Ok(()) } else { Err(Problem::new(ProblemCode::TextInvalid).at("sha256").with("limit", HASH_CHARS)) }
}

fn replace(
    state: &dyn State,
    args: &AttachPhoto,
    visit: &Visit,
    id: PhotoId,
    context: &Context,
) -> Result<Vec<Change>, Stop> {
    let before: Photo = existing(state, id.row(), "replaces")?;
    require_replaceable(&before, args, visit)?;
    let task = if before.status == PhotoStatus::Rejected { retake_task(state, &before)? } else { None };
    let is_asked_of_actor = task.as_ref().is_some_and(|task| task.owner_id == context.actor.user_id);
    if before.rep_id != context.actor.user_id && !is_asked_of_actor {
        return Err(ProblemCode::NotPermitted.into());
    }
    let mut changes = vec![
        Change::put(photo(args, visit, task.as_ref().map(|task| task.id), context)),
        Change::put(Photo { replaced_by: Some(args.photo_id), ..before }),
    ];
    changes.extend(
        task.map(|task| Change::put(Task { status: TaskStatus::Done, closed_at: Some(context.captured_at), ..task })),
    );
    Ok(changes)
}

fn require_replaceable(before: &Photo, args: &AttachPhoto, visit: &Visit) -> Result<(), Stop> {
    let is_retake = before.status == PhotoStatus::Rejected;
    let is_same_visit = before.visit_id == visit.id;
    if before.outlet_id != visit.outlet_id || before.zone != args.zone || !(is_retake || is_same_visit) {
        return Err(Problem::new(ProblemCode::PhotoReplacesOther).at("replaces").into());
    }
    if before.replaced_by.is_some() || before.status == PhotoStatus::Approved {
        return Err(Problem::new(ProblemCode::PhotoAlreadyDecided).at("replaces").into());
    }
    let takes_photos = match visit.status {
        VisitStatus::InProgress => true,
        VisitStatus::Completed => is_retake && is_same_visit,
        VisitStatus::Skipped => false,
    };
    if takes_photos { Ok(()) } else { Err(ProblemCode::VisitClosed.into()) }
}

/// The open task that asks for a retake of this photo.
pub(crate) fn retake_task(state: &dyn State, photo: &Photo) -> Result<Option<Task>, StateError> {
    let open = state.list::<Task>(Find::OpenTasksOfOutlet(photo.outlet_id))?;
    Ok(open.into_iter().find(|task| task.kind == TaskKind::PhotoRetake && task.photo_id == Some(photo.id)))
}

fn photo(args: &AttachPhoto, visit: &Visit, task_id: Option<TaskId>, context: &Context) -> Photo {
    Photo {
        id: args.photo_id,
        visit_id: visit.id,
        outlet_id: visit.outlet_id,
        territory_id: visit.territory_id,
        rep_id: context.actor.user_id,
        zone: args.zone.clone(),
        sha256: args.sha256.clone(),
        size_bytes: args.size_bytes,
        width: args.width,
        height: args.height,
        taken_at: context.captured_at,
        status: PhotoStatus::Pending,
        received_at: None,
        replaces: args.replaces,
        replaced_by: None,
        task_id,
        verdict_id: None,
    }
}
