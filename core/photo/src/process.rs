//! The whole way of a photo: from the bytes a camera wrote to what is known of it and the copies that are shown.
//!
//! **Order.** The original's hash first, before anything else is looked at. Then structure and limits, EXIF, the picture
//! straight to its working size, upright; from that the hashes and the measures, still without a stamp; then the stamp,
//! the copy and the thumbnail.
//!
//! **Invariants.** Beside the original at most 40 MiB are taken for any file within the limits. The thumbnail and the
//! copy show the same; neither says where the photo was taken beyond what the stamp says.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::{
    Advice, Exif, Format, Grid, Hashes, Limits, PhotoFault, Quality, QualityLimits, Stage, Stamp, Watch, copies,
    encode, exif, hash,
    jpeg::{self, Colours, Structure},
    num::{coarse, real},
    plane::{Picture, Plane},
    png,
    reshot::{self, Tiles},
    scale, sniff, stamp,
};

/// How photos are worked on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Settings {
    /// Longer side of the copy, in pixels; a smaller photo stays as it is.
    pub long_edge: usize,
    /// Quality of the copy's JPEG, 1 to 100.
    pub quality: u8,
    /// What a photo may ask for.
    pub limits: Limits,
    /// From where on advice is given.
    pub advice: QualityLimits,
    /// How far the phone was tilted when the photo was taken, in degrees, where its sensors were asked.
    pub tilt: Option<f32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { long_edge: 1_600, quality: 80, limits: Limits::default(), advice: QualityLimits::default(), tilt: None }
    }
}

/// What a file says before its picture is read.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    /// JPEG or PNG.
    pub format: Format,
    /// SHA-256 of the whole file, in lower-case hex.
    pub sha256: String,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// What the camera wrote beside the picture.
    pub exif: Exif,
    /// Bytes behind the end of the picture: films and depth maps that phones append.
    pub trailing_bytes: usize,
}

/// What is known of a photo, and its thumbnail.
#[derive(Clone, PartialEq, Debug)]
pub struct Examined {
    /// What the file says.
    pub checked: Checked,
    /// Hashes of what it shows: the published ones, of the whole picture.
    pub hashes: Hashes,
    /// Hashes of its middle, by which photos are compared: a stamp at an edge does not change them.
    pub middle: Hashes,
    /// What was measured.
    pub quality: Quality,
    /// The fine, even grid over the picture, as photos of screens and prints have it; `None` where there is none.
    pub grid: Option<Grid>,
    /// What could be better; empty for a good photo.
    pub advice: Vec<Advice>,
    /// The small JPEG, without a stamp, at most [`crate::MAX_THUMBNAIL_BYTES`].
    pub thumbnail: Vec<u8>,
}

/// The copy that people look at.
#[derive(Clone, PartialEq, Debug)]
pub struct StampedCopy {
    /// A JPEG, upright.
    pub file: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Characters of the stamp that have no glyph and show as boxes.
    pub boxes: usize,
}

/// What is known of a photo, and its copies.
#[derive(Clone, PartialEq, Debug)]
pub struct Processed {
    /// What is known of it.
    pub examined: Examined,
    /// The stamped copy.
    pub copy: StampedCopy,
}

/// Where things are in a file that was checked.
enum Inside {
    Jpeg(Structure),
    Png,
}

/// Checks a file without reading its picture: what it is, whether it is whole, what it claims, and its hash.
///
/// # Errors
/// When it is no photo that is taken.
pub fn check(original: &[u8], limits: &Limits) -> Result<Checked, PhotoFault> {
    checked(original, limits).map(|(checked, _)| checked)
}

fn checked(original: &[u8], limits: &Limits) -> Result<(Checked, Inside), PhotoFault> {
    let bytes = original.len() as u64;
    if bytes > limits.bytes {
        return Err(PhotoFault::TooLarge { bytes, limit: limits.bytes });
    }
    let sha256 = hex(&Sha256::digest(original));
    let format = sniff(original).ok_or(PhotoFault::NotAnImage)?;
    let (inside, size, end, place) = match format {
        Format::Jpeg => {
            let structure = Structure::walk(original, limits)?;
            let size = (structure.frame.width, structure.frame.height);
            let (end, place) = (structure.end, structure.exif.clone());
            (Inside::Jpeg(structure), size, end, place)
        }
        Format::Png => {
            let size = png::header(original, limits)?;
            let (end, place) = png::walk(original)?;
            (Inside::Png, size, end, place)
        }
        other => return Err(PhotoFault::FormatRefused(other)),
    };
    let exif = place.map_or_else(Exif::absent, |place| Exif::read(&original[place]));
    let (width, height) = if exif.orientation.is_turned() { (size.1, size.0) } else { size };
    let (width, height) = (crate::num::narrow(width), crate::num::narrow(height));
    let trailing_bytes = original.len() - end;
    Ok((Checked { format, sha256, width, height, exif, trailing_bytes }, inside))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Works a photo through.
///
/// # Errors
/// When it is no photo that is taken, or when the one who watches calls it off.
pub fn process(
    original: &[u8],
    settings: &Settings,
    stamp: &Stamp,
    watch: &mut Watch<'_>,
) -> Result<Processed, PhotoFault> {
    let (examined, mut picture) = worked(original, settings, watch)?;
    let boxes = stamp::draw(&mut picture, stamp);
    watch.step(Stage::Writing, 2, 3)?;
    let file = encode::jpeg(&picture, settings.quality.clamp(1, 100), &exif::written(&examined.checked.exif))?;
    let (width, height) = (crate::num::narrow(picture.luma.width), crate::num::narrow(picture.luma.height));
    watch.step(Stage::Writing, 3, 3)?;
    Ok(Processed { examined, copy: StampedCopy { file, width, height, boxes } })
}

/// The same without the copy.
///
/// # Errors
/// As [`process`].
pub fn examine(original: &[u8], settings: &Settings, watch: &mut Watch<'_>) -> Result<Examined, PhotoFault> {
    let (examined, _) = worked(original, settings, watch)?;
    watch.step(Stage::Writing, 3, 3)?;
    Ok(examined)
}

/// All but the copy, and the upright picture that it is made from.
fn worked(original: &[u8], settings: &Settings, watch: &mut Watch<'_>) -> Result<(Examined, Picture), PhotoFault> {
    let (checked, picture, tiles) = read_upright(original, settings, watch)?;
    watch.step(Stage::Judging, 1, 3)?;
    let (hashes, middle) = hash::hashes(&picture.luma);
    let grid = tiles.as_ref().and_then(reshot::grid);
    watch.step(Stage::Judging, 2, 3)?;
    let longest = checked.width.max(checked.height) as usize;
    let quality = Quality::of(&picture.luma, longest, settings.tilt);
    let mut advice = quality.advice(&settings.advice);
    advice.extend(grid.map(|grid| grid.advice()));
    watch.step(Stage::Writing, 0, 3)?;
    let thumbnail = copies::thumbnail(&picture)?;
    watch.step(Stage::Writing, 1, 3)?;
    Ok((Examined { checked, hashes, middle, quality, grid, advice, thumbnail }, picture))
}

/// What a file says, and its picture upright in its working size.
#[cfg(feature = "redact")]
pub(crate) fn upright(
    original: &[u8],
    settings: &Settings,
    watch: &mut Watch<'_>,
) -> Result<(Checked, Picture), PhotoFault> {
    read_upright(original, settings, watch).map(|(checked, picture, _)| (checked, picture))
}

/// The same, and the tiles in which a grid is looked for, at the finest size that was read.
fn read_upright(
    original: &[u8],
    settings: &Settings,
    watch: &mut Watch<'_>,
) -> Result<(Checked, Picture, Option<Tiles>), PhotoFault> {
    watch.step(Stage::Checking, 0, 1)?;
    let (checked, inside) = checked(original, &settings.limits)?;
    watch.step(Stage::Reading, 0, 1)?;
    let long_edge = settings.long_edge.max(1);
    let (read, tiles) = match inside {
        Inside::Jpeg(structure) => {
            let (planes, tiles) = jpeg::read(original, &structure, long_edge, settings.limits.memory, watch)?;
            (picture(planes, structure.frame.colours)?, tiles)
        }
        Inside::Png => (png::read(original, long_edge, watch)?, None),
    };
    watch.step(Stage::Judging, 0, 3)?;
    let size = (checked.width as usize, checked.height as usize);
    let stored = if checked.exif.orientation.is_turned() { (size.1, size.0) } else { size };
    let longest = read.luma.width.max(read.luma.height);
    let scale = coarse(real(stored.0.max(stored.1)) / real(longest.max(1)));
    let tiles = tiles.or_else(|| Tiles::cut(&read.luma, scale));
    let fitted = scale::fitted(stored.0, stored.1, long_edge.min(longest));
    let picture = scale::upright_picture(read, fitted, checked.exif.orientation);
    Ok((checked, picture, tiles))
}

/// A JPEG's channels as brightness and differences of colour.
fn picture(planes: Vec<Plane>, colours: Colours) -> Result<Picture, PhotoFault> {
    let fault = || PhotoFault::Damaged { at: 0, what: "a picture without its channels" };
    let mut planes = planes.into_iter();
    let luma = planes.next().ok_or_else(fault)?;
    match (colours, planes.next(), planes.next()) {
        (Colours::Grey, ..) => Ok(Picture { luma, chroma: None }),
        (Colours::YCbCr, Some(blue), Some(red)) => Ok(Picture { luma, chroma: Some([blue, red]) }),
        (Colours::Rgb, Some(green), Some(blue)) => from_rgb(luma, green, blue),
        _ => Err(fault()),
    }
}

/// Red, green and blue, all of one size, become brightness and differences of colour.
fn from_rgb(mut red: Plane, mut green: Plane, mut blue: Plane) -> Result<Picture, PhotoFault> {
    let measures = |plane: &Plane| (plane.width, plane.height, plane.stride);
    if measures(&red) != measures(&green) || measures(&red) != measures(&blue) {
        return Err(PhotoFault::KindRefused("JPEG, RGB"));
    }
    let others = green.samples.iter_mut().zip(blue.samples.iter_mut());
    for (first, (second, third)) in red.samples.iter_mut().zip(others) {
        [*first, *second, *third] = png::ycbcr([*first, *second, *third]);
    }
    Ok(Picture { luma: red, chroma: Some([green, blue]) })
}

#[cfg(test)]
mod tests;
