//! A copy of a photo in which nobody can be recognised: for handing photos on.
//!
//! **Order.** The photo as everywhere else: checked, read straight to its working size, upright. Then faces are looked for,
//! and what is found is covered, and so is what people marked. Then the stamp is drawn over it, and the copy is written
//! without a word of what stood beside the picture: no position, no maker's notes, no small picture of the uncovered scene.
//!
//! **Invariants.** The original is never changed. What a covered area shows follows from six means across of it and nothing
//! else, each rounded to one of 16 levels: there is nothing left that a computation could bring back. What people marked is
//! covered to its last pixel: its edges are rounded outwards. It is marked on the upright picture, so that it does not matter
//! how the camera was held.
//!
//! **Non-goals.** A promise that every face is found. No finder keeps it, and the words around it must not make it.

use storewalk_domain::photo::{COVER_PARTS, CoverArea};

use crate::{
    FindFaces, Grey, PhotoFault, Settings, Stage, Stamp, Watch, encode,
    plane::{Picture, Plane},
    process::upright,
    stamp,
};

/// Means across the longer side of a covered area.
const CELLS_ACROSS: usize = 6;

/// Side of the smallest cell, in pixels.
const SMALLEST_CELL: usize = 8;

/// Levels that are told apart in a covered area, as the distance from one to the next.
const STEP: usize = 16;

/// A part of an upright picture, in pixels from its upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Area {
    /// From the left edge.
    pub x: usize,
    /// From the upper edge.
    pub y: usize,
    /// To the right.
    pub width: usize,
    /// Downwards.
    pub height: usize,
}

impl Area {
    /// An area that was marked on a picture, its edges rounded outwards to whole pixels.
    fn marked(area: CoverArea, (width, height): (usize, usize)) -> Self {
        let whole = usize::from(COVER_PARTS);
        let [left, top, across, down] = area.parts().map(usize::from);
        let span = |from: usize, length: usize, side: usize| {
            let first = from * side / whole;
            (first, ((from + length) * side).div_ceil(whole).min(side) - first)
        };
        let ((x, width), (y, height)) = (span(left, across, width), span(top, down, height));
        Self { x, y, width, height }
    }

    /// The same, larger by a share of its measures on each side, and within a picture.
    #[must_use]
    pub(crate) fn enlarged(self, percent: usize, (width, height): (usize, usize)) -> Self {
        let (across, down) = (self.width.saturating_mul(percent) / 100, self.height.saturating_mul(percent) / 100);
        let (left, top) = (self.x.saturating_sub(across), self.y.saturating_sub(down));
        let right = self.x.saturating_add(self.width).saturating_add(across).min(width);
        let bottom = self.y.saturating_add(self.height).saturating_add(down).min(height);
        Self { x: left, y: top, width: right.saturating_sub(left), height: bottom.saturating_sub(top) }
    }
}

/// What a copy for handing on hides, and what it says.
#[derive(Clone, Copy)]
pub struct Redaction<'r> {
    /// What finds faces; `None`: only what was marked is covered.
    pub finder: Option<&'r dyn FindFaces>,
    /// What people marked.
    pub marked: &'r [CoverArea],
    /// What stands at its lower edge; an empty one leaves the picture as it is.
    pub stamp: &'r Stamp,
}

/// A copy for handing on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redacted {
    /// A JPEG, upright, without EXIF.
    pub file: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What people had marked, in pixels of the copy.
    pub marked: Vec<Area>,
    /// What was found beside that, in pixels of the copy.
    pub found: Vec<Area>,
}

/// Makes a copy of a photo in which what was marked and what is found is covered.
///
/// # Errors
/// When it is no photo that is taken, or when the one who watches calls it off.
pub fn redact(
    original: &[u8],
    settings: &Settings,
    wanted: Redaction<'_>,
    watch: &mut Watch<'_>,
) -> Result<Redacted, PhotoFault> {
    let (_, mut picture) = upright(original, settings, watch)?;
    let size = (picture.luma.width, picture.luma.height);
    // Faces are looked for before anything is covered.
    let found = wanted.finder.map(|finder| finder.find(Grey(&picture.luma))).unwrap_or_default();
    watch.step(Stage::Judging, 3, 3)?;
    let mut found: Vec<Area> = found.into_iter().map(|area| area.enlarged(0, size)).collect();
    found.retain(|area| area.width > 0 && area.height > 0);
    let marked: Vec<Area> = wanted.marked.iter().map(|area| Area::marked(*area, size)).collect();
    for area in marked.iter().chain(&found) {
        cover(&mut picture, *area);
    }
    stamp::draw(&mut picture, wanted.stamp);
    watch.step(Stage::Writing, 1, 3)?;
    let file = encode::jpeg(&picture, settings.quality.clamp(1, 100), &[])?;
    watch.step(Stage::Writing, 3, 3)?;
    let (width, height) = (crate::num::narrow(picture.luma.width), crate::num::narrow(picture.luma.height));
    Ok(Redacted { file, width, height, marked, found })
}

/// Covers an area in all channels.
fn cover(picture: &mut Picture, area: Area) {
    let cell = area.width.max(area.height).div_ceil(CELLS_ACROSS).max(SMALLEST_CELL).next_multiple_of(2);
    cover_plane(&mut picture.luma, area, cell);
    let (left, top) = (area.x / 2, area.y / 2);
    let (right, bottom) = ((area.x + area.width).div_ceil(2), (area.y + area.height).div_ceil(2));
    let half = Area { x: left, y: top, width: right - left, height: bottom - top };
    for plane in picture.chroma.iter_mut().flatten() {
        cover_plane(plane, half, cell / 2);
    }
}

/// Makes each cell of an area one level.
fn cover_plane(plane: &mut Plane, area: Area, cell: usize) {
    let (right, bottom) = ((area.x + area.width).min(plane.width), (area.y + area.height).min(plane.height));
    for top in (area.y..bottom).step_by(cell) {
        for left in (area.x..right).step_by(cell) {
            let (across, down) = (left..(left + cell).min(right), top..(top + cell).min(bottom));
            let rows = down.clone().flat_map(|y| &plane.row(y)[across.clone()]);
            let (sum, count) = rows.fold((0, 0), |(sum, count), level| (sum + usize::from(*level), count + 1));
            let level = rounded(sum / count.max(1));
            for y in down {
                plane.row_mut(y)[across.clone()].fill(level);
            }
        }
    }
}

/// The middle of the step that a level lies in.
fn rounded(level: usize) -> u8 {
    u8::try_from(level / STEP * STEP + STEP / 2).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
