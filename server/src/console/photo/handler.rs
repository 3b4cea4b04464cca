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
    ids::{CommandId, PhotoId, VerdictId},
    outlet::Outlet,
    photo::{Photo, PhotoStatus, Verdict, VerdictDecision},
    problem::{Problem, ProblemCode},
    sync::{Policies, StateExt},
    time::Timestamp,
};
use storewalk_wire::CommandVerdict;

use super::{Commands, PhotoRows, Undo, VerdictForm, page, view::PhotoPage};
use crate::{
    console::{
        access,
        desk::{Desk, ZONE, see},
        fault::{Trouble, WayOut},
        form::BadField,
        lookup::Names,
        pictures,
    },
    service,
    store::{PhotoFilter, PhotoState, Slice, StoreRead},
};

/// How many photos are offered to show how it should look.
const REFERENCES: u32 = 12;

/// What happened a moment ago.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct JustNow {
    /// The verdict that was given.
    done: String,
}

/// Shows a photo.
pub(crate) async fn show(
    desk: Desk,
    Path(id): Path<String>,
    just_now: Result<Query<JustNow>, QueryRejection>,
) -> Response {
    let done = just_now.ok().and_then(|Query(just_now)| just_now.done.parse::<VerdictId>().ok());
    let region = desk.region();
    let policies = desk.state.config.policies.clone();
    let user = desk.user();
    let mint = || CommandId(desk.state.new_id());
    let commands = Commands { approve: mint(), reject: mint(), withdraw: mint(), undo: mint() };
    let made = desk.read(move |snapshot, names, f| {
        let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
        let rows = rows(snapshot, id, region.as_deref(), &policies, f.now)?;
        let shown = rows.chain.photos.iter().chain(&rows.references).map(|photo| photo.id);
        pictures::note(snapshot, names, shown.chain(rows.beside.into_iter().flatten()).collect::<Vec<_>>())?;
        let given: Option<Verdict> = done.map(|done| snapshot.get(done.row())).transpose()?.flatten();
        let own = given.filter(|verdict| verdict.reviewer_id == user);
        let undo = own.map(|verdict| undo(snapshot, names, &verdict)).transpose()?.flatten();
        Ok(page(f, names, &rows, commands, undo.as_ref())?)
    });
    desk.answer(made.await)
}

fn rows(
    snapshot: &dyn StoreRead,
    id: PhotoId,
    region: Option<&str>,
    policies: &Policies,
    now: Timestamp,
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
    Ok(PhotoRows {
        chain: snapshot.chain(id)?,
        beside: snapshot.beside_in_queue(&queue(region), &photo)?,
        references: snapshot.photos(&references, Slice { offset: 0, limit: REFERENCES })?.items,
        due: today.plus_days(i64::from(policies.retake_days)),
        today,
        photo,
    })
}

fn queue(region: Option<&str>) -> PhotoFilter {
    PhotoFilter { region: region.map(str::to_owned), ..PhotoFilter::default() }
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
        can_be_taken_back: stands && photo.replaced_by.is_none(),
    }))
}

/// Decides about a photo and goes on to the next that waits.
pub(crate) async fn decide(
    desk: Desk,
    Path(id): Path<String>,
    form: Result<Form<VerdictForm>, FormRejection>,
) -> Response {
    match review(&desk, &id, form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<PhotoPage, _>(trouble)),
    }
}

async fn review(desk: &Desk, id: &str, form: Result<Form<VerdictForm>, FormRejection>) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
    let (command_id, review) = form.read(id)?;
    let (verdict_id, decision) = (review.verdict_id, review.decision);
    let region = desk.region();
    let (next, stands) = desk
        .read(move |snapshot, _, _| {
            let photo: Photo = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
            access::require_territory(snapshot, photo.territory_id, region.as_deref())?;
            let [_, next] = snapshot.beside_in_queue(&queue(region.as_deref()), &photo)?;
            Ok((next, photo.verdict_id))
        })
        .await?;
    // Withdrawing is about the verdict the reviewer saw; another one in its place is somebody else's.
    let seen = form.standing.parse::<VerdictId>().ok();
    if decision == VerdictDecision::Withdrawn && seen != stands && stands != Some(verdict_id) {
        let problem = Problem::new(ProblemCode::PhotoAlreadyDecided);
        return Err(Trouble::Refused(vec![problem], WayOut::Photo(id, next)));
    }
    match service::execute(&desk.state, desk.user(), review.into(), command_id).await? {
        CommandVerdict::Refused { problems } => Err(Trouble::Refused(problems, WayOut::Photo(id, next))),
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => {
            // After a withdrawal the same photo waits again.
            let stay = decision == VerdictDecision::Withdrawn;
            let to = next.filter(|_| !stay).unwrap_or(id);
            Ok(format!("/console/photos/{to}?done={verdict_id}"))
        }
    }
}
