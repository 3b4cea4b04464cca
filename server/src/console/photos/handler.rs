//! `GET /console/photos`

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use storewalk_domain::{
    ids::{OutletId, UserId},
    photo::PhotoStatus,
};
use uuid::Uuid;

use super::{PAGE_SIZE, WallChoice, WallRows, page};
use crate::{
    console::{
        desk::{Desk, ZONE},
        fault::Trouble,
        pictures,
        review::handler::SECOND_COUNTED,
    },
    service::export::MOST_PHOTOS,
    store::{CoverState, PhotoFilter, PhotoState, StoreRead},
};

/// Shows the wall.
pub(crate) async fn show(desk: Desk, choice: Result<Query<WallChoice>, QueryRejection>) -> Response {
    let choice = choice.map(|Query(choice)| choice).unwrap_or_default();
    let (region, user) = (desk.region(), desk.user());
    let finds_faces = desk.state.faces.is_some();
    let made = desk.read(move |snapshot, names, f| {
        let rows = WallRows { finds_faces, ..rows(snapshot, &choice, region.as_deref(), user)? };
        pictures::note(snapshot, names, rows.part.photos.iter().map(|photo| photo.id))?;
        Ok(page(f, names, &choice, &rows)?)
    });
    desk.answer(made.await)
}

fn rows(
    snapshot: &dyn StoreRead,
    choice: &WallChoice,
    region: Option<&str>,
    user: UserId,
) -> Result<WallRows, Trouble> {
    let outlet = outlet_of(snapshot, choice.outlet.trim())?;
    // A verdict that somebody may judge again without knowing it is not told to them on the wall.
    let filter = PhotoFilter { blind_for: blind_for(choice, user), ..choice.filter(region, ZONE, outlet) };
    let part = snapshot.wall(&filter, choice.edge(), PAGE_SIZE)?;
    let total = snapshot.photo_count(&filter)?;
    let on_phones = PhotoFilter {
        region: region.map(str::to_owned),
        state: PhotoState::In(PhotoStatus::Pending),
        ..PhotoFilter::default()
    };
    let pending = snapshot.photo_count(&on_phones)?;
    let mut reps: Vec<UserId> = snapshot.postings(region)?.into_iter().map(|posting| posting.user_id).collect();
    reps.dedup();
    let second = snapshot.open_draw_count(region, user, SECOND_COUNTED)?;
    let pending = usize::try_from(pending).unwrap_or(usize::MAX);
    let people = people(snapshot, &filter, total)?;
    Ok(WallRows { part, total, reps, second, pending, people, finds_faces: false })
}

/// How many photos of a choice somebody has looked at for people, and how many nobody has. A choice that is too large to be
/// exported is not counted.
fn people(snapshot: &dyn StoreRead, filter: &PhotoFilter, total: u32) -> Result<[u32; 2], Trouble> {
    if total > MOST_PHOTOS {
        return Ok([0, 0]);
    }
    let count = |cover: CoverState| {
        let is_other = filter.cover != CoverState::Any && filter.cover != cover;
        if is_other { Ok(0) } else { snapshot.photo_count(&PhotoFilter { cover, ..filter.clone() }) }
    };
    Ok([count(CoverState::Marked)?, count(CoverState::Open)?])
}

pub(crate) fn blind_for(choice: &WallChoice, user: UserId) -> Option<UserId> {
    matches!(choice.state_name(), "approved" | "rejected").then_some(user)
}

/// The outlet a code means. A code that means none chooses nothing: an id that no outlet has.
pub(crate) fn outlet_of(snapshot: &dyn StoreRead, code: &str) -> Result<Option<OutletId>, Trouble> {
    if code.is_empty() {
        return Ok(None);
    }
    Ok(Some(snapshot.outlet_by_code(code)?.unwrap_or(OutletId(Uuid::nil()))))
}
