//! A photo for marking, as the page shows it.

use askama::Template;
use storewalk_domain::{
    handbook::HandbookList,
    ids::PhotoId,
    photo::{Cover, MOST_COVERS, Photo},
    sync::StateError,
};

use super::{areas::written, handler::Round};
use crate::console::{
    format,
    frame::{Frame, Part, Pill, Tone},
    lookup::{Names, OutletTag},
};

/// What the page is made of.
#[derive(Clone, Debug)]
pub(super) struct PeopleRows {
    /// The photo.
    pub(super) photo: Photo,
    /// What was said about it, the latest first.
    pub(super) covers: Vec<Cover>,
    /// The photo that was marked a moment ago.
    pub(super) saved: Option<Photo>,
    /// The next of the round.
    pub(super) next: Option<PhotoId>,
    /// How many of the round wait besides this one.
    pub(super) left: u32,
    /// Whether faces are found besides.
    pub(super) finds_faces: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "people.html")]
pub(super) struct PeoplePage {
    f: Frame,
    id: String,
    zone: String,
    outlet: OutletTag,
    has_picture: bool,
    alt: String,
    areas: String,
    seen: u32,
    action: String,
    back: String,
    is_queue: bool,
    next: Option<String>,
    left: String,
    saved: Option<SavedView>,
    state: PeoplePill,
    history: Vec<String>,
    most: String,
    finds_faces: bool,
}

struct SavedView {
    text: String,
    address: String,
}

/// What was said about the people in a photo, in a word and in a sentence.
pub(crate) struct PeoplePill {
    pub(crate) pill: Pill,
    pub(crate) text: String,
}

/// Builds the page.
pub(super) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    round: &Round,
    rows: &PeopleRows,
) -> Result<PeoplePage, StateError> {
    let words = f.words;
    let photo = &rows.photo;
    let zone = names.label(HandbookList::PhotoZone, &photo.zone);
    let outlet = names.outlet_tag(photo.outlet_id)?;
    f.part = Part::Photos;
    f.title = words.fill("people.page_title", &[("zone", &zone), ("outlet", &outlet.name)]);
    let standing = rows.covers.first();
    let saved = rows.saved.as_ref().map(|saved| saved_view(saved, round, names, &f)).transpose()?;
    let history = rows.covers.iter().map(|cover| line(cover, names, &f)).collect::<Result<_, _>>()?;
    Ok(PeoplePage {
        id: photo.id.to_string(),
        has_picture: names.picture(photo.id).has_original,
        alt: words.fill("photo.alt", &[("zone", &zone), ("outlet", &outlet.name)]),
        areas: written(standing.map(|cover| cover.areas.as_slice()).unwrap_or_default()),
        seen: standing.map_or(0, |cover| cover.version),
        action: round.address(photo.id, None),
        back: round.start(photo.id),
        is_queue: round.is_queue(),
        next: rows.next.map(|next| round.address(next, None)),
        left: words.count("people.left", usize::try_from(rows.left).unwrap_or(usize::MAX)),
        saved,
        state: said(standing, names, &f)?,
        history,
        most: MOST_COVERS.to_string(),
        finds_faces: rows.finds_faces,
        zone,
        outlet,
        f,
    })
}

fn saved_view(saved: &Photo, round: &Round, names: &mut Names<'_>, f: &Frame) -> Result<SavedView, StateError> {
    let outlet = names.outlet_tag(saved.outlet_id)?;
    let name = format!("{} · {}", outlet.name, names.label(HandbookList::PhotoZone, &saved.zone));
    Ok(SavedView { text: f.words.fill("people.saved", &[("photo", &name)]), address: round.address(saved.id, None) })
}

/// What counts for a photo.
pub(crate) fn said(cover: Option<&Cover>, names: &mut Names<'_>, f: &Frame) -> Result<PeoplePill, StateError> {
    let Some(cover) = cover else {
        let pill = Pill::new(Tone::Warn, "warn", f.t("people.open"));
        return Ok(PeoplePill { pill, text: f.t("people.open_next").to_owned() });
    };
    let what = what(cover, f);
    let (tone, icon) = if cover.areas.is_empty() { (Tone::Good, "check") } else { (Tone::Info, "info") };
    let pill = Pill::new(tone, icon, what);
    let (who, at) = (names.person(cover.marked_by)?, format::moment(cover.marked_at, f.zone));
    Ok(PeoplePill { pill, text: f.words.fill("people.by", &[("who", &who), ("at", &at)]) })
}

fn what(cover: &Cover, f: &Frame) -> String {
    match cover.areas.len() {
        0 => f.t("people.nobody").to_owned(),
        n => f.words.count("people.areas", n),
    }
}

/// A version in a line.
fn line(cover: &Cover, names: &mut Names<'_>, f: &Frame) -> Result<String, StateError> {
    let version = f.words.fill("people.version", &[("n", &cover.version.to_string())]);
    let at = format::moment(cover.marked_at, f.zone);
    Ok(format!("{version} · {} · {at} · {}", names.person(cover.marked_by)?, what(cover, f)))
}
