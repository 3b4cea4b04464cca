//! From samples to frequencies, quantised, in the order of a scan.
//!
//! The transform is that of Arai, Agui and Nakajima (1988), as the reader's is; its factors are folded into those of the
//! quantisation.

use crate::{
    jpeg::{ZIGZAG, eight_factors, transposed},
    num::{nearest, real32},
};

/// What to multiply each frequency with, in rows of 8.
pub(super) struct Quantiser([f32; 64]);

impl Quantiser {
    /// Of a table in the order of a scan.
    pub(super) fn new(table: &[u8; 64]) -> Self {
        let factors = eight_factors();
        let mut multipliers = [0.0; 64];
        for (step, place) in table.iter().zip(ZIGZAG) {
            // The reader's factors are those of the way back: eight times theirs, upside down, in each direction.
            let both = factors[place / 8] * factors[place % 8];
            multipliers[place] = 1.0 / (f32::from(*step) * both * 64.0);
        }
        Self(multipliers)
    }

    /// The coefficients of a block in rows of 8, and which of them are not 0, the scan's first at the lowest bit.
    #[inline]
    pub(super) fn block(&self, samples: &[[u8; 8]; 8]) -> ([i16; 64], u64) {
        let mut rows = [[0.0; 8]; 8];
        for (value, sample) in rows.as_flattened_mut().iter_mut().zip(samples.as_flattened()) {
            *value = real32(i32::from(*sample) - 128);
        }
        let rows = transposed(pass(&transposed(pass(&rows))));
        let mut levels = [0; 64];
        for ((level, value), by) in levels.iter_mut().zip(rows.as_flattened()).zip(&self.0) {
            *level = nearest(value * by);
        }
        let mut present = 0;
        for (row, ranks) in levels.chunks_exact(8).zip(RANKS.chunks_exact(8)) {
            // Of most blocks half the rows are empty.
            if row.iter().fold(0, |any, level| any | level) == 0 {
                continue;
            }
            for (level, rank) in row.iter().zip(ranks) {
                present |= u64::from(*level != 0) << (rank & 63);
            }
        }
        (levels, present)
    }
}

/// When each coefficient's turn comes in a scan, in rows of 8.
const RANKS: [u8; 64] = {
    let mut ranks = [0; 64];
    let (mut k, mut rank) = (0, 0);
    while k < 64 {
        ranks[ZIGZAG[k]] = rank;
        k += 1;
        rank += 1;
    }
    ranks
};

/// One direction, for eight lines side by side.
#[inline]
fn pass(rows: &[[f32; 8]; 8]) -> [[f32; 8]; 8] {
    let mut out = [[0.0_f32; 8]; 8];
    for i in 0..8 {
        let row = |row: usize| rows[row][i];
        let [v0, v1, v2, v3, v4, v5, v6, v7] = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
        let (s07, d07, s16, d16) = (v0 + v7, v0 - v7, v1 + v6, v1 - v6);
        let (s25, d25, s34, d34) = (v2 + v5, v2 - v5, v3 + v4, v3 - v4);

        let (outer, inner) = (s07 + s34, s16 + s25);
        let (high, low) = (s07 - s34, s16 - s25);
        let turned = (high + low) * std::f32::consts::FRAC_1_SQRT_2;
        let even = [outer + inner, high + turned, outer - inner, high - turned];

        let (last, between, first) = (d34 + d25, d25 + d16, d16 + d07);
        let common = (last - first) * 0.382_683_43;
        let (three, one) = (last * 0.541_196_1 + common, first * 1.306_563 + common);
        let middle = between * std::f32::consts::FRAC_1_SQRT_2;
        let (above, below) = (d07 + middle, d07 - middle);
        let odd = [above + one, below - three, below + three, above - one];
        for k in 0..4 {
            out[2 * k][i] = even[k];
            out[2 * k + 1][i] = odd[k];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_agree_with_the_definition() {
        let quantiser = Quantiser::new(&[1; 64]);
        let real = |number: usize| f64::from(u32::try_from(number).expect("small"));
        let share = |k: usize| if k == 0 { 0.5 / 2.0_f64.sqrt() } else { 0.5 };
        let wave = |place: usize, k: usize| ((2.0 * real(place) + 1.0) * real(k) * std::f64::consts::PI / 16.0).cos();
        for round in 0..20_usize {
            let samples: [[u8; 8]; 8] = std::array::from_fn(|y| {
                std::array::from_fn(|x| (x * x * (round + 3) * 31 + y * y * 17 + round * x * y).to_le_bytes()[0])
            });
            let (levels, present) = quantiser.block(&samples);
            for (k, place) in ZIGZAG.into_iter().enumerate() {
                let (v, u) = (place / 8, place % 8);
                let mut sum = 0.0;
                for (y, row) in samples.iter().enumerate() {
                    for (x, sample) in row.iter().enumerate() {
                        sum += (f64::from(*sample) - 128.0) * wave(x, u) * wave(y, v);
                    }
                }
                let right = sum * share(u) * share(v);
                assert!((f64::from(levels[place]) - right).abs() < 0.51, "{round} {k}: {} {right}", levels[place]);
                assert_eq!(present >> k & 1 == 1, levels[place] != 0);
            }
        }
    }
}
