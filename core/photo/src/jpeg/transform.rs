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
pub(super) const ZIGZAG: [usize; 64] = [
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

/// What to multiply each coefficient with, in the order of the scan.
pub(super) fn multipliers(quantisation: &[u16; 64], size: Size) -> [f32; 64] {
    let factors = factors(size);
    let mut multipliers = [0.0; 64];
    for (k, place) in ZIGZAG.into_iter().enumerate() {
        multipliers[k] = f32::from(quantisation[k]) * factors[place / 8] * factors[place % 8];
    }
    multipliers
}

/// What makes a sample out of its value: half a step for rounding, and a number so large that the sample stands in the
/// lowest byte of its bits.
const TO_BITS: f32 = 8_388_608.0;

#[inline]
fn sample(value: f32) -> u8 {
    ((value + 128.0).clamp(0.0, 255.0) + TO_BITS).to_bits().to_le_bytes()[0]
}

/// Writes the samples of a block, given as multiplied coefficients in rows of 8.
#[inline]
pub(super) fn write_block(size: Size, block: &[f32; 64], target: &mut [u8], stride: usize) {
    match size {
        Size::Eight => eight(block, target, stride),
        Size::Four => four(block, target, stride),
        Size::Two => {
            let (a, b) = (block[0] + block[8], block[0] - block[8]);
            let (c, d) = (block[1] + block[9], block[1] - block[9]);
            for (row, values) in [[a + c, a - c], [b + d, b - d]].into_iter().enumerate() {
                put(target, row * stride, values);
            }
        }
        Size::One => put(target, 0, [block[0]]),
    }
}

#[inline]
fn put<const N: usize>(target: &mut [u8], at: usize, values: [f32; N]) {
    if let Some(place) = target.get_mut(at..at + N) {
        place.copy_from_slice(&values.map(sample));
    }
}

fn four(block: &[f32; 64], target: &mut [u8], stride: usize) {
    let (c1, c3) = (0.923_879_5_f32, 0.382_683_43_f32);
    let row = |at: usize| [block[at], block[at + 1], block[at + 2], block[at + 3]];
    let pass = |[a, b, c, d]: [[f32; 4]; 4]| {
        let mut out = [[0.0_f32; 4]; 4];
        for i in 0..4 {
            let (even, odd) = (a[i] + c[i], a[i] - c[i]);
            let (outer, inner) = (b[i] * c1 + d[i] * c3, b[i] * c3 - d[i] * c1);
            out[0][i] = even + outer;
            out[1][i] = odd + inner;
            out[2][i] = odd - inner;
            out[3][i] = even - outer;
        }
        out
    };
    let rows = transposed(pass(transposed(pass([row(0), row(8), row(16), row(24)]))));
    for (place, values) in rows.into_iter().enumerate() {
        put(target, place * stride, values);
    }
}

fn transposed<const N: usize>(rows: [[f32; N]; N]) -> [[f32; N]; N] {
    let mut turned = [[0.0; N]; N];
    for (y, row) in rows.iter().enumerate() {
        for (x, value) in row.iter().enumerate() {
            turned[x][y] = *value;
        }
    }
    turned
}

fn eight(block: &[f32; 64], target: &mut [u8], stride: usize) {
    let mut rows = [[0.0_f32; 8]; 8];
    for (row, values) in rows.iter_mut().zip(block.chunks_exact(8)) {
        row.copy_from_slice(values);
    }
    let rows = transposed(eight_pass(&transposed(eight_pass(&rows))));
    for (place, values) in rows.into_iter().enumerate() {
        put(target, place * stride, values);
    }
}

/// One direction of the full size, for eight lines side by side.
fn eight_pass(rows: &[[f32; 8]; 8]) -> [[f32; 8]; 8] {
    let mut out = [[0.0_f32; 8]; 8];
    for i in 0..8 {
        let [v0, v1, v2, v3, v4, v5, v6, v7] = [0, 1, 2, 3, 4, 5, 6, 7].map(|row: usize| rows[row][i]);
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
    fn by_definition(coefficients: &[f32; 64], size: Size) -> Vec<u8> {
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
            let mut coefficients = [0.0_f32; 64];
            for value in &mut coefficients {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [_, _, a, b] = state.to_le_bytes();
                *value = if b % 4 == 0 { f32::from(a) - 128.0 } else { 0.0 };
            }
            coefficients[0] *= 4.0;
            for size in Size::ALL {
                let multipliers = multipliers(&[1; 64], size);
                let mut block = [0.0; 64];
                for (k, place) in ZIGZAG.into_iter().enumerate() {
                    block[place] = coefficients[place] * multipliers[k];
                }
                let n = size.samples();
                let mut made = vec![0; n * n];
                write_block(size, &block, &mut made, n);
                for (mine, right) in made.iter().zip(by_definition(&coefficients, size)) {
                    assert!(mine.abs_diff(right) <= 1, "{size:?} {round}: {mine} {right}");
                }
            }
        }
    }
}
