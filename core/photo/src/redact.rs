//! A copy of a photo in which nobody can be recognised: for handing photos on.
//!
//! **Order.** The photo as everywhere else: checked, read straight to its working size, upright. Then faces are looked for,
//! and what is found is covered. Then the copy is written, without a word of what stood beside the picture: no place, no
//! time, no small picture of the uncovered scene.
//!
//! **Invariants.** The original is never changed. What a covered area shows follows from six means across of it and nothing
//! else, each rounded to one of 16 levels: there is nothing left that a computation could bring back.
//!
//! **Non-goals.** A promise that every face is found. No finder keeps it, and the words around it must not make it.

use crate::{
    FindFaces, Grey, PhotoFault, Settings, Stage, Watch, encode,
    plane::{Picture, Plane},
    process::upright,
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

/// A copy for handing on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redacted {
    /// A JPEG, upright, without EXIF.
    pub file: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What was covered, in pixels of the copy.
    pub covered: Vec<Area>,
}

/// Makes a copy of a photo in which the faces that are found are covered.
///
/// # Errors
/// When it is no photo that is taken, or when the one who watches calls it off.
pub fn redact(
    original: &[u8],
    settings: &Settings,
    finder: &dyn FindFaces,
    watch: &mut Watch<'_>,
) -> Result<Redacted, PhotoFault> {
    let (_, mut picture) = upright(original, settings, watch)?;
    let size = (picture.luma.width, picture.luma.height);
    let found = finder.find(Grey(&picture.luma));
    watch.step(Stage::Judging, 3, 3)?;
    let mut covered: Vec<Area> = found.into_iter().map(|area| area.enlarged(0, size)).collect();
    covered.retain(|area| area.width > 0 && area.height > 0);
    for area in &covered {
        cover(&mut picture, *area);
    }
    watch.step(Stage::Writing, 1, 3)?;
    let file = encode::jpeg(&picture, settings.quality.clamp(1, 100), &[])?;
    watch.step(Stage::Writing, 3, 3)?;
    Ok(Redacted { file, width: crate::num::narrow(size.0), height: crate::num::narrow(size.1), covered })
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
