//! A few tiles of the brightness as it is stored, read beside a picture that is made smaller.
//!
//! What is finer than two samples of the smaller picture is gone from it; in a few tiles it stays, for little work.

use super::transform::{Size, multipliers, write_block};
use crate::reshot::{SIDE, Tiles};

/// Blocks along a side of a tile.
const BLOCKS: usize = SIDE / 8;

/// Tiles while they are read.
pub(super) struct Wanted {
    /// The first block of each tile, across and down: three of each.
    lefts: [usize; 3],
    tops: [usize; 3],
    /// Of each column and each row of blocks, whether a tile has any of it.
    columns: Vec<bool>,
    rows: Vec<bool>,
    multipliers: [f32; 64],
    pub(super) tiles: Tiles,
}

impl Wanted {
    /// The tiles of a channel of so many samples; `None` where it has no room for them.
    pub(super) fn new(width: usize, height: usize, quantisation: &[u16; 64]) -> Option<Self> {
        let starts = |length: usize| Tiles::starts(length).map(|starts| starts.map(|start| start / 8));
        let (lefts, tops) = (starts(width)?, starts(height)?);
        let marked = |starts: &[usize; 3], length: usize| -> Vec<bool> {
            (0..length.div_ceil(8)).map(|block| Self::of(starts, block).is_some()).collect()
        };
        Some(Self {
            columns: marked(&lefts, width),
            rows: marked(&tops, height),
            lefts,
            tops,
            multipliers: multipliers(quantisation, Size::Eight),
            tiles: Tiles::empty(),
        })
    }

    /// Which tile along a side has a block, and which of its own that is.
    fn of(starts: &[usize; 3], block: usize) -> Option<(usize, usize)> {
        let number = starts.iter().position(|start| (*start..start + BLOCKS).contains(&block))?;
        Some((number, block - starts[number]))
    }

    /// Whether a block belongs to a tile.
    #[inline]
    pub(super) fn has(&self, (x, y): (usize, usize)) -> bool {
        self.rows.get(y) == Some(&true) && self.columns.get(x) == Some(&true)
    }

    /// Writes a block of a tile, given all of its coefficients.
    pub(super) fn put(&mut self, (x, y): (usize, usize), values: &[i16; 64]) {
        let (Some((column, left)), Some((row, top))) = (Self::of(&self.lefts, x), Self::of(&self.tops, y)) else {
            return;
        };
        let tile = self.tiles.tile_mut(3 * row + column);
        let target = tile.get_mut(top * 8 * SIDE + left * 8..).unwrap_or_default();
        write_block(Size::Eight, values, &self.multipliers, target, SIDE);
    }
}
