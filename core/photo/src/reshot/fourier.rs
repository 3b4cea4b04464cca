//! What waves a tile is made of: a Fourier transform of fixed size, two tiles at a time.
//!
//! Waves down the columns come first, row with row, so that each step is done for many columns at once; then the plane is
//! turned over its diagonal and the same is done again. Two tiles go as the real and the imaginary part of one.

use std::sync::LazyLock;

use crate::num::{coarse, real};

/// Side of a tile, in samples; a power of two.
pub(crate) const SIDE: usize = 128;

/// Waves across: those beyond half of the side are the first ones again, the other way round.
pub(super) const HALF: usize = SIDE / 2;

/// The power of each wave of a tile: `SIDE` rows of waves down, from 0 up and then from -`HALF` up, of `HALF` waves across.
pub(super) struct Spectrum {
    power: Vec<f32>,
}

impl Spectrum {
    /// The power of a wave that runs `across` and `down` so often through the tile. Waves come in pairs, so that every
    /// whole number means one.
    pub(super) fn power(&self, across: i32, down: i32) -> f32 {
        let (across, down) = if across < 0 { (-across, -down) } else { (across, down) };
        let down = usize::try_from(down.rem_euclid(128)).unwrap_or(0);
        let across = usize::try_from(across).unwrap_or(0);
        if across < HALF { self.power.get(down * HALF + across).copied().unwrap_or(0.0) } else { 0.0 }
    }

    /// The powers of the waves that run `down` so often, from 0 across.
    pub(super) fn row(&self, down: usize) -> &[f32] {
        self.power.get(down * HALF..(down + 1) * HALF).unwrap_or_default()
    }
}

/// How much of each sample counts along a side: nothing at the ends, so that a tile's edges are no waves (Hann).
static WINDOW: LazyLock<[f32; SIDE]> = LazyLock::new(|| {
    std::array::from_fn(|place| coarse((std::f64::consts::PI * (real(place) + 0.5) / real(SIDE)).sin().powi(2)))
});

/// Cosines and sines of a turn in `SIDE` steps, half of it.
static TURNS: LazyLock<[(f32, f32); HALF]> = LazyLock::new(|| {
    std::array::from_fn(|step| {
        let angle = -std::f64::consts::TAU * real(step) / real(SIDE);
        (coarse(angle.cos()), coarse(angle.sin()))
    })
});

/// The spectra of two tiles of `SIDE` × `SIDE` samples.
pub(super) fn spectra(first: &[u8], second: &[u8]) -> [Spectrum; 2] {
    let (mut reals, mut others) = (windowed(first), windowed(second));
    for _ in 0..2 {
        transform(&mut reals, &mut others);
        reals = turned(&reals);
        others = turned(&others);
    }
    let mut powers = [Vec::with_capacity(SIDE * HALF), Vec::with_capacity(SIDE * HALF)];
    for down in 0..SIDE {
        for across in 0..HALF {
            let here = down * SIDE + across;
            let mirrored = (SIDE - down) % SIDE * SIDE + (SIDE - across) % SIDE;
            let (a, b, c, d) = (reals[here], others[here], reals[mirrored], others[mirrored]);
            powers[0].push(((a + c) * (a + c) + (b - d) * (b - d)) / 4.0);
            powers[1].push(((b + d) * (b + d) + (c - a) * (c - a)) / 4.0);
        }
    }
    powers.map(|power| Spectrum { power })
}

/// A tile without its mean, fading out towards its edges.
fn windowed(tile: &[u8]) -> Vec<f32> {
    let sum: u64 = tile.iter().map(|level| u64::from(*level)).sum();
    let mean = coarse(real(usize::try_from(sum).unwrap_or(usize::MAX)) / real(tile.len().max(1)));
    let mut values = vec![0.0; SIDE * SIDE];
    for ((row, levels), share) in values.chunks_exact_mut(SIDE).zip(tile.chunks_exact(SIDE)).zip(WINDOW.iter()) {
        for ((value, level), other) in row.iter_mut().zip(levels).zip(WINDOW.iter()) {
            *value = (f32::from(*level) - mean) * share * other;
        }
    }
    values
}

/// The waves down each column, in place (Cooley and Tukey, 1965).
fn transform(reals: &mut [f32], others: &mut [f32]) {
    for row in 0..SIDE {
        let other = row.reverse_bits() >> (usize::BITS - SIDE.ilog2());
        if row < other {
            swap_rows(reals, row, other);
            swap_rows(others, row, other);
        }
    }
    let mut length = 2;
    while length <= SIDE {
        for start in (0..SIDE).step_by(length) {
            for step in 0..length / 2 {
                let (cosine, sine) = TURNS[step * (SIDE / length)];
                let (upper, lower) = (start + step, start + step + length / 2);
                let (upper_reals, lower_reals) = two_rows(reals, upper, lower);
                let (upper_others, lower_others) = two_rows(others, upper, lower);
                let uppers = upper_reals.iter_mut().zip(upper_others);
                let lowers = lower_reals.iter_mut().zip(lower_others);
                for ((a, b), (c, d)) in uppers.zip(lowers) {
                    let (x, y) = (*c * cosine - *d * sine, *c * sine + *d * cosine);
                    (*c, *d) = (*a - x, *b - y);
                    (*a, *b) = (*a + x, *b + y);
                }
            }
        }
        length *= 2;
    }
}

fn two_rows(values: &mut [f32], upper: usize, lower: usize) -> (&mut [f32], &mut [f32]) {
    let (before, behind) = values.split_at_mut(lower * SIDE);
    (&mut before[upper * SIDE..(upper + 1) * SIDE], &mut behind[..SIDE])
}

fn swap_rows(values: &mut [f32], upper: usize, lower: usize) {
    let (upper, lower) = two_rows(values, upper, lower);
    upper.swap_with_slice(lower);
}

/// Rows become columns.
fn turned(values: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; SIDE * SIDE];
    for top in (0..SIDE).step_by(8) {
        for (x, column) in out.chunks_exact_mut(SIDE).enumerate() {
            for (value, row) in column[top..top + 8].iter_mut().zip(top..) {
                *value = values[row * SIDE + x];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves(across: f64, down: f64, height: f64) -> Vec<u8> {
        let at = |place: usize| {
            let (x, y) = (real(place % SIDE), real(place / SIDE));
            let angle = std::f64::consts::TAU * (across * x + down * y) / real(SIDE);
            crate::num::level(coarse(128.0 + height * angle.cos()))
        };
        (0..SIDE * SIDE).map(at).collect()
    }

    fn strongest(spectrum: &Spectrum) -> (i32, i32) {
        let places = (-64..64).flat_map(|down| (0..64).map(move |across| (across, down)));
        places.max_by(|a, b| spectrum.power(a.0, a.1).total_cmp(&spectrum.power(b.0, b.1))).expect("some")
    }

    #[test]
    fn each_of_two_tiles_shows_its_own_wave_with_its_height() {
        let [first, second] = spectra(&waves(40.0, -13.0, 60.0), &waves(7.0, 22.0, 20.0));
        assert_eq!((strongest(&first), strongest(&second)), ((40, -13), (7, 22)));
        for (spectrum, (across, down), height) in [(first, (40, -13), 60.0), (second, (7, 22), 20.0)] {
            let found = 8.0 * spectrum.power(across, down).sqrt() / coarse(real(SIDE * SIDE));
            assert!((found - height).abs() < 0.5, "{found}");
            assert!((spectrum.power(-across, -down) - spectrum.power(across, down)).abs() < 1.0);
            assert!(spectrum.power(across + 3, down) < 1e-4 * spectrum.power(across, down));
        }
    }

    #[test]
    fn an_even_tile_has_no_waves() {
        let [first, _] = spectra(&[200; SIDE * SIDE], &[0; SIDE * SIDE]);
        assert!((0..SIDE).all(|down| first.row(down).iter().all(|power| *power < 1e-3)));
    }
}
