//! A photo as a small card.

use storewalk_domain::{
    handbook::HandbookList,
    photo::{Photo, PhotoStatus},
    sync::StateError,
};

use crate::console::{
    format,
    frame::{Frame, Pill, Tone},
    lookup::Names,
    words::Words,
};

/// A photo as a small card.
pub(crate) struct Tile {
    pub(crate) address: String,
    pub(crate) picture: Option<String>,
    pub(crate) none: NoPicture,
    pub(crate) zone: String,
    pub(crate) outlet: String,
    pub(crate) by: String,
    pub(crate) state: Pill,
    pub(crate) note: String,
}

/// What stands in the place of a picture that is not here.
pub(crate) struct NoPicture {
    /// Name of an icon.
    pub(crate) icon: &'static str,
    /// Why it is not here.
    pub(crate) text: &'static str,
}

impl NoPicture {
    /// The bytes of a photo have not come yet; or they were here and have been deleted.
    pub(crate) fn of(photo: &Photo, words: &'static Words) -> Self {
        let (icon, key) = match photo.status {
            PhotoStatus::Pending => ("phone", "photo.on_phone"),
            PhotoStatus::Received | PhotoStatus::Approved | PhotoStatus::Rejected => ("photo", "photo.bytes_gone"),
        };
        Self { icon, text: words.t(key) }
    }
}

/// The state of a photo. One that was taken again tells so.
pub(crate) fn photo_state(photo: &Photo, words: &Words) -> Pill {
    match photo.status {
        PhotoStatus::Pending => Pill::new(Tone::Warn, "phone", words.t("photo.pending")),
        PhotoStatus::Received if photo.replaced_by.is_some() => {
            Pill::new(Tone::Plain, "undo", words.t("photo.replaced"))
        }
        PhotoStatus::Received => Pill::new(Tone::Info, "clock", words.t("photo.received")),
        PhotoStatus::Approved => Pill::new(Tone::Good, "check", words.t("photo.approved")),
        PhotoStatus::Rejected => Pill::new(Tone::Bad, "cross", words.t("photo.rejected")),
    }
}

/// Makes the card of a photo.
pub(crate) fn tile(photo: &Photo, names: &mut Names<'_>, f: &Frame) -> Result<Tile, StateError> {
    let outlet = names.outlet_tag(photo.outlet_id)?;
    let rep = names.person(photo.rep_id)?;
    let note = if photo.replaces.is_some() { f.t("photo.retake").to_owned() } else { String::new() };
    Ok(Tile {
        address: format!("/console/photos/{}", photo.id),
        picture: names.picture(photo.id).small(photo.id),
        none: NoPicture::of(photo, f.words),
        zone: names.label(HandbookList::PhotoZone, &photo.zone),
        outlet: format!("{} {}", outlet.code, outlet.name).trim_start().to_owned(),
        by: format!("{rep} · {}", format::moment(photo.taken_at, f.zone)),
        state: if names.is_hidden(photo.id)? {
            Pill::new(Tone::Info, "info", f.t("photo.second"))
        } else {
            photo_state(photo, f.words)
        },
        note,
    })
}
