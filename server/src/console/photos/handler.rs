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
    },
    store::{PhotoFilter, PhotoState, Slice, StoreRead},
};

/// Shows the wall.
pub(crate) async fn show(desk: Desk, choice: Result<Query<WallChoice>, QueryRejection>) -> Response {
    let choice = choice.map(|Query(choice)| choice).unwrap_or_default();
    let region = desk.region();
    let made = desk.read(move |snapshot, names, f| {
        let rows = rows(snapshot, &choice, region.as_deref())?;
        pictures::note(snapshot, names, rows.photos.items.iter().map(|photo| photo.id))?;
        Ok(page(f, names, &choice, &rows)?)
    });
    desk.answer(made.await)
}

fn rows(snapshot: &dyn StoreRead, choice: &WallChoice, region: Option<&str>) -> Result<WallRows, Trouble> {
    let outlet = outlet_of(snapshot, choice.outlet.trim())?;
    let filter = choice.filter(region, ZONE, outlet);
    let offset = (choice.page_number() - 1).saturating_mul(PAGE_SIZE);
    let photos = snapshot.photos(&filter, Slice { offset, limit: PAGE_SIZE })?;
    let on_phones = PhotoFilter {
        region: region.map(str::to_owned),
        state: PhotoState::In(PhotoStatus::Pending),
        ..PhotoFilter::default()
    };
    let pending = snapshot.photos(&on_phones, Slice { offset: 0, limit: 0 })?.total;
    let mut reps: Vec<UserId> = snapshot.postings(region)?.into_iter().map(|posting| posting.user_id).collect();
    reps.dedup();
    Ok(WallRows { photos, reps, pending: usize::try_from(pending).unwrap_or(usize::MAX) })
}

/// The outlet a code means. A code that means none chooses nothing: an id that no outlet has.
fn outlet_of(snapshot: &dyn StoreRead, code: &str) -> Result<Option<OutletId>, Trouble> {
    if code.is_empty() {
        return Ok(None);
    }
    Ok(Some(snapshot.outlet_by_code(code)?.unwrap_or(OutletId(Uuid::nil()))))
}
