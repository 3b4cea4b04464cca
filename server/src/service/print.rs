//! Looking at photos once their bytes are held: hashes, what looks alike among everything there is, and the signals that
//! follow.
//!
//! **Rule.** A phone's word is a signal, the bytes are the truth: hashes are taken anew here, and a phone whose
//! description differs gets a signal for it. What is found is told to people; nothing is refused and nobody is judged.
//!
//! **States of a photo.** Held → in line (`arrived`) → looked at (it has a print). A photo that was held when the server
//! stopped is looked at by the sweep, at the next start and every hour.

mod small;

use std::{
    ops::ControlFlow,
    sync::{Mutex, PoisonError},
};

use storewalk_domain::{
    ids::{PhotoId, TerritoryId},
    outlet::{Outlet, Territory},
    photo::{Alike, Arrival, PRINT_DAYS, PRINT_MATCH, Photo, Remark, ShelfPrints},
    sync::{Row, StateExt, Table},
    time::{BusinessDate, Timestamp, Zone},
    visit::Visit,
};
use storewalk_photo::{Advice, Hashes, Index, PDQ_QUALITY, Pdq, Settings, Watch, examine};
use storewalk_wire::{ErrorCode, Variant};

use super::changes::Moves;
use crate::{
    error::ApiError,
    state::AppState,
    store::{PRINT_WAY, PhotoMatch, PhotoPrint, StoreError, StoreRead, StoreTxn},
};

/// Photos that were left and are read at once.
const LEFT_AT_ONCE: usize = 64;

/// Photos that are looked at in one sweep, at most: there are other things to keep up.
const MOST_IN_A_SWEEP: usize = 4_096;

/// After so many failures on end, those that are left are left until the next sweep.
const FAILURES: u32 = 8;

/// Bits of the short hash within which photos are compared by the long one.
const NEAR: u32 = storewalk_photo::MOST_DISTANCE;

/// Prints that are read at once into the index.
const READ_AT_ONCE: usize = 50_000;

/// Photos that are compared with one, at most: thousands of photos of one blank wall are one find.
const MOST_COMPARED: usize = 200;

/// Days of prints too old to compare with that go with one arrival.
const OLD_AT_ONCE: usize = 20;

/// Which photos there are by their short hashes.
#[derive(Debug, Default)]
pub struct Prints(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    index: Index,
    photos: Vec<PhotoId>,
    place: u64,
}

impl Prints {
    /// The photos whose short hash is near, turned and mirrored ones included, the nearest first; and how far the prints
    /// were read for it. Only what is committed is ever read into the index.
    fn near(&self, snapshot: &dyn StoreRead, hashes: &Hashes) -> Result<(Vec<PhotoId>, u64), StoreError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let more = snapshot.prints_after(known.place, READ_AT_ONCE)?;
            for print in &more {
                if known.index.add(print.short).is_some() {
                    known.photos.push(print.photo_id);
                }
                known.place = print.place;
            }
            if more.len() < READ_AT_ONCE {
                break;
            }
        }
        let mut near: Vec<_> = hashes.short.iter().flat_map(|short| known.index.search(*short, NEAR)).collect();
        near.sort_unstable();
        let mut found = Vec::new();
        for photo in near.iter().filter_map(|near| known.photos.get(near.number as usize)) {
            if !found.contains(photo) && found.len() < MOST_COMPARED {
                found.push(*photo);
            }
        }
        Ok((found, known.place))
    }
}

/// What the bytes of a photo show: hashes of its middle, as phones take them, or nothing for a picture that cannot be read.
struct Look {
    sha256: String,
    hashes: Option<Hashes>,
    advice: Vec<Remark>,
    /// In how many bits the small picture differs, where it shows another scene.
    small_apart: Option<u32>,
}

/// Looks at a photo whose original is held; of one that was looked at before only the small picture, which may have come
/// later.
///
/// # Errors
/// When the store or the disk fails; the photo is then looked at later.
pub async fn look_at(state: &AppState, photo_id: PhotoId) -> Result<(), ApiError> {
    let held = state.store.read(move |snapshot| {
        let print = snapshot.photo_print(photo_id)?;
        Ok::<_, StoreError>((snapshot.photo_file(photo_id, Variant::Original)?, print))
    });
    let file = match held.await? {
        (_, Some(print)) => return small::look_at_late(state, print).await,
        (Some(file), None) => file,
        (None, None) => return Ok(()),
    };
    let _turn = state.photo_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
    let look = read(state, file.sha256).await?;
    let original = small::meaning(look.hashes.clone()).map(|hashes| hashes.pdq[0]);
    let look = Look { small_apart: small::bits_apart(state, photo_id, original).await?, ..look };
    let (near, place) = match look.hashes.clone() {
        None => (Vec::new(), 0),
        Some(hashes) => {
            let prints = state.prints.clone();
            state.store.read(move |snapshot| prints.near(snapshot, &hashes)).await.map_err(ApiError::from)?
        }
    };
    let now = state.now();
    let written = state.store.write::<(), StoreError>(move |txn| {
        let Some(photo) = txn.get::<Photo>(photo_id.row()).map_err(StoreError::from)? else { return Ok(()) };
        if txn.photo_print(photo_id)?.is_some() {
            // The sweep was faster; it may have come before the small picture.
            return look.small_apart.map_or(Ok(()), |bits| small::tell(txn, photo, bits, now));
        }
        let near = with_latest(txn, near, place, look.hashes.as_ref())?;
        note(txn, photo, &look, &near, now)
    });
    written.await.map_err(ApiError::from)
}

/// The same with photos that arrived since the index was asked.
fn with_latest(
    txn: &dyn StoreTxn,
    mut near: Vec<PhotoId>,
    place: u64,
    hashes: Option<&Hashes>,
) -> Result<Vec<PhotoId>, StoreError> {
    let Some(hashes) = hashes else { return Ok(near) };
    for print in txn.prints_after(place, READ_AT_ONCE)? {
        if hashes.short.iter().any(|short| (short ^ print.short).count_ones() <= NEAR) {
            near.push(print.photo_id);
        }
    }
    Ok(near)
}

/// Looks at photos that were held when the server stopped, or before it looked at photos at all. That one is tried is noted
/// before it is: one whose bytes cannot be read, or that ends the server, has its turn again after all others.
///
/// # Errors
/// When the store fails. A photo that cannot be looked at is logged and left for the next sweep.
pub async fn look_at_left(state: &AppState) -> Result<(), ApiError> {
    let (pass, mut looked_at, mut failures) = (state.now(), 0, 0);
    while looked_at < MOST_IN_A_SWEEP {
        let left = state.store.read(move |snapshot| snapshot.photos_without_print(pass, LEFT_AT_ONCE));
        let left = left.await.map_err(ApiError::from)?;
        if left.is_empty() {
            break;
        }
        looked_at += left.len();
        for photo in left {
            state.store.write::<_, StoreError>(move |txn| txn.note_look(photo, pass)).await?;
            let Err(error) = look_at(state, photo).await else {
                failures = 0;
                continue;
            };
            tracing::warn!(photo = %photo, error = ?error, "a photo that was left could not be looked at");
            failures += 1;
            if failures == FAILURES {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Reads the bytes and hashes what they show, on a thread that may take its time.
async fn read(state: &AppState, sha256: String) -> Result<Look, ApiError> {
    let held = state.blobs.shelf().read(&sha256).await.map_err(super::photo::disk)?;
    let bytes = held.ok_or_else(|| super::photo::disk(std::io::ErrorKind::NotFound.into()))?;
    let looked = tokio::task::spawn_blocking(move || {
        let mut go_on = |_| ControlFlow::Continue(());
        let examined = examine(&bytes, &Settings::default(), &mut Watch::new(&mut go_on));
        let advice = examined.iter().flat_map(|examined| &examined.advice).map(Advice::remark).collect();
        Look { sha256, hashes: examined.ok().map(|examined| examined.middle), advice, small_apart: None }
    });
    Ok(looked.await.map_err(|_| ErrorCode::Internal)?)
}

/// Keeps what was found: print, matches, signals, and what phones compare with.
fn note(txn: &mut dyn StoreTxn, photo: Photo, look: &Look, near: &[PhotoId], now: Timestamp) -> Result<(), StoreError> {
    let outlet = txn.get::<Outlet>(photo.outlet_id.row())?;
    let taken_on = photo.taken_at.date_in(outlet.as_ref().map_or(Zone::SHANGHAI, |outlet| outlet.zone));
    let print = print_of(&photo, look, taken_on);
    let arrival = arrival(txn, &photo, look, near, now)?;
    txn.put_photo_print(&print)?;
    let mut moves = Moves::default();
    if let Some(visit) = txn.get::<Visit>(photo.visit_id.row())? {
        moves.put(txn, &Row::from(photo.looked_at(&arrival, &visit, now)))?;
    }
    if let Some(outlet) = outlet.filter(|_| print.quality >= PDQ_QUALITY) {
        share(txn, &mut moves, &outlet, taken_on, &Pdq::from_bytes(print.pdq).to_string(), now)?;
    }
    moves.publish(txn)
}

fn print_of(photo: &Photo, look: &Look, taken_on: BusinessDate) -> PhotoPrint {
    let hashes = look.hashes.as_ref();
    PhotoPrint {
        photo_id: photo.id,
        outlet_id: photo.outlet_id,
        taken_on,
        sha256: look.sha256.clone(),
        short: hashes.map_or(0, |hashes| hashes.short[0]),
        pdq: hashes.map_or([0; 32], |hashes| hashes.pdq[0].to_bytes()),
        quality: hashes.map_or(0, |hashes| hashes.quality),
        way: PRINT_WAY,
    }
}

/// What the bytes say beside what the phone said and what was there before. Matches are kept on the way.
fn arrival(
    txn: &mut dyn StoreTxn,
    photo: &Photo,
    look: &Look,
    near: &[PhotoId],
    now: Timestamp,
) -> Result<Arrival, StoreError> {
    let (differing_bits, advice) = (differing_bits(photo, look).max(look.small_apart), look.advice.clone());
    let mut arrival = Arrival { differing_bits, advice, ..Arrival::default() };
    for other in txn.prints_of_bytes(&look.sha256)? {
        if other.photo_id != photo.id {
            keep(txn, photo.id, other.photo_id, (0, false), true, now)?;
            if arrival.same_bytes.is_none() {
                arrival.same_bytes = alike(txn, &other, 0, false)?;
            }
        }
    }
    let Some(hashes) = look.hashes.as_ref().filter(|hashes| hashes.quality >= PDQ_QUALITY) else { return Ok(arrival) };
    for other in near.iter().filter(|other| **other != photo.id) {
        let Some(other) = txn.photo_print(*other)? else { continue };
        let (bits, is_turned) = hashes.nearest(&Pdq::from_bytes(other.pdq));
        // The same bytes are told as such.
        if bits <= PRINT_MATCH && other.sha256 != look.sha256 {
            keep(txn, photo.id, other.photo_id, (bits, is_turned), false, now)?;
            arrival.alike.extend(alike(txn, &other, bits, is_turned)?);
        }
    }
    arrival.alike.sort_by_key(|alike| (alike.bits, alike.taken_on, alike.outlet_id));
    Ok(arrival)
}

/// How many bits differ between what the phone described and what arrived, where both mean something.
fn differing_bits(photo: &Photo, look: &Look) -> Option<u32> {
    let told = photo.seen.as_ref()?.print.as_ref().filter(|print| print.quality >= PDQ_QUALITY)?;
    let hashes = look.hashes.as_ref().filter(|hashes| hashes.quality >= PDQ_QUALITY)?;
    Some(hashes.pdq[0].distance(&told.pdq.parse().ok()?))
}

fn keep(
    txn: &mut dyn StoreTxn,
    photo_id: PhotoId,
    other_id: PhotoId,
    (bits, is_turned): (u32, bool),
    is_same_bytes: bool,
    found_at: Timestamp,
) -> Result<(), StoreError> {
    txn.put_photo_match(&PhotoMatch { photo_id, other_id, bits, is_turned, is_same_bytes, found_at })
}

fn alike(txn: &dyn StoreTxn, other: &PhotoPrint, bits: u32, is_turned: bool) -> Result<Option<Alike>, StoreError> {
    let outlet = txn.get::<Outlet>(other.outlet_id.row())?;
    Ok(outlet.map(|outlet| Alike {
        outlet_id: outlet.id,
        outlet_code: outlet.code,
        outlet_name: outlet.name,
        taken_on: other.taken_on,
        bits,
        is_turned,
    }))
}

/// Adds a photo's hash to what the phones of its region compare with, and takes away what is too old.
fn share(
    txn: &mut dyn StoreTxn,
    moves: &mut Moves,
    outlet: &Outlet,
    taken_on: BusinessDate,
    pdq: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let oldest = now.date_in(outlet.zone).plus_days(-PRINT_DAYS);
    for old in txn.shelf_prints_before(oldest, OLD_AT_ONCE)? {
        moves.remove(txn, Table::ShelfPrints, old.row())?;
    }
    let id = ShelfPrints::id_of(outlet.id, taken_on);
    let known = txn.get::<ShelfPrints>(id.row())?;
    let mut day = known.unwrap_or_else(|| ShelfPrints {
        id,
        outlet_id: outlet.id,
        outlet_code: outlet.code.clone(),
        outlet_name: outlet.name.clone(),
        taken_on,
        territories: Vec::new(),
        prints: Vec::new(),
    });
    if taken_on < oldest || !day.add(pdq) {
        return Ok(());
    }
    day.territories = territories_beside(txn, outlet.territory_id)?;
    moves.put(txn, &Row::from(day))
}

/// The territories of the region of one.
fn territories_beside(txn: &dyn StoreTxn, territory: TerritoryId) -> Result<Vec<TerritoryId>, StoreError> {
    let Some(own) = txn.get::<Territory>(territory.row())? else { return Ok(vec![territory]) };
    let all = txn.rows_of(Table::Territories)?.into_iter().filter_map(|row| match row {
        Row::Territory(other) if other.region_code == own.region_code => Some(other.id),
        _ => None,
    });
    let mut beside: Vec<TerritoryId> = all.collect();
    beside.sort_unstable();
    Ok(beside)
}
