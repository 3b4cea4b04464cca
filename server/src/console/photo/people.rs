//! The people in a photo: what was said about them, and the copies that are handed on.

use storewalk_domain::{
    photo::{Cover, Photo},
    sync::StateError,
};

use crate::console::{
    frame::Frame,
    lookup::Names,
    people::{AreaView, PeoplePill, area_views, said},
};

/// What is known of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeopleRows {
    /// What counts; `None` while nobody has looked.
    pub(crate) cover: Option<Cover>,
    /// Whether faces are found besides.
    pub(crate) finds_faces: bool,
}

/// The same as the page shows it.
pub(super) struct PeopleView {
    pub(super) state: PeoplePill,
    /// What is marked, in pixels of the picture.
    pub(super) areas: Vec<AreaView>,
    /// Whether there is a covered copy.
    pub(super) has_copy: bool,
    pub(super) finds_faces: bool,
}

/// Builds it.
pub(super) fn people(
    photo: &Photo,
    rows: &PeopleRows,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<PeopleView, StateError> {
    let areas = rows.cover.as_ref().map(|cover| cover.areas.as_slice()).unwrap_or_default();
    Ok(PeopleView {
        state: said(rows.cover.as_ref(), names, f)?,
        areas: area_views(areas, (photo.width.max(1), photo.height.max(1))),
        has_copy: rows.cover.is_some() || rows.finds_faces,
        finds_faces: rows.finds_faces,
    })
}
