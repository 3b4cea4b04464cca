//! `GET` and `POST /console/photos/{id}/people`, `GET /console/photos/people`

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
    ids::{PhotoId, UserId},
    photo::{CoverWish, Photo},
    sync::StateExt,
};

use super::{
    areas,
    view::{PeoplePage, PeopleRows, page},
};
use crate::{
    console::{
        access,
        desk::{Desk, ZONE, see},
        fault::{Trouble, WayOut},
        form::BadField,
        photos::{WallChoice, blind_for, outlet_of},
        pictures,
    },
    service::cover,
    store::{CoverState, PhotoFilter, StoreRead, WallEdge, WallPlace},
};

/// Which photos are gone through.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Round {
    /// `1`: after this photo comes the next of the choice; otherwise this one alone is marked.
    #[serde(default)]
    queue: String,
    /// The photo that was marked a moment ago.
    #[serde(default)]
    saved: String,
    #[serde(flatten)]
    choice: WallChoice,
}

impl Round {
    pub(super) fn is_queue(&self) -> bool {
        self.queue == "1"
    }

    /// The address of a photo's page in this round.
    pub(super) fn address(&self, photo: PhotoId, saved: Option<PhotoId>) -> String {
        let mut query = if self.is_queue() { vec!["queue=1".to_owned(), self.choice.query()] } else { Vec::new() };
        query.extend(saved.map(|saved| format!("saved={saved}")));
        query.retain(|part| !part.is_empty());
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/console/photos/{photo}/people{mark}{}", query.join("&"))
    }

    /// Where this round began, and ends.
    pub(super) fn start(&self, photo: PhotoId) -> String {
        if self.is_queue() { self.choice.address() } else { format!("/console/photos/{photo}") }
    }

    /// The photos of the round that nobody has looked at.
    fn filter(&self, snapshot: &dyn StoreRead, region: Option<&str>, user: UserId) -> Result<PhotoFilter, Trouble> {
        let outlet = outlet_of(snapshot, self.choice.outlet.trim())?;
        let blind_for = blind_for(&self.choice, user);
        Ok(PhotoFilter { blind_for, cover: CoverState::Open, ..self.choice.filter(region, ZONE, outlet) })
    }
}

fn round_of(round: Result<Query<Round>, QueryRejection>) -> Round {
    round.map(|Query(round)| round).unwrap_or_default()
}

/// Leads to the first photo of a choice in which nobody has looked for people, or back to the wall.
pub(crate) async fn first(desk: Desk, round: Result<Query<Round>, QueryRejection>) -> Response {
    let round = Round { queue: "1".to_owned(), ..round_of(round) };
    let (region, user) = (desk.region(), desk.user());
    let found = desk.look_up(move |snapshot| {
        let filter = round.filter(snapshot, region.as_deref(), user)?;
        let first = snapshot.wall(&filter, WallEdge::Start, 1)?.photos.into_iter().next();
        Ok(first.map_or_else(|| round.choice.address(), |photo| round.address(photo.id, None)))
    });
    match found.await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<PeoplePage, _>(trouble)),
    }
}

/// Shows a photo for marking.
pub(crate) async fn show(desk: Desk, Path(id): Path<String>, round: Result<Query<Round>, QueryRejection>) -> Response {
    let round = round_of(round);
    let (region, user) = (desk.region(), desk.user());
    let finds_faces = desk.state.faces.is_some();
    let made = desk.read(move |snapshot, names, f| {
        // An address says what it likes: the name of a photo elsewhere is not told.
        let saved = photo(snapshot, &round.saved, region.as_deref()).ok();
        let photo = photo(snapshot, &id, region.as_deref())?;
        pictures::note(snapshot, names, [photo.id])?;
        let watcher = (region.as_deref(), user);
        let (next, left) = if round.is_queue() { ahead(snapshot, &round, &photo, watcher)? } else { (None, 0) };
        let rows = PeopleRows { covers: snapshot.covers(photo.id)?, saved, next, left, finds_faces, photo };
        Ok(page(f, names, &round, &rows)?)
    });
    desk.answer(made.await)
}

/// The photo of an address, if the person may see it.
pub(super) fn photo(snapshot: &dyn StoreRead, id: &str, region: Option<&str>) -> Result<Photo, Trouble> {
    let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
    let photo: Photo = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
    access::require_territory(snapshot, photo.territory_id, region)?;
    Ok(photo)
}

/// The photo that comes next in a round, and how many wait besides this one.
fn ahead(
    snapshot: &dyn StoreRead,
    round: &Round,
    photo: &Photo,
    (region, user): (Option<&str>, UserId),
) -> Result<(Option<PhotoId>, u32), Trouble> {
    let filter = round.filter(snapshot, region, user)?;
    // At the end of the wall it begins again; this photo may still be on it.
    let part = snapshot.wall(&filter, WallEdge::After(WallPlace::of(photo)), 2)?.photos;
    let next = part.iter().map(|other| other.id).find(|other| *other != photo.id);
    let waits_itself = snapshot.cover(photo.id)?.is_none();
    let left = snapshot.photo_count(&filter)?.saturating_sub(u32::from(waits_itself));
    Ok((next, left))
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PeopleForm {
    /// Proves that the form came from a page of this session.
    form_token: String,
    /// The version that was seen; 0 when there was none.
    seen: String,
    /// A line for each area.
    areas: String,
    /// `areas`, or `nobody`: nobody can be recognised.
    said: String,
}

impl PeopleForm {
    fn read(&self, photo_id: PhotoId) -> Result<CoverWish, BadField> {
        let is_nobody = match self.said.as_str() {
            "areas" => false,
            "nobody" => true,
            _ => return Err(BadField("said")),
        };
        let seen = self.seen.parse().map_err(|_| BadField("seen"))?;
        Ok(CoverWish { photo_id, seen, areas: areas::read(&self.areas)?, is_nobody })
    }
}

/// Takes in what is said about a photo and goes on to the next.
pub(crate) async fn mark(
    desk: Desk,
    Path(id): Path<String>,
    round: Result<Query<Round>, QueryRejection>,
    form: Result<Form<PeopleForm>, FormRejection>,
) -> Response {
    match take_in(&desk, &id, &round_of(round), form).await {
        Ok(address) => see(&address),
        Err(trouble) => desk.answer(Err::<PeoplePage, _>(trouble)),
    }
}

async fn take_in(
    desk: &Desk,
    id: &str,
    round: &Round,
    form: Result<Form<PeopleForm>, FormRejection>,
) -> Result<String, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let (region, user, address) = (desk.region(), desk.user(), id.to_owned());
    let of_round = round.clone();
    let (id, next) = desk
        .look_up(move |snapshot| {
            let photo = photo(snapshot, &address, region.as_deref())?;
            if !of_round.is_queue() {
                return Ok((photo.id, None));
            }
            Ok((photo.id, ahead(snapshot, &of_round, &photo, (region.as_deref(), user))?.0))
        })
        .await?;
    match cover::mark(&desk.state, user, form.read(id)?).await? {
        // Whoever was overtaken looks first at what was saved.
        Err(problem) => Err(Trouble::Refused(vec![problem], WayOut::People(id))),
        Ok(_) => Ok(match next {
            Some(next) => round.address(next, Some(id)),
            None if round.is_queue() => format!("{}#export", round.start(id)),
            None => format!("{}#people", round.start(id)),
        }),
    }
}
