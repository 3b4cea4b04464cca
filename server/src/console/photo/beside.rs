//! What stands beside a photo: other photos to compare it with, and whose claim it is under.

use storewalk_domain::{handbook::HandbookList, photo::Photo, sync::StateError};

use super::PhotoRows;
use crate::console::{
    format,
    frame::{Frame, Pill, Tone},
    lookup::Names,
    photos::{NoPicture, photo_state},
};

/// Why a photo is held beside another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Beside {
    /// The other was taken anew for it.
    Before,
    /// It shows the same place at the visit before.
    LastVisit,
    /// It looks like it.
    Alike,
    /// It has the same bytes.
    SameBytes,
}

/// A photo to compare with.
pub(super) struct BesideView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) picture: Option<String>,
    pub(super) none: NoPicture,
    pub(super) original: String,
    pub(super) taken: String,
    pub(super) state: Pill,
    pub(super) alt: String,
}

/// Whose claim a photo is under.
pub(super) struct ClaimView {
    pub(super) is_own: bool,
    pub(super) text: String,
}

/// The photos to compare with, as the page shows them.
pub(super) fn compared(
    photos: &[(Beside, Photo)],
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<Vec<BesideView>, StateError> {
    let view = |(beside, photo): &(Beside, Photo)| {
        let name = f.words.t(match beside {
            Beside::Before => "photo.before",
            Beside::LastVisit => "photo.last_visit",
            Beside::Alike => "photo.alike",
            Beside::SameBytes => "photo.same_bytes",
        });
        let found_by_looks = matches!(beside, Beside::Alike | Beside::SameBytes);
        let outlet = if found_by_looks { names.outlet_tag(photo.outlet_id)?.name } else { String::new() };
        // A colon of Chinese brings its own room.
        let gap = if outlet.is_empty() || name.ends_with('：') { "" } else { " " };
        let name = [name, &outlet].join(gap);
        Ok(BesideView {
            id: photo.id.to_string(),
            picture: names.picture(photo.id).small(photo.id),
            none: NoPicture::of(photo, f.words),
            original: names.picture(photo.id).best(photo.id).unwrap_or_default(),
            taken: format::moment(photo.taken_at, f.zone),
            state: if names.is_hidden(photo.id)? {
                Pill::new(Tone::Info, "info", f.t("photo.second"))
            } else {
                photo_state(photo, f.words)
            },
            alt: format!("{name} · {}", names.label(HandbookList::PhotoZone, &photo.zone)),
            name,
        })
    };
    photos.iter().map(view).collect()
}

/// The claim on the photo, in words; `None` when nobody has claimed it.
pub(super) fn claim(rows: &PhotoRows, names: &mut Names<'_>, f: &Frame) -> Result<Option<ClaimView>, StateError> {
    let Some(claim) = rows.claim else { return Ok(None) };
    let until = format::clock(claim.until, f.zone);
    if claim.user_id == rows.user {
        let left = rows.own_left.to_string();
        let text = f.words.fill("photo.claimed_own", &[("until", &until), ("n", &left)]);
        return Ok(Some(ClaimView { is_own: true, text }));
    }
    let who = names.person(claim.user_id)?;
    let text = f.words.fill("photo.claimed_other", &[("who", &who), ("until", &until)]);
    Ok(Some(ClaimView { is_own: false, text }))
}
