//! Whether a photo shows a screen or a print instead of the thing itself, as a hint.
//!
//! **What is looked for.** Screens are made of pixels, prints of dots: a fine, even grid in two directions, the same all
//! over the picture. In nine tiles at the finest size that was read, a grid is a pair of narrow peaks among the waves. A
//! shelf's edges, a row of packs, a price rail give lines or single waves; a perforated panel or a wire basket gives a
//! coarse grid with overtones; none gives two fine peaks of the same direction and length in most tiles.
//!
//! **Limits.** Its figures were measured on computed pictures of screens only (ADR 0047). A fabric that fills the picture
//! may have such a grid. A screen whose pixels the camera did not resolve has none, nor has a photo that was made smaller
//! or compressed hard before it came here. So it is a hint to people, never a verdict.
//!
//! **Non-goals.** Recognising a screen by its frame, its glare or its flatness.

mod fourier;

use serde::{Deserialize, Serialize};

use crate::{
    Advice,
    num::{coarse, real, real32},
    plane::Plane,
};
use fourier::{HALF, Spectrum, spectra};

pub(crate) use fourier::SIDE;

/// Code of the advice for a photo with a grid over it.
const RESHOT: &str = "photo_reshot";

/// Tiles that are looked at.
const TILES: usize = 9;

/// At least so many of them show the grid's stronger direction.
const LEAST_TILES: usize = 5;

/// At least so many of them show both: gaps between the rows of pixels are narrower than those between columns.
const LEAST_BOTH: usize = 3;

/// Waves in a tile that are looked for: periods of 8.5 down to 2.1 samples.
const LEAST_WAVES: f32 = 15.0;
const MOST_WAVES: f32 = 61.0;

/// So many times as strong as the mean of what is around it, and as the strongest of that, is a peak.
const ABOVE_MEAN: f32 = 40.0;
const ABOVE_MOST: f32 = 4.0;

/// A wave of less than so many levels is what rounding leaves.
const LEAST_LEVELS: f32 = 0.3;

/// Coarser waves of a tile whose overtones are left out, and how often each may be in one.
const COARSER: usize = 6;
const OVERTONES: i32 = 6;

/// Peaks that are kept of a tile.
const PEAKS: usize = 8;

/// By so many waves a grid's peak may wander from tile to tile: a screen is not held quite straight.
const WANDERS: f32 = 2.6;

/// A fine, even grid that lies over a picture.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Grid {
    /// From one line of it to the next, in samples of the photo, in its stronger direction.
    pub period: f32,
    /// The same in the other direction.
    pub other_period: f32,
    /// How strong it is: the height of its wave in levels of 255, the median of the tiles that show it.
    pub levels: f32,
    /// Share of the tiles that show both directions, 0 to 1.
    pub share: f32,
}

impl Grid {
    /// What the person who takes the photo is told: how far apart the lines are, and up to what distance that is told.
    pub(crate) fn advice(&self) -> Advice {
        Advice { code: RESHOT.to_owned(), value: self.period, limit: coarse(real(SIDE)) / LEAST_WAVES }
    }
}

/// Parts of a picture's brightness, three across and three down.
pub(crate) struct Tiles {
    samples: Vec<u8>,
    /// How many samples of the photo one of these stands for.
    scale: f32,
}

impl Tiles {
    /// Where the three tiles along a side begin, each at a multiple of eight; `None` where they have no room.
    pub(crate) fn starts(length: usize) -> Option<[usize; 3]> {
        let room = length.checked_sub(SIDE)?;
        // Apart where there is room, and not at the edges.
        Some([1, 3, 5].map(|sixth| (length * sixth / 6).saturating_sub(SIDE / 2).min(room) / 8 * 8))
            .filter(|starts| starts[0] < starts[1] && starts[1] < starts[2])
    }

    /// Tiles that are to be filled.
    pub(crate) fn empty() -> Self {
        Self { samples: vec![0; TILES * SIDE * SIDE], scale: 1.0 }
    }

    /// The tiles of a plane of which one sample stands for `scale` of the photo.
    pub(crate) fn cut(plane: &Plane, scale: f32) -> Option<Self> {
        let (lefts, tops) = (Self::starts(plane.width)?, Self::starts(plane.height)?);
        let mut tiles = Self { scale, ..Self::empty() };
        for (number, (top, left)) in tops.into_iter().flat_map(|top| lefts.map(|left| (top, left))).enumerate() {
            for (row, target) in tiles.tile_mut(number).chunks_exact_mut(SIDE).enumerate() {
                target.copy_from_slice(plane.row(top + row).get(left..left + SIDE)?);
            }
        }
        Some(tiles)
    }

    /// A tile, row by row.
    pub(crate) fn tile_mut(&mut self, number: usize) -> &mut [u8] {
        self.samples.get_mut(number * SIDE * SIDE..(number + 1) * SIDE * SIDE).unwrap_or_default()
    }

    fn tile(&self, number: usize) -> &[u8] {
        self.samples.get(number * SIDE * SIDE..(number + 1) * SIDE * SIDE).unwrap_or_default()
    }
}

/// A narrow peak among the waves of a tile.
#[derive(Clone, Copy, Debug)]
struct Peak {
    across: f32,
    down: f32,
    power: f32,
}

impl Peak {
    fn length(&self) -> f32 {
        self.across.hypot(self.down)
    }

    /// How far apart two are; a wave has no sense of direction.
    fn apart(&self, other: &Self) -> f32 {
        let same = (self.across - other.across).hypot(self.down - other.down);
        same.min((self.across + other.across).hypot(self.down + other.down))
    }

    fn levels(&self) -> f32 {
        8.0 * self.power.sqrt() / coarse(real(SIDE * SIDE))
    }

    /// The sine of the angle between two.
    fn turned_from(&self, other: &Self) -> f32 {
        (self.across * other.down - self.down * other.across).abs() / (self.length() * other.length()).max(1.0)
    }
}

/// The grid that lies over a picture; `None` where there is none.
pub(crate) fn grid(tiles: &Tiles) -> Option<Grid> {
    let mut peaks: Vec<Vec<Peak>> = Vec::with_capacity(TILES + 1);
    for pair in 0..TILES.div_ceil(2) {
        let second = (2 * pair + 1).min(TILES - 1);
        for spectrum in spectra(tiles.tile(2 * pair), tiles.tile(second)) {
            peaks.push(peaks_of(&spectrum));
        }
    }
    peaks.truncate(TILES);
    let (first, shown) = most_shown(&peaks, LEAST_TILES, |_| true)?;
    let across = |peak: &Peak| {
        let longer = peak.length() / first.length();
        peak.turned_from(&first) > 0.5 && (0.4..2.5).contains(&longer)
    };
    let (second, also_shown) = most_shown(&peaks, LEAST_BOTH, across)?;
    let both = shown.iter().zip(&also_shown).filter(|(one, other)| one.is_some() && other.is_some()).count();
    if both < LEAST_BOTH {
        return None;
    }
    let mut levels: Vec<f32> = shown.iter().flatten().map(Peak::levels).collect();
    levels.sort_by(f32::total_cmp);
    let period = |peak: &Peak| tiles.scale * coarse(real(SIDE)) / peak.length();
    Some(Grid {
        period: period(&first),
        other_period: period(&second),
        levels: levels.get(levels.len() / 2).copied().unwrap_or(0.0),
        share: coarse(real(both) / real(TILES)),
    })
}

/// The peak that most tiles show, at least so many, and for each tile the one that it shows.
fn most_shown(
    peaks: &[Vec<Peak>],
    least: usize,
    is_asked: impl Fn(&Peak) -> bool,
) -> Option<(Peak, Vec<Option<Peak>>)> {
    let nearest = |tile: &Vec<Peak>, peak: &Peak| {
        let near = tile.iter().copied().filter(|other| other.apart(peak) <= WANDERS);
        near.max_by(|a, b| a.power.total_cmp(&b.power))
    };
    let candidates = peaks.iter().flatten().filter(|peak| is_asked(peak));
    let shown = candidates.map(|peak| {
        let shown: Vec<Option<Peak>> = peaks.iter().map(|tile| nearest(tile, peak)).collect();
        let power: f32 = shown.iter().flatten().map(|peak| peak.power).sum();
        (shown.iter().flatten().count(), power, *peak, shown)
    });
    let best = shown.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
    (best.0 >= least).then_some((best.2, best.3))
}

/// The narrow peaks of a tile, the strongest first, without overtones of coarser ones.
fn peaks_of(spectrum: &Spectrum) -> Vec<Peak> {
    let mut peaks = Vec::new();
    let least = (LEAST_LEVELS * coarse(real(SIDE * SIDE)) / 8.0).powi(2);
    for row in 0..SIDE {
        let down = i32::try_from(row).unwrap_or(0);
        let down = if row < HALF { down } else { down - 128 };
        for (across, power) in (0..).zip(spectrum.row(row)) {
            if *power >= least && is_narrow(spectrum, (across, down), *power) {
                peaks.push(Peak { across: real32(across), down: real32(down), power: *power });
            }
        }
    }
    peaks.sort_by(|a, b| b.power.total_cmp(&a.power));
    let coarser = peaks.iter().copied().filter(|peak| peak.length() < LEAST_WAVES).take(COARSER);
    let coarser: Vec<Peak> = coarser.collect();
    peaks.retain(|peak| (LEAST_WAVES..=MOST_WAVES).contains(&peak.length()) && !is_overtone(peak, &coarser));
    peaks.truncate(PEAKS);
    peaks
}

/// Whether a peak comes with coarser ones: so many times one, and so many times another.
fn is_overtone(peak: &Peak, coarser: &[Peak]) -> bool {
    let bases: Vec<&Peak> = coarser.iter().filter(|base| base.power > peak.power / 4.0).collect();
    let is_made_of = |one: &Peak, other: &Peak| {
        (0..=OVERTONES).any(|times: i32| {
            (-OVERTONES..=OVERTONES).any(|also| {
                let (many, more) = (real32(times), real32(also));
                let (across, down) = (one.across * many + other.across * more, one.down * many + other.down * more);
                Peak { across, down, power: 0.0 }.apart(peak) <= 1.0 + f32::midpoint(many, more.abs())
            })
        })
    };
    bases.iter().any(|one| bases.iter().any(|other| is_made_of(one, other)))
}

/// Whether a wave stands out alone: stronger by far than all that is a little way off.
fn is_narrow(spectrum: &Spectrum, (across, down): (i32, i32), power: f32) -> bool {
    let length = real32(across).hypot(real32(down));
    // Slow waves are what pictures are made of; JPEG's blocks make waves of eight samples and their overtones.
    let is_of_blocks = |waves: i32| (waves + 1).rem_euclid(16) <= 2;
    if !(5.0..=MOST_WAVES).contains(&length) || is_of_blocks(across) && is_of_blocks(down) {
        return false;
    }
    let at = |x: i32, y: i32| spectrum.power(across + x, down + y);
    if (-1..=1).any(|y| (-1..=1).any(|x| at(x, y) > power)) {
        return false;
    }
    let (mut sum, mut count) = (0.0, 0.0);
    for y in -7..=7_i32 {
        for x in -7..=7_i32 {
            if x.abs().max(y.abs()) >= 4 {
                let around = at(x, y);
                if around * ABOVE_MOST > power {
                    return false;
                }
                sum += around;
                count += 1.0;
            }
        }
    }
    power * count >= ABOVE_MEAN * sum
}

#[cfg(test)]
mod tests;
