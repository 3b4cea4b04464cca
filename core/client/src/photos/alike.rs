//! Photos of the last weeks that look like one just taken: without a network, from what was synced and what was taken
//! here.
//!
//! **Limit.** Looking alike is no proof: what is found is told to the rep, who may take another or explain.

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    ids::OutletId,
    outlet::Outlet,
    photo::{Alike, PRINT_DAYS, PRINT_MATCH, Photo, ShelfPrints, is_remarkable},
    sync::StateExt,
    time::{BusinessDate, DAY_MS, Timestamp, Zone},
};
use storewalk_photo::{Hashes, PDQ_QUALITY, Pdq};
use storewalk_sqlite::{SqliteState, select};

use crate::ClientError;

/// Most of them that are told.
const MOST_TOLD: usize = 5;

/// Where and when the new photo was taken.
#[derive(Clone, Copy)]
pub(super) struct Here {
    pub(super) outlet_id: OutletId,
    pub(super) today: BusinessDate,
    pub(super) now: Timestamp,
}

/// The outlets and days of which a photo looks like this one, the nearest first.
pub(super) fn find(connection: &Connection, hashes: &Hashes, here: Here) -> Result<Vec<Alike>, ClientError> {
    if hashes.quality < PDQ_QUALITY {
        return Ok(Vec::new());
    }
    let mut found = Found { hashes, here, alike: Vec::new() };
    let since = here.today.plus_days(-PRINT_DAYS);
    let params = named_params! { ":since": since.to_string() };
    let days: Vec<ShelfPrints> = select(connection, "WHERE taken_on >= :since ORDER BY id", params)?;
    for day in &days {
        let nearest = day.prints.iter().filter_map(|print| found.distance(print)).min();
        found.note(nearest.map(|(bits, is_turned)| day.alike(bits, is_turned)));
    }
    for photo in taken_here(connection, here.now)? {
        let Some(print) = photo.seen.as_ref().and_then(|seen| seen.print.as_ref()) else { continue };
        if print.quality >= PDQ_QUALITY
            && let Some((bits, is_turned)) = found.distance(&print.pdq)
        {
            let outlet = SqliteState(connection).get::<Outlet>(photo.outlet_id.row())?;
            found.note(Some(of_photo(&photo, outlet, bits, is_turned)));
        }
    }
    Ok(found.told())
}

/// Photos on this phone whose bytes other phones may not know of yet.
fn taken_here(connection: &Connection, now: Timestamp) -> Result<Vec<Photo>, ClientError> {
    let since = now.plus_ms(-PRINT_DAYS * DAY_MS);
    let tail = "WHERE seen IS NOT NULL AND taken_at >= :since ORDER BY id";
    Ok(select(connection, tail, named_params! { ":since": since.0 })?)
}

fn of_photo(photo: &Photo, outlet: Option<Outlet>, bits: u32, is_turned: bool) -> Alike {
    let zone = outlet.as_ref().map_or(Zone::SHANGHAI, |outlet| outlet.zone);
    let (outlet_code, outlet_name) = outlet.map(|outlet| (outlet.code, outlet.name)).unwrap_or_default();
    let taken_on = photo.taken_at.date_in(zone);
    Alike { outlet_id: photo.outlet_id, outlet_code, outlet_name, taken_on, bits, is_turned }
}

struct Found<'h> {
    hashes: &'h Hashes,
    here: Here,
    alike: Vec<Alike>,
}

impl Found<'_> {
    /// How far a hash is from the new photo's nearest way of being turned, if that is near.
    fn distance(&self, print: &str) -> Option<(u32, bool)> {
        let print: Pdq = print.parse().ok()?;
        Some(self.hashes.nearest(&print)).filter(|(bits, _)| *bits <= PRINT_MATCH)
    }

    /// Notes a find that is worth a word; of an outlet's day only the nearest.
    fn note(&mut self, alike: Option<Alike>) {
        let Some(alike) = alike.filter(|alike| is_remarkable(alike, self.here.outlet_id, self.here.today)) else {
            return;
        };
        let is_same_day = |known: &&mut Alike| (known.outlet_id, known.taken_on) == (alike.outlet_id, alike.taken_on);
        match self.alike.iter_mut().find(is_same_day) {
            Some(known) if known.bits <= alike.bits => {}
            Some(known) => *known = alike,
            None => self.alike.push(alike),
        }
    }

    fn told(mut self) -> Vec<Alike> {
        self.alike.sort_by_key(|alike| (alike.bits, alike.taken_on, alike.outlet_id));
        self.alike.truncate(MOST_TOLD);
        self.alike
    }
}
