//! `photo.attach`: a photo was taken. Its bytes follow on their own way.
//!
//! A new photo belongs to a visit in progress. A *retake* replaces a rejected photo; it belongs to the visit of that
//! photo, which may be closed, or to a visit in progress at the same outlet when the rep comes back another day, and
//! it closes the task that asked for it. Within a visit in progress a rep may also take an undecided photo of the visit
//! anew. A photo is replaced at most once; the chain is never cut.
//!
//! So it is on the phone. A photo that arrives at the server was taken, and is kept whatever another device or a
//! reviewer did meanwhile: the visit may be closed by then, the rejection withdrawn, the photo approved. When another
//! retake has come first, the photo goes to the end of the chain.

use crate::{
    handbook::HandbookList,
    ids::PhotoId,
    outlet::{Outlet, Role},
    photo::{Photo, PhotoStatus, Seen, evidence::MAX_RETAKES, signal::at_capture},
    problem::{Problem, ProblemCode},
    retention::may_keep_place,
    sync::{
        AttachPhoto, Change, Context, Decision, Find, State, StateError, StateExt, Stop, existing, require_code,
        require_role, require_unused, settle,
    },
    task::{Task, TaskKind, TaskStatus},
    visit::{Visit, VisitStatus, guest, own_visit},
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
    require_code(state, HandbookList::PhotoZone, &args.zone, "zone")?;
    if let Some(id) = args.replaces {
        return replace(state, args, &visit, id, context);
    }
    require_takes_photos(&visit, false, context)?;
    Ok(vec![Change::put(photo(state, args, &visit, context)?)])
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
    if before.outlet_id != visit.outlet_id || before.zone != args.zone {
        return Err(Problem::new(ProblemCode::PhotoReplacesOther).at("replaces").into());
    }
    if before.rep_id != context.actor.user_id && !was_asked_of_actor(state, &before, context)? {
        return Err(ProblemCode::NotPermitted.into());
    }
    let is_of_visit = before.visit_id == visit.id;
    if context.is_being_captured() {
        require_replaceable(&before, is_of_visit)?;
    }
    require_takes_photos(visit, before.status == PhotoStatus::Rejected && is_of_visit, context)?;

    let mut photo = photo(state, args, visit, context)?;
    let Some(last) = last_of_chain(state, before)? else { return Ok(vec![Change::put(photo)]) };
    let task = retake_task(state, &last)?;
    photo.replaces = Some(last.id);
    photo.task_id = task.as_ref().map(|task| task.id);
    let mut changes = vec![Change::put(photo), Change::put(Photo { replaced_by: Some(args.photo_id), ..last })];
    changes.extend(
        task.map(|task| Change::put(Task { status: TaskStatus::Done, closed_at: Some(context.captured_at), ..task })),
    );
    Ok(changes)
}

fn require_replaceable(before: &Photo, is_of_visit: bool) -> Result<(), Problem> {
    if before.status != PhotoStatus::Rejected && !is_of_visit {
        return Err(Problem::new(ProblemCode::PhotoReplacesOther).at("replaces"));
    }
    if before.replaced_by.is_some() || before.status == PhotoStatus::Approved {
        return Err(Problem::new(ProblemCode::PhotoAlreadyDecided).at("replaces"));
    }
    Ok(())
}

/// Refuses a photo of a visit that takes none. `is_own_retake`: it replaces a rejected photo of this visit.
fn require_takes_photos(visit: &Visit, is_own_retake: bool, context: &Context) -> Result<(), Stop> {
    let takes_photos = match visit.status {
        VisitStatus::InProgress => true,
        VisitStatus::Completed => is_own_retake || !context.is_being_captured(),
        VisitStatus::Skipped => false,
    };
    if takes_photos { Ok(()) } else { Err(ProblemCode::VisitClosed.into()) }
}

/// Whether a retake of this photo was asked of the actor, be it done or called off since.
fn was_asked_of_actor(state: &dyn State, photo: &Photo, context: &Context) -> Result<bool, StateError> {
    let tasks = state.list::<Task>(Find::TasksOfVisit(photo.visit_id))?;
    Ok(tasks.iter().any(|task| asks_for(task, photo.id) && task.owner_id == context.actor.user_id))
}

/// The photo that nothing has replaced yet, from this one on; `None` when the chain is too long to be followed. A photo
/// is then kept beside it.
fn last_of_chain(state: &dyn State, photo: Photo) -> Result<Option<Photo>, StateError> {
    let mut last = photo;
    for _ in 0..MAX_RETAKES {
        let Some(id) = last.replaced_by else { return Ok(Some(last)) };
        let Some(next) = state.get::<Photo>(id.row())? else { return Ok(None) };
        last = next;
    }
    Ok(None)
}

/// The open task that asks for a retake of this photo.
pub(crate) fn retake_task(state: &dyn State, photo: &Photo) -> Result<Option<Task>, StateError> {
    let open = state.list::<Task>(Find::OpenTasksOfOutlet(photo.outlet_id))?;
    Ok(open.into_iter().find(|task| asks_for(task, photo.id)))
}

fn asks_for(task: &Task, photo: PhotoId) -> bool {
    task.kind == TaskKind::PhotoRetake && task.photo_id == Some(photo)
}

fn photo(state: &dyn State, args: &AttachPhoto, visit: &Visit, context: &Context) -> Result<Photo, StateError> {
    let may_tell = may_keep_place(visit, context.captured_at);
    let seen = args.seen.clone().map(Seen::in_shape);
    let seen = seen.map(|seen| Seen { camera_distance_m: seen.camera_distance_m.filter(|_| may_tell), ..seen });
    let outlet = state.get::<Outlet>(visit.outlet_id.row())?;
    let signals = seen.as_ref().map(|seen| at_capture(seen, visit, outlet.as_ref(), context.captured_at));
    Ok(Photo {
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
        captured: Some(context.clocks()),
        status: PhotoStatus::Pending,
        received_at: None,
        replaces: None,
        replaced_by: None,
        task_id: None,
        verdict_id: None,
        guest_id: guest(visit),
        seen,
        signals: signals.filter(|signals| !signals.is_empty()),
    })
}
