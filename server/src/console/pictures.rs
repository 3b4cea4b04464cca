//! Which renderings of photos are here.

use storewalk_domain::ids::PhotoId;
use storewalk_wire::Variant;

use super::{
    fault::Trouble,
    lookup::{Names, Picture},
};
use crate::store::StoreRead;

/// Notes which renderings of these photos can be shown.
pub(crate) fn note(
    snapshot: &dyn StoreRead,
    names: &mut Names<'_>,
    photos: impl IntoIterator<Item = PhotoId>,
) -> Result<(), Trouble> {
    for photo in photos {
        let has = |variant| snapshot.photo_file(photo, variant).map(|file| file.is_some());
        let picture = Picture { has_thumbnail: has(Variant::Thumbnail)?, has_original: has(Variant::Original)? };
        names.note_picture(photo, picture);
    }
    Ok(())
}
