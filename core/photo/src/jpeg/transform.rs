//! From frequencies back to samples, at full size or straight to a half, a quarter or an eighth.
//!
//! A block of n × n samples is made from the n × n lowest frequencies of its 8 × 8: the reduction costs nothing, and most
//! of the work falls away with it. Full size follows Arai, Agui and Nakajima (1988); their factors, and for all sizes the
//! normalisation, are folded into the table of quantisation.

use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// How many samples a block of 8 × 8 becomes in each direction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Size {
    /// An eighth.
    One = 1,
    /// A quarter.
    Two = 2,
    /// A half.
    Four = 4,
    /// As stored.
    Eight = 8,
}

impl Size {
    /// All, the smallest first.
    pub(crate) const ALL: [Self; 4] = [Self::One, Self::Two, Self::Four, Self::Eight];

    /// Samples in each direction.
    pub(crate) fn samples(self) -> usize {
        self as usize
    }

    /// The next smaller one; the smallest stays.
    pub(crate) fn smaller(self) -> Self {
        match self {
            Self::Eight => Self::Four,
            Self::Four => Self::Two,
            Self::Two | Self::One => Self::One,
        }
    }

    /// How long `length` samples become.
    pub(crate) fn of(self, length: usize) -> usize {
        (length * self.samples()).div_ceil(8)
    }
}

/// Where the k-th coefficient of a scan lies in its block (T.81, figure A.6).
pub(crate) const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// The factor of each frequency in one direction.
fn factors(size: Size) -> [f32; 8] {
    let cos = |k: f32| (k * std::f32::consts::PI / 16.0).cos();
    match size {
        Size::Eight => {
            let eighth = 1.0 / (2.0 * SQRT_2);
            [
                1.0,
                cos(1.0) * SQRT_2,
                cos(2.0) * SQRT_2,
                cos(3.0) * SQRT_2,
                1.0,
                cos(5.0) * SQRT_2,
                cos(6.0) * SQRT_2,
                cos(7.0) * SQRT_2,
            ]
            .map(|factor| factor * eighth)
        }
        // Orthonormal in n points, and a half as large as in 8 (a quarter and an eighth below).
        Size::Four => {
            let (first, other) = (0.5 * FRAC_1_SQRT_2, FRAC_1_SQRT_2 * FRAC_1_SQRT_2);
            [first, other, other * FRAC_1_SQRT_2, other, 0.0, 0.0, 0.0, 0.0]
        }
        Size::Two => [FRAC_1_SQRT_2 * 0.5, 0.5 * FRAC_1_SQRT_2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        Size::One => [1.0 / (2.0 * SQRT_2), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    }
}

/// The factor of each frequency in one direction, at full size.
pub(crate) fn eight_factors() -> [f32; 8] {
    factors(Size::Eight)
}

/// What to multiply each coefficient with, in rows of 8; the table of quantisation is in the order of a scan.
pub(super) fn multipliers(quantisation: &[u16; 64], size: Size) -> [f32; 64] {
    let factors = factors(size);
    let mut multipliers = [0.0; 64];
    for (k, place) in ZIGZAG.into_iter().enumerate() {
        multipliers[place] = f32::from(quantisation[k]) * factors[place / 8] * factors[place % 8];
    }
    multipliers
}

/// What makes a sample out of its value: half a step for rounding, and a number so large that the sample stands in the
/// lowest byte of its bits.
const TO_BITS: f32 = 8_388_608.0;

#[inline]
fn sample(value: f32) -> u8 {
    // Said as comparisons, each is one instruction; `clamp` would ask about what is no number as well.
    let value = value + 128.0;
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    (value + TO_BITS).to_bits().to_le_bytes()[0]
}

/// Writes the samples of a block, given as its coefficients and what to multiply them with, both in rows of 8.
#[inline]
pub(super) fn write_block(size: Size, block: &[i16; 64], by: &[f32; 64], target: &mut [u8], stride: usize) {
    let value = |place: usize| f32::from(block[place]) * by[place];
    match size {
        Size::Eight => eight(block, by, target, stride),
        Size::Four => four(block, by, target, stride),
        Size::Two => {
            let (a, b) = (value(0) + value(8), value(0) - value(8));
            let (c, d) = (value(1) + value(9), value(1) - value(9));
            for (row, values) in [[a + c, a - c], [b + d, b - d]].into_iter().enumerate() {
                put(target, row * stride, values);
            }
        }
        Size::One => put(target, 0, [value(0)]),
    }
}

#[inline]
fn put<const N: usize>(target: &mut [u8], at: usize, values: [f32; N]) {
    if let Some(place) = target.get_mut(at..at + N) {
        for (place, value) in place.iter_mut().zip(values) {
            *place = sample(value);
        }
    }
}

#[inline]
fn four(block: &[i16; 64], by: &[f32; 64], target: &mut [u8], stride: usize) {
    const C1: f32 = 0.923_879_5;
    const C3: f32 = 0.382_683_43;
    let mut rows = [[0.0_f32; 4]; 4];
    for ((row, levels), by) in rows.iter_mut().zip(block.chunks_exact(8)).zip(by.chunks_exact(8)) {
        for ((value, level), by) in row.iter_mut().zip(levels).zip(by) {
            *value = f32::from(*level) * by;
        }
    }
    // Down the columns line by line, so that each step is one instruction for four values.
    let [a, b, c, d] = rows;
    let (even, odd) = (lines(|i| a[i] + c[i]), lines(|i| a[i] - c[i]));
    let (outer, inner) = (lines(|i| b[i] * C1 + d[i] * C3), lines(|i| b[i] * C3 - d[i] * C1));
    let rows = [
        lines(|i| even[i] + outer[i]),
        lines(|i| odd[i] + inner[i]),
        lines(|i| odd[i] - inner[i]),
        lines(|i| even[i] - outer[i]),
    ];
    // Along a row as a sum of waves: more steps than by halves, but nothing has to be turned for them.
    let (second, third, fourth) = ([C1, C3, -C3, -C1], [1.0, -1.0, -1.0, 1.0], [C3, -C1, C1, -C3]);
    for (place, row) in rows.into_iter().enumerate() {
        let values = lines(|x| row[0] + row[1] * second[x] + (row[2] * third[x] + row[3] * fourth[x]));
        put(target, place * stride, values);
    }
}

#[inline]
fn lines(of: impl Fn(usize) -> f32) -> [f32; 4] {
    [of(0), of(1), of(2), of(3)]
}

/// Rows become columns.
#[inline]
pub(crate) fn transposed<const N: usize>(rows: [[f32; N]; N]) -> [[f32; N]; N] {
    let mut turned = [[0.0; N]; N];
    for (y, row) in rows.iter().enumerate() {
        for (x, value) in row.iter().enumerate() {
            turned[x][y] = *value;
        }
    }
    turned
}

#[inline]
fn eight(block: &[i16; 64], by: &[f32; 64], target: &mut [u8], stride: usize) {
    let mut rows = [[0.0_f32; 8]; 8];
    for ((value, level), by) in rows.as_flattened_mut().iter_mut().zip(block).zip(by) {
        *value = f32::from(*level) * by;
    }
    let rows = transposed(eight_pass(&transposed(eight_pass(&rows))));
    for (place, values) in rows.into_iter().enumerate() {
        put(target, place * stride, values);
    }
}

/// One direction of the full size, for eight lines side by side.
#[inline]
fn eight_pass(rows: &[[f32; 8]; 8]) -> [[f32; 8]; 8] {
    let mut out = [[0.0_f32; 8]; 8];
    for i in 0..8 {
        let row = |row: usize| rows[row][i];
        let [v0, v1, v2, v3, v4, v5, v6, v7] = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
        let (sum, difference) = (v0 + v4, v0 - v4);
        let inner = v2 + v6;
        let turned = (v2 - v6) * SQRT_2 - inner;
        let even = [sum + inner, difference + turned, difference - turned, sum - inner];

        let (z13, z10, z11, z12) = (v5 + v3, v5 - v3, v1 + v7, v1 - v7);
        let o7 = z11 + z13;
        let z5 = (z10 + z12) * 1.847_759_1;
        let o6 = z5 - z10 * 2.613_126 - o7;
        let o5 = (z11 - z13) * SQRT_2 - o6;
        let o4 = z5 - z12 * 1.082_392_2 - o5;
        let odd = [o7, o6, o5, o4];
        for k in 0..4 {
            out[k][i] = even[k] + odd[k];
            out[7 - k][i] = even[k] - odd[k];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition (T.81, A.3.3), sample by sample.
    fn by_definition(coefficients: &[i16; 64], size: Size) -> Vec<u8> {
        let n = size.samples();
        let real = |number: usize| f64::from(u32::try_from(number).expect("small"));
        let scale = |k: usize| if k == 0 { (1.0 / real(n)).sqrt() } else { (2.0 / real(n)).sqrt() };
        let mut samples = Vec::new();
        for y in 0..n {
            for x in 0..n {
                let mut sum = 0.0;
                for v in 0..n {
                    for u in 0..n {
                        let wave = |place: usize, k: usize| {
                            ((2.0 * real(place) + 1.0) * real(k) * std::f64::consts::PI / (2.0 * real(n))).cos()
                        };
                        sum += scale(u) * scale(v) * f64::from(coefficients[v * 8 + u]) * wave(x, u) * wave(y, v);
                    }
                }
                let value = (sum * real(n) / 8.0 + 128.0).round().clamp(0.0, 255.0);
                samples.push(u8::try_from(format!("{value}").parse::<u32>().expect("whole")).expect("a byte"));
            }
        }
        samples
    }

    #[test]
    fn every_size_agrees_with_the_definition_to_one_level() {
        let mut state = 7_u32;
        for round in 0..40 {
            let mut coefficients = [0_i16; 64];
            for value in &mut coefficients {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [_, _, a, b] = state.to_le_bytes();
                *value = if b % 4 == 0 { i16::from(a) - 128 } else { 0 };
            }
            coefficients[0] *= 4;
            for size in Size::ALL {
                let multipliers = multipliers(&[1; 64], size);
                let n = size.samples();
                let mut made = vec![0; n * n];
                write_block(size, &coefficients, &multipliers, &mut made, n);
                for (mine, right) in made.iter().zip(by_definition(&coefficients, size)) {
                    assert!(mine.abs_diff(right) <= 1, "{size:?} {round}: {mine} {right}");
                }
            }
        }
    }
}
