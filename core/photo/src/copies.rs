//! The JPEGs that are made of a photo: the copy that people look at, and the small one that is sent first.

use crate::{
    PhotoFault, Stamp,
    encode::jpeg,
    plane::{Picture, Plane},
    scale, stamp,
};

/// Largest thumbnail, in bytes.
pub const MAX_THUMBNAIL_BYTES: usize = 20_000;

/// Longer sides tried for a thumbnail, in order.
const THUMBNAIL_SIDES: [usize; 4] = [320, 240, 160, 96];

/// Qualities tried for a thumbnail, in order.
const THUMBNAIL_QUALITIES: [u8; 4] = [75, 60, 40, 20];

/// A small JPEG of the picture, as large and as good as 20 kB allow.
pub(crate) fn thumbnail(picture: &Picture) -> Result<Vec<u8>, PhotoFault> {
    for side in THUMBNAIL_SIDES {
        let size = scale::fitted(picture.luma.width, picture.luma.height, side);
        let small = scale::resized_picture(picture, size);
        for quality in THUMBNAIL_QUALITIES {
            let file = jpeg(&small, quality, &[])?;
            if file.len() <= MAX_THUMBNAIL_BYTES {
                return Ok(file);
            }
        }
    }
    Err(PhotoFault::Damaged { at: 0, what: "a picture without a thumbnail" })
}

/// A small grey JPEG with a question mark: what stands for a photo whose picture could not be read.
///
/// # Errors
/// When the encoder fails, which it does for no picture of this size.
pub fn placeholder() -> Result<Vec<u8>, PhotoFault> {
    let mut picture = Picture { luma: Plane::filled(320, 240, 96), chroma: None };
    stamp::draw(&mut picture, &Stamp { outlet: "?".to_owned(), ..Stamp::default() });
    jpeg(&picture, THUMBNAIL_QUALITIES[0], &[])
}
