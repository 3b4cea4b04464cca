//! `POST /console/photos/export` and `POST /console/photos/{id}/export`: the photos of a choice, or one, as a ZIP.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, rejection::FormRejection},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use storewalk_domain::{
    handbook::HandbookList,
    ids::{PhotoId, UserId},
    photo::{Photo, PhotoStatus},
    sync::StateExt,
    time::Timestamp,
};

use super::{
    WallChoice, WallPage,
    handler::{blind_for, outlet_of},
    photo_state, stamp_of,
};
use crate::{
    console::{
        access,
        desk::{Desk, ZONE},
        fault::Trouble,
        form::BadField,
        format,
        frame::Frame,
        lookup::Names,
        words::Words,
    },
    service::export::{Copies, Export, Item, ListWords, MOST_PHOTOS, archive, room},
    store::{PhotoFilter, StoreRead, WallEdge},
};

/// The form of the wall, and that of one photo.
#[derive(Debug, Deserialize)]
pub(crate) struct ExportForm {
    #[serde(default)]
    form_token: String,
    /// `covered` or `originals`.
    #[serde(default)]
    copies: String,
    #[serde(flatten)]
    choice: WallChoice,
}

/// Sends the archive of a choice, or the page that says why there is none.
pub(crate) async fn send(desk: Desk, form: Result<Form<ExportForm>, FormRejection>) -> Response {
    let (region, by) = (desk.region(), desk.user());
    let taken = take(&desk, form, move |snapshot, names, f, choice| {
        let photos = photos_of(snapshot, choice, (region.as_deref(), by))?;
        items(snapshot, names, f, &photos)
    });
    answer(&desk, taken.await)
}

/// Sends the archive of one photo, or the page that says why there is none.
pub(crate) async fn send_one(
    desk: Desk,
    Path(id): Path<String>,
    form: Result<Form<ExportForm>, FormRejection>,
) -> Response {
    let region = desk.region();
    let taken = take(&desk, form, move |snapshot, names, f, _| {
        let id: PhotoId = id.parse().map_err(|_| Trouble::NotFound)?;
        let photo: Photo = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
        access::require_territory(snapshot, photo.territory_id, region.as_deref())?;
        items(snapshot, names, f, &[photo])
    });
    answer(&desk, taken.await)
}

fn answer(desk: &Desk, taken: Result<Response, Trouble>) -> Response {
    taken.unwrap_or_else(|trouble| desk.answer(Err::<WallPage, _>(trouble)))
}

async fn take(
    desk: &Desk,
    form: Result<Form<ExportForm>, FormRejection>,
    choose: impl FnOnce(&dyn StoreRead, &mut Names<'_>, &Frame, &WallChoice) -> Result<Vec<Item>, Trouble> + Send + 'static,
) -> Result<Response, Trouble> {
    let Form(form) = form.map_err(|_| BadField("form"))?;
    desk.check_form(&form.form_token)?;
    let copies = match form.copies.as_str() {
        "covered" => Copies::Covered,
        "originals" => Copies::Originals,
        // What was asked for covered never goes otherwise.
        _ => return Err(BadField("copies").into()),
    };
    let chosen = desk.read(move |snapshot, names, f| {
        let items = choose(snapshot, names, &f, &form.choice)?;
        Ok((items, list_words(&f)))
    });
    let (items, words) = chosen.await?;
    let room = room(&desk.state)?;
    let body = archive(desk.state.clone(), Export { by: desk.user(), items, copies, words }, room);
    let name = format!("attachment; filename=\"storewalk-photos-{}.zip\"", desk.state.now().date_in(ZONE));
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|_| Trouble::Failed)?),
    ];
    Ok((headers, body).into_response())
}

/// The photos of a choice, as far as the person may see them.
fn photos_of(
    snapshot: &dyn StoreRead,
    choice: &WallChoice,
    (region, user): (Option<&str>, UserId),
) -> Result<Vec<Photo>, Trouble> {
    let outlet = outlet_of(snapshot, choice.outlet.trim())?;
    let filter = PhotoFilter { blind_for: blind_for(choice, user), ..choice.filter(region, ZONE, outlet) };
    let count = snapshot.photo_count(&filter)?;
    if count > MOST_PHOTOS {
        return Err(Trouble::TooManyToExport { count, most: MOST_PHOTOS });
    }
    let photos = snapshot.wall(&filter, WallEdge::Start, MOST_PHOTOS)?.photos;
    if photos.is_empty() {
        return Err(Trouble::NothingToExport);
    }
    Ok(photos)
}

fn items(snapshot: &dyn StoreRead, names: &mut Names<'_>, f: &Frame, photos: &[Photo]) -> Result<Vec<Item>, Trouble> {
    photos.iter().map(|photo| item(snapshot, photo, names, f)).collect()
}

fn item(snapshot: &dyn StoreRead, photo: &Photo, names: &mut Names<'_>, f: &Frame) -> Result<Item, Trouble> {
    let outlet = names.outlet_tag(photo.outlet_id)?;
    // A verdict that the reader may judge again without knowing it is not told to them here either.
    let verdict =
        if names.is_hidden(photo.id)? { f.t("photo.second").to_owned() } else { photo_state(photo, f.words).text };
    let name = format!("{}_{}_{}", photo.taken_at.date_in(f.zone), plain(&outlet.code), photo.id);
    let cells = [
        photo.id.to_string(),
        outlet.code,
        outlet.name,
        names.label(HandbookList::PhotoZone, &photo.zone),
        names.person_with_code(photo.rep_id)?,
        format::moment(photo.taken_at, f.zone),
        verdict,
        photo.sha256.clone(),
    ];
    let is_on_phone = photo.status == PhotoStatus::Pending;
    Ok(Item { photo_id: photo.id, name, is_on_phone, cells, stamp: stamp_of(snapshot, names, photo)? })
}

/// A code as a part of a file's name that every system takes.
fn plain(code: &str) -> String {
    code.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).take(40).collect()
}

fn list_words(f: &Frame) -> ListWords {
    let words: &'static Words = f.words;
    let zone = f.zone;
    let text = |key: &'static str| words.t(key).to_owned();
    ListWords {
        columns: [
            text("export.column_id"),
            text("photos.outlet"),
            text("export.column_outlet"),
            text("photos.zone"),
            text("photos.rep"),
            words.fill("export.column_taken", &[("zone", f.zone_name())]),
            text("photos.state"),
            text("export.column_original"),
        ],
        found: [
            text("export.column_file"),
            text("export.column_outcome"),
            text("export.column_hash"),
            text("export.column_covered"),
            text("export.column_marked"),
            text("export.column_faces"),
        ],
        exported: text("export.exported"),
        erased: Arc::new(move |at: Timestamp| words.fill("export.erased", &[("at", &format::moment(at, zone))])),
        on_phone: text("export.on_phone"),
        missing: text("export.missing"),
        unreadable: text("export.unreadable"),
        unmarked: text("export.unmarked"),
        yes_no: [text("export.yes"), text("export.no")],
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_code_of_any_letters_makes_a_name_that_stays_in_its_folder() {
        assert_eq!(plain("S0101"), "S0101");
        assert_eq!(plain("../光谷 1:2\\x"), "------1-2-x");
        assert_eq!(plain(&"a".repeat(99)).len(), 40);
    }
}
