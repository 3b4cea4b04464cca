//! `GET /console/photos/{id}` and `POST /console/photos/{id}/verdict`

use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    handbook::HandbookList,
    ids::{CommandId, PhotoId, UserId, VerdictId},
    outlet::Outlet,
    photo::{Photo, PhotoStatus, Verdict, VerdictDecision},
    problem::{Problem, ProblemCode},
    review::may_look,
    sync::{Policies, StateExt},
    time::Timestamp,
};
use storewalk_wire::{CommandVerdict, Variant};

use super::{
    Beside, Commands, KeepingRows, PeopleRows, PhotoRows, Undo, VerdictForm, keeping::VIEWS, page, view::PhotoPage,
};
use crate::{
    console::{
        access,
        desk::{Desk, ZONE, see},
        fault::{Trouble, WayOut},
        form::BadField,
        lookup::Names,
        pictures,
    },
    service::{retention, review},
    store::{AtDesk, PhotoFilter, PhotoState, StoreError, StoreRead, ViewKind, WallEdge},
};

/// How many photos are offered to show how it should look.
const REFERENCES: u32 = 12;

/// Most photos held beside one.
const MOST_COMPARED: usize = 6;

/// What happened a moment ago.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// The verdict that was given.
    done: String,
    /// `1`: the reader wants to see the verdict, although they could judge the photo without knowing it.
    reveal: String,
}

/// Shows a photo.
pub(crate) async fn show(
    desk: Desk,
    Path(id): Path<String>,
    just_now: Result<Query<JustNow>, QueryRejection>,
) -> Response {
    let just_now = just_now.map(|Query(just_now)| just_now).unwrap_or_default();
    let (done, just_now_reveals) = (just_now.done.parse::<VerdictId>().ok(), just_now.reveal == "1");
    let region = desk.region();
    let policies = desk.state.config.policies.clone();
    let user = desk.user();
    let finds_faces = desk.state.faces.is_some();
    let mint = || CommandId(desk.state.new_id());
    if let Some(address) = blind_look(&desk, &id, just_now_reveals).await {
        return see(&address);
    }
    let seen = id.parse::<PhotoId>();
    let commands = Commands { approve: mint(), reject: mint(), withdraw: mint(), undo: mint() };
    let made = desk.read(move |snapshot, names, f| {
        let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
        let rows = rows(snapshot, id, region.as_deref(), &policies, (user, f.now))?;
        let people = PeopleRows { cover: snapshot.cover(id)?, finds_faces };
        let rows = PhotoRows { people, ..rows };
        let beside = rows.compared.iter().map(|(_, photo)| photo);
        let shown = rows.chain.photos.iter().chain(&rows.references).chain(beside).map(|photo| photo.id);
        pictures::note(snapshot, names, shown.chain(rows.beside.into_iter().flatten()).collect::<Vec<_>>())?;
        let given: Option<Verdict> = done.map(|done| snapshot.get(done.row())).transpose()?.flatten();
        let own = given.filter(|verdict| verdict.reviewer_id == user);
        let undo = own.map(|verdict| undo(snapshot, names, &verdict)).transpose()?.flatten();
        Ok(page(f, names, &rows, commands, undo.as_ref())?)
    });
    let made: Result<PhotoPage, Trouble> = made.await;
    if made.as_ref().is_ok_and(PhotoPage::shows_original)
        && let Ok(id) = seen
    {
        retention::note_view(&desk.state, user, id, ViewKind::Page).await;
    }
    desk.answer(made)
}

/// Where a reader is led who could judge the photo again without knowing the verdict; `None` when they may see it. That
/// they saw it is noted, so that nobody asks them for a blind look afterwards.
async fn blind_look(desk: &Desk, id: &str, reveals: bool) -> Option<String> {
    let id: PhotoId = id.parse().ok()?;
    let (user, region) = (desk.user(), desk.region());
    let found = desk.look_up(move |snapshot| {
        let photo: Option<Photo> = snapshot.get(id.row())?;
        let Some(photo) = photo else { return Ok(None) };
        access::require_territory(snapshot, photo.territory_id, region.as_deref())?;
        let drawn = photo.verdict_id.map(|verdict| snapshot.drawn(verdict)).transpose()?.flatten();
        let Some(drawn) = drawn else { return Ok(None) };
        let has_seen = snapshot.has_seen(drawn.verdict_id, user)?;
        Ok(may_look(&drawn, user, has_seen).then_some(drawn.verdict_id))
    });
    let verdict = found.await.ok().flatten()?;
    if !reveals {
        return Some(format!("/console/second/{verdict}"));
    }
    let at = desk.state.now();
    let noted: Result<(), StoreError> = desk.state.store.write(move |txn| txn.note_sight(verdict, user, at)).await;
    // A sight that could not be noted is not granted either.
    noted.is_err().then(|| format!("/console/second/{verdict}"))
}

fn rows(
    snapshot: &dyn StoreRead,
    id: PhotoId,
    region: Option<&str>,
    policies: &Policies,
    (user, now): (UserId, Timestamp),
) -> Result<PhotoRows, Trouble> {
    let photo: Photo = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
    access::require_territory(snapshot, photo.territory_id, region)?;
    let outlet: Option<Outlet> = snapshot.get(photo.outlet_id.row())?;
    let today = now.date_in(outlet.map_or(ZONE, |outlet| outlet.zone));
    let references = PhotoFilter {
        region: region.map(str::to_owned),
        state: PhotoState::In(PhotoStatus::Approved),
        zone: Some(photo.zone.clone()),
        ..PhotoFilter::default()
    };
    let desk = at_desk(snapshot, user, now)?;
    Ok(PhotoRows {
        chain: snapshot.chain(id)?,
        beside: snapshot.beside_in_queue(&queue(region, desk), &photo)?,
        keeping: KeepingRows {
            policy: retention::policy(snapshot)?,
            holds: snapshot.holds(id)?,
            removal: snapshot.removal(id, Variant::Original)?,
            views: snapshot.views(id, VIEWS)?,
        },
        people: PeopleRows::default(),
        compared: compared(snapshot, &photo, region)?,
        visit: snapshot.get(photo.visit_id.row())?,
        claim: snapshot.claim(id)?.filter(|claim| claim.binds(now)),
        own_left: snapshot.claims(now)?.iter().filter(|claim| claim.user_id == user).count(),
        user,
        references: snapshot.wall(&references, WallEdge::Start, REFERENCES)?.photos,
        due: today.plus_days(i64::from(policies.retake_days)),
        today,
        photo,
    })
}

fn queue(region: Option<&str>, desk: AtDesk) -> PhotoFilter {
    PhotoFilter { region: region.map(str::to_owned), desk: Some(desk), ..PhotoFilter::default() }
}

/// Somebody with claims works through them; anybody else through what nobody has claimed.
fn at_desk(snapshot: &dyn StoreRead, user: UserId, now: Timestamp) -> Result<AtDesk, Trouble> {
    let is_own_only = snapshot.claims(now)?.iter().any(|claim| claim.user_id == user);
    Ok(AtDesk { user, now, is_own_only })
}

/// The photos to hold beside this one: what it was taken anew for, how the same place looked at the visit before, and what
/// looks like it as far as the reader may see it.
fn compared(snapshot: &dyn StoreRead, photo: &Photo, region: Option<&str>) -> Result<Vec<(Beside, Photo)>, Trouble> {
    let last = snapshot.photo_of_last_visit(photo)?.filter(|last| Some(*last) != photo.replaces);
    let pairs = [(Beside::Before, photo.replaces), (Beside::LastVisit, last)];
    let mut found = Vec::new();
    for (beside, id) in pairs {
        let other: Option<Photo> = id.map(|id| snapshot.get(id.row())).transpose()?.flatten();
        found.extend(other.map(|other| (beside, other)));
    }
    for near in snapshot.matches_of(photo.id)? {
        let other = if near.photo_id == photo.id { near.other_id } else { near.photo_id };
        let Some(other) = snapshot.get::<Photo>(other.row())? else { continue };
        let is_there = found.iter().any(|(_, known)| known.id == other.id);
        if is_there || access::require_territory(snapshot, other.territory_id, region).is_err() {
            continue;
        }
        found.push((if near.is_same_bytes { Beside::SameBytes } else { Beside::Alike }, other));
        if found.len() == MOST_COMPARED {
            break;
        }
    }
    Ok(found)
}

/// The verdict of a moment ago, while it can still be taken back.
fn undo(snapshot: &dyn StoreRead, names: &mut Names<'_>, verdict: &Verdict) -> Result<Option<Undo>, Trouble> {
    let photo: Option<Photo> = snapshot.get(verdict.photo_id.row())?;
    let Some(photo) = photo else { return Ok(None) };
    let outlet = names.outlet_tag(photo.outlet_id)?;
    let zone = names.label(HandbookList::PhotoZone, &photo.zone);
    let stands = photo.verdict_id == Some(verdict.id) && verdict.decision != VerdictDecision::Withdrawn;
    Ok(Some(Undo {
        photo: photo.id,
        verdict: verdict.id,
        name: format!("{} · {zone}", outlet.name),
        decision: verdict.decision,
        can_be_taken_back: stands,
    }))
}

/// Decides about a photo and goes on to the next that waits.
pub(crate) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    form: Result<Form<VerdictForm>, FormRejection>,
) -> Response {
    match give(&desk, &id, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<PhotoPage, _>(trouble)),
    }
}

async fn give(desk: &Desk, id: &str, form: Result<Form<VerdictForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
    let (command_id, review) = form.read(id)?;
    let (verdict_id, decision) = (review.verdict_id, review.decision);
    let (region, user) = (desk.region(), desk.user());
    let now = desk.state.now();
    let (next, stands, had_claims) = desk
        .look_up(move |snapshot| {
            let photo: Photo = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
            access::require_territory(snapshot, photo.territory_id, region.as_deref())?;
            let desk = at_desk(snapshot, user, now)?;
            let [_, next] = snapshot.beside_in_queue(&queue(region.as_deref(), desk), &photo)?;
            Ok((next, photo.verdict_id, desk.is_own_only))
        })
        .await?;
    // Withdrawing is about the verdict the reviewer saw; another one in its place is somebody else's.
    let seen = form.standing.parse::<VerdictId>().ok();
    if decision == VerdictDecision::Withdrawn && seen != stands && stands != Some(verdict_id) {
        let problem = Problem::new(ProblemCode::PhotoAlreadyDecided);
        return Err(Trouble::Refused(vec![problem], WayOut::Photo(id, next)));
    }
    match review::judge(&desk.state, desk.user(), review, command_id).await? {
        CommandVerdict::Refused { problems } => Err(Trouble::Refused(problems, WayOut::Photo(id, next))),
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => {
            // After a withdrawal the same photo waits again.
            let stay = decision == VerdictDecision::Withdrawn;
            if had_claims && next.is_none() && !stay {
                return Ok(format!("/console/review?done={verdict_id}"));
            }
            let to = next.filter(|_| !stay).unwrap_or(id);
            Ok(format!("/console/photos/{to}?done={verdict_id}"))
        }
    }
}
