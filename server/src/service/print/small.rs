//! Whether the small picture of a photo shows what its original shows: people choose by small pictures, and approve many
//! photos at once by them.
//!
//! **Invariants.** Only bytes that are held are compared, whichever came first. A small picture that cannot be read, or in
//! which there is too little to see, says nothing. What differs is told to people; nothing is refused.
//!
//! **Non-goals.** A small picture that came after its original and before the server ended is not looked at again.

use storewalk_domain::{
    ids::PhotoId,
    photo::{Arrival, Photo},
    sync::{Row, StateExt},
    time::Timestamp,
    visit::Visit,
};
use storewalk_photo::{Hashes, PDQ_QUALITY, Pdq};
use storewalk_wire::{ErrorCode, Variant};

use super::read;
use crate::{
    error::ApiError,
    service::changes::Moves,
    state::AppState,
    store::{PhotoPrint, StoreError, StoreTxn},
};

/// Bits of the PDQ beyond which a small picture is not one of its original, whichever way it is turned. Those of the shelf
/// photos differ from theirs in 2 at most, those of two scenes in more than 100.
const OTHER_SCENE: u32 = 64;

/// In how many bits the small picture of a photo differs from what its original shows; `None` where they show one scene, or
/// there is nothing to compare. Whoever calls it has a turn at the photos.
pub(super) async fn bits_apart(
    state: &AppState,
    photo: PhotoId,
    original: Option<Pdq>,
) -> Result<Option<u32>, ApiError> {
    let Some(original) = original else { return Ok(None) };
    let held = state.store.read(move |snapshot| snapshot.photo_file(photo, Variant::Thumbnail));
    let Some(file) = held.await.map_err(ApiError::from)? else { return Ok(None) };
    // That it cannot be read was logged; the original has its turn nevertheless.
    let look = read(state, file.sha256).await.ok();
    let small = look.and_then(|look| meaning(look.hashes));
    Ok(small.map(|small| small.nearest(&original).0).filter(|bits| *bits > OTHER_SCENE))
}

/// Hashes, where they mean something.
pub(super) fn meaning(hashes: Option<Hashes>) -> Option<Hashes> {
    hashes.filter(|hashes| hashes.quality >= PDQ_QUALITY)
}

/// Looks at the small picture of a photo whose original was looked at before.
pub(super) async fn look_at_late(state: &AppState, print: PhotoPrint) -> Result<(), ApiError> {
    let _turn = state.photo_slots.acquire().await.map_err(|_| ErrorCode::Internal)?;
    let original = Some(Pdq::from_bytes(print.pdq)).filter(|_| print.quality >= PDQ_QUALITY);
    let Some(bits) = bits_apart(state, print.photo_id, original).await? else { return Ok(()) };
    let now = state.now();
    let written = state.store.write::<(), StoreError>(move |txn| match txn.get::<Photo>(print.photo_id.row())? {
        Some(photo) => tell(txn, photo, bits, now),
        None => Ok(()),
    });
    written.await.map_err(ApiError::from)
}

/// Tells people that the small picture of a photo shows another scene.
pub(super) fn tell(txn: &mut dyn StoreTxn, photo: Photo, bits: u32, now: Timestamp) -> Result<(), StoreError> {
    let Some(visit) = txn.get::<Visit>(photo.visit_id.row())? else { return Ok(()) };
    let arrival = Arrival { differing_bits: Some(bits), ..Arrival::default() };
    let mut moves = Moves::default();
    moves.put(txn, &Row::from(photo.looked_at(&arrival, &visit, now)))?;
    moves.publish(txn)
}
