//! Which parts of an outlet have no valid proof, because the photo that shows them stands rejected.

use std::collections::BTreeSet;

use crate::{
    ids::PhotoId,
    photo::{Photo, PhotoStatus},
    sync::{State, StateError, StateExt},
};

/// Longest chain of retakes that is followed; a longer one is taken as still open.
pub(crate) const MAX_RETAKES: usize = 64;

/// The zones of a visit whose proof stands rejected: a photo was rejected, and neither it nor a retake of it has been
/// approved since. A retake that nobody has judged yet proves nothing, so the score rises only when it is approved.
///
/// `decided` is a photo as a decision under way will leave it; it stands in for the row of the same id.
///
/// # Errors
/// When the state cannot be read.
pub fn rejected_zones(
    state: &dyn State,
    photos: &[Photo],
    decided: Option<&Photo>,
) -> Result<BTreeSet<String>, StateError> {
    let mut zones = BTreeSet::new();
    for photo in photos {
        let photo = stands_for(photo, decided);
        if photo.status == PhotoStatus::Rejected && !is_made_good(state, photo, decided)? {
            zones.insert(photo.zone.clone());
        }
    }
    Ok(zones)
}

fn stands_for<'a>(photo: &'a Photo, decided: Option<&'a Photo>) -> &'a Photo {
    decided.filter(|other| other.id == photo.id).unwrap_or(photo)
}

/// Whether the chain of retakes of a rejected photo ends in an approval. Retakes may lie in later visits.
fn is_made_good(state: &dyn State, photo: &Photo, decided: Option<&Photo>) -> Result<bool, StateError> {
    let mut next: Option<PhotoId> = photo.replaced_by;
    for _ in 0..MAX_RETAKES {
        let Some(id) = next else { return Ok(false) };
        let Some(retake) = state.get::<Photo>(id.row())? else { return Ok(false) };
        let retake = stands_for(&retake, decided);
        if retake.status == PhotoStatus::Approved {
            return Ok(true);
        }
        next = retake.replaced_by;
    }
    Ok(false)
}
