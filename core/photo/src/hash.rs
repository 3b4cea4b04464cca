//! Hashes of what a picture shows, which stay close when it is compressed, scaled, brightened or stamped anew.
//!
//! *PDQ*, 256 bits, is the published one (facebook/ThreatExchange, `pdq`): 64 × 64 means, their lowest 16 × 16
//! frequencies, each bit whether one is above the median. The 64-bit hash is the same of the lowest 8 × 8, for the index
//! (`index`). Mirrored and turned pictures have the same frequencies in other places and with other signs, so all eight
//! of a photo are known from one transform.
//!
//! **Limit.** Hashes say that two photos look alike, not that one is a copy: an honest photo of the same shelf on the same
//! day is as near (nine of ten within 6 bits). They are a signal for people, never a verdict.

use std::{
    fmt::{self, Display},
    str::FromStr,
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};

use crate::{
    num::{coarse, real, whole},
    plane::Plane,
    scale::{self, Filter},
};

/// At most so many bits differ between two hashes of one picture: the published bound for a match.
pub const PDQ_MATCH: u32 = 31;

/// A picture below this quality has too few features for its hash to mean anything: the published bound.
pub const PDQ_QUALITY: u8 = 50;

/// Larger pictures are reduced to this before they are hashed, as the published reader does. A smaller picture is enlarged
/// to it before its middle is: what the means are taken of is a whole number of samples, and of a small picture another
/// share of it than of a large one.
const MOST: usize = 512;

/// 256 bits of what a picture shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pdq([u64; 4]);

impl Pdq {
    /// How many bits differ, 0 to 256.
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// Its 32 bytes, the first of the text first.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// The hash of its 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut words = [0; 4];
        for (word, chunk) in words.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            *word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        Self(words)
    }
}

impl Display for Pdq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

impl From<Pdq> for String {
    fn from(hash: Pdq) -> Self {
        hash.to_string()
    }
}

/// A text that is no hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("64 hexadecimal digits are needed")]
pub struct NotAHash;

impl FromStr for Pdq {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHash);
        }
        let mut words = [0; 4];
        for (number, word) in words.iter_mut().rev().enumerate() {
            *word = u64::from_str_radix(&text[16 * number..16 * number + 16], 16).map_err(|_| NotAHash)?;
        }
        Ok(Self(words))
    }
}

impl TryFrom<String> for Pdq {
    type Error = NotAHash;

    fn try_from(text: String) -> Result<Self, NotAHash> {
        text.parse()
    }
}

/// The hashes of a picture, in the eight ways it can be turned and mirrored; the first is as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hashes {
    /// The 256-bit ones.
    pub pdq: [Pdq; 8],
    /// The 64-bit ones.
    pub short: [u64; 8],
    /// How much there is to see, 0 to 100; below [`PDQ_QUALITY`] the hashes mean nothing.
    pub quality: u8,
}

impl Hashes {
    /// The nearest of the eight to another picture's hash: its distance, and whether the picture had to be turned or
    /// mirrored for it.
    pub fn nearest(&self, other: &Pdq) -> (u32, bool) {
        let distances = self.pdq.iter().enumerate().map(|(turn, hash)| (hash.distance(other), turn > 0));
        distances.min().unwrap_or((256, false))
    }
}

/// Hashes a picture by its brightness: the whole of it, and its middle.
pub(crate) fn hashes(luma: &Plane) -> (Hashes, Hashes) {
    let (width, height) = (luma.width.min(MOST), luma.height.min(MOST));
    let small = scale::resized(luma, width, height, Filter::Soft);
    let whole = of_small(&small);
    if (width, height) == (MOST, MOST) {
        return (whole, middle(&small));
    }
    (whole, middle(&scale::resized(luma, MOST, MOST, Filter::Soft)))
}

fn of_small(small: &Plane) -> Hashes {
    let means = means(small);
    let frequencies = frequencies(&means);
    let mut hashes = Hashes { pdq: [Pdq::default(); 8], short: [0; 8], quality: quality(&means) };
    for turn in 0..8 {
        let turned = turned(&frequencies, turn);
        hashes.pdq[turn] = Pdq(above_median::<256, 4>(turned.as_flattened()));
        let mut lowest = [0.0; 64];
        for (target, row) in lowest.chunks_exact_mut(8).zip(&turned) {
            target.copy_from_slice(&row[..8]);
        }
        hashes.short[turn] = above_median::<64, 1>(&lowest)[0];
    }
    hashes
}

/// Hashes the middle of a picture, three quarters of each side. Stamps stand at an edge, an eighth of the picture high at
/// most: a copy with a stamp, or with another one, has the same middle, however it is turned.
fn middle(small: &Plane) -> Hashes {
    let cut = |length: usize| (length / 8, (length - 2 * (length / 8)).max(1));
    let ((left, width), (top, height)) = (cut(small.width), cut(small.height));
    let mut samples = Vec::with_capacity(width * height);
    for row in small.rows().skip(top).take(height) {
        samples.extend_from_slice(row.get(left..left + width).unwrap_or_default());
    }
    of_small(&Plane { width, height, stride: width, samples })
}

/// 64 × 64 means, by two rounds of a running mean in each direction.
///
/// Only what stands at the 64 × 64 places is worked out. Both directions are sums, so that it does not matter which comes
/// first.
fn means(small: &Plane) -> [[f32; 64]; 64] {
    let (across, down) = (shares(small.width), shares(small.height));
    let mut means = [[0.0; 64]; 64];
    let mut sums = vec![0.0_f32; small.width];
    for ((top, shares), row) in down.iter().zip(&mut means) {
        sums.fill(0.0);
        for (y, share) in (*top..).zip(shares) {
            sums.iter_mut().zip(small.row(y)).for_each(|(sum, level)| *sum += f32::from(*level) * share);
        }
        for ((left, shares), mean) in across.iter().zip(row) {
            *mean = shares.iter().zip(&sums[*left..]).map(|(share, sum)| share * sum).sum();
        }
    }
    means
}

/// For each of the 64 places along a length, what two rounds of the running mean take there: the first sample, and the
/// shares from there on.
fn shares(length: usize) -> Vec<(usize, Vec<f32>)> {
    let spans: Vec<(usize, usize)> = spans(length).collect();
    let at = |number: usize| {
        let (from, end) = spans[((2 * number + 1) * length) / 128];
        let (first, last) = (spans[from].0, spans[end - 1].1);
        let mut shares = vec![0.0; last - first];
        for (from_there, end_there) in &spans[from..end] {
            let share = 1.0 / coarse(real((end - from) * (end_there - from_there)));
            shares[from_there - first..end_there - first].iter_mut().for_each(|sum| *sum += share);
        }
        (first, shares)
    };
    (0..64).map(at).collect()
}

/// The published window: a 128th of the length, rounded up.
fn window(length: usize) -> usize {
    length.div_ceil(128)
}

/// For each place, the first and the end of what its mean is taken of.
fn spans(length: usize) -> impl Iterator<Item = (usize, usize)> {
    let window = window(length);
    (0..length).map(move |place| {
        let end = place + window.midpoint(2);
        (end.saturating_sub(window), end.min(length))
    })
}

/// The published measure of how much there is to see: differences between neighbours.
fn quality(means: &[[f32; 64]; 64]) -> u8 {
    let step = |a: f32, b: f32| whole(f64::from(((a - b) * 100.0 / 255.0).abs().trunc()));
    let down: usize = means.windows(2).flat_map(|rows| rows[0].iter().zip(&rows[1])).map(|(a, b)| step(*a, *b)).sum();
    let across: usize = means.iter().flat_map(|row| row.windows(2)).map(|pair| step(pair[0], pair[1])).sum();
    u8::try_from(((down + across) / 90).min(100)).unwrap_or(100)
}

/// The waves of those frequencies, each at the 64 places.
static WAVES: LazyLock<[[f32; 64]; 16]> = LazyLock::new(|| {
    let mut waves = [[0.0_f32; 64]; 16];
    for (k, wave) in waves.iter_mut().enumerate() {
        for (x, value) in wave.iter_mut().enumerate() {
            let angle = std::f64::consts::PI / 128.0 * real((k + 1) * (2 * x + 1));
            *value = coarse((2.0_f64 / 64.0).sqrt() * angle.cos());
        }
    }
    waves
});

/// The lowest 16 × 16 frequencies, the constant ones left out.
fn frequencies(means: &[[f32; 64]; 64]) -> [[f32; 16]; 16] {
    let mut rows = [[0.0_f32; 64]; 16];
    for (row, wave) in rows.iter_mut().zip(WAVES.iter()) {
        for (mean_row, factor) in means.iter().zip(wave) {
            row.iter_mut().zip(mean_row).for_each(|(sum, mean)| *sum += factor * mean);
        }
    }
    let mut frequencies = [[0.0; 16]; 16];
    for (target, row) in frequencies.iter_mut().zip(&rows) {
        for (frequency, wave) in target.iter_mut().zip(WAVES.iter()) {
            *frequency = row.iter().zip(wave).map(|(a, b)| a * b).sum();
        }
    }
    frequencies
}

/// The frequencies of the picture turned: bit 0 of `turn` mirrors left to right, bit 1 upside down, bit 2 swaps rows and
/// columns after that. Mirroring changes the sign of every odd wave.
fn turned(frequencies: &[[f32; 16]; 16], turn: usize) -> [[f32; 16]; 16] {
    let mut out = [[0.0; 16]; 16];
    for (y, row) in frequencies.iter().enumerate() {
        for (x, value) in row.iter().enumerate() {
            let is_flipped = (turn & 1 == 1 && x % 2 == 0) != (turn & 2 == 2 && y % 2 == 0);
            let value = if is_flipped { -value } else { *value };
            if turn & 4 == 4 { out[x][y] = value } else { out[y][x] = value }
        }
    }
    out
}

/// For each value, whether it is above the median, the first in the lowest bit.
fn above_median<const N: usize, const W: usize>(values: &[f32]) -> [u64; W] {
    let mut ordered = [0.0; N];
    ordered.iter_mut().zip(values).for_each(|(place, value)| *place = *value);
    let (_, median, _) = ordered.select_nth_unstable_by(N.div_ceil(2) - 1, f32::total_cmp);
    let mut words = [0; W];
    for (bit, value) in values.iter().enumerate() {
        words[bit / 64] |= u64::from(*value > *median) << (bit % 64);
    }
    words
}

#[cfg(test)]
mod tests;
