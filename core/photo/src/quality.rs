//! Whether a photo is good enough to be judged by, as advice with figures; never a wall.
//!
//! Measures are taken of the upright picture at its working size. Limits and words are data (`handbook/quality.json`).
//! Blur is the weakest of them: a sharp photo of a plain wall has few edges, too. So it says "may be".

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use storewalk_domain::{
    photo::Remark,
    text::{Language, Localized},
};

use crate::{
    num::{coarse, real},
    plane::Plane,
};

/// What was measured.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Quality {
    /// Variance of the second differences at half size, in the tile that is sharper than nine of ten.
    pub sharpness: f32,
    /// Mean level, 0 to 255.
    pub brightness: f32,
    /// Share of the picture in small tiles that are burnt out, 0 to 1.
    pub glare: f32,
    /// Longer side of the original in pixels.
    pub long_side: u32,
    /// How far the phone was tilted from level, in degrees; `None` where its sensors were not asked.
    pub tilt: Option<f32>,
}

/// From where on advice is given.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct QualityLimits {
    /// Least sharpness.
    pub sharpness_least: f32,
    /// Least brightness.
    pub brightness_least: f32,
    /// Most glare.
    pub glare_most: f32,
    /// Least length of the longer side, in pixels.
    pub long_side_least: u32,
    /// Most tilt, in degrees.
    pub tilt_most: f32,
}

impl Default for QualityLimits {
    fn default() -> Self {
        HANDBOOK.limits
    }
}

/// One piece of advice.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Advice {
    /// What it is about, for ever the same: `photo_blurred`, `photo_dark`, `photo_glare`, `photo_small`, `photo_tilted`,
    /// `photo_reshot`.
    pub code: String,
    /// What was measured, as it is told.
    pub value: f32,
    /// What would be better.
    pub limit: f32,
}

impl Advice {
    /// The same as it is kept and sent, in thousandths.
    pub fn remark(&self) -> Remark {
        Remark { code: self.code.clone(), value_milli: milli(self.value), limit_milli: milli(self.limit) }
    }

    /// What was seen, in words for a person.
    pub fn sentence(&self, language: Language) -> String {
        self.words(language, |words| &words.what)
    }

    /// What the person can do.
    pub fn next_step(&self, language: Language) -> String {
        self.words(language, |words| &words.next)
    }

    fn words(&self, language: Language, part: impl Fn(&Words) -> &Localized) -> String {
        let Some(words) = HANDBOOK.words.get(&self.code) else { return self.code.clone() };
        let (value, limit) = (format!("{:.0}", self.value), format!("{:.0}", self.limit));
        part(words).get(language).replace("{value}", &value).replace("{limit}", &limit)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a fraction stays in range")]
fn milli(figure: f32) -> i64 {
    (f64::from(figure) * 1_000.0).round() as i64
}

#[derive(Debug, Deserialize)]
struct Words {
    what: Localized,
    next: Localized,
}

#[derive(Debug, Deserialize)]
struct Handbook {
    limits: QualityLimits,
    words: BTreeMap<String, Words>,
}

static HANDBOOK: LazyLock<Handbook> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../handbook/quality.json")).expect("the shipped handbook is tested to be valid")
});

impl Quality {
    /// What could be better, the most telling first; empty for a good photo.
    pub fn advice(&self, limits: &QualityLimits) -> Vec<Advice> {
        let mut advice = Vec::new();
        let mut say = |is_said: bool, code: &str, value: f32, limit: f32| {
            if is_said {
                advice.push(Advice { code: code.to_owned(), value, limit });
            }
        };
        let (side, least_side) = (coarse(f64::from(self.long_side)), coarse(f64::from(limits.long_side_least)));
        say(side < least_side, "photo_small", side, least_side);
        let is_dark = self.brightness < limits.brightness_least;
        say(is_dark, "photo_dark", self.brightness, limits.brightness_least);
        say(self.sharpness < limits.sharpness_least, "photo_blurred", self.sharpness, limits.sharpness_least);
        say(self.glare > limits.glare_most, "photo_glare", self.glare * 100.0, limits.glare_most * 100.0);
        let tilt = self.tilt.unwrap_or(0.0).abs();
        say(tilt > limits.tilt_most, "photo_tilted", tilt, limits.tilt_most);
        advice
    }

    /// Measures a picture by its brightness.
    pub(crate) fn of(luma: &Plane, long_side: usize, tilt: Option<f32>) -> Self {
        let half = halved(luma);
        let total: u64 = half.rows().map(|row| row.iter().map(|level| u64::from(*level)).sum::<u64>()).sum();
        let count = real((half.width * half.height).max(1));
        let brightness = coarse(real(usize::try_from(total).unwrap_or(usize::MAX)) / count);
        Self {
            sharpness: sharpness(&half),
            brightness,
            glare: glare(&half),
            long_side: crate::num::narrow(long_side),
            tilt,
        }
    }
}

/// Half the size, each sample the mean of four: noise goes, edges stay.
fn halved(plane: &Plane) -> Plane {
    let (width, height) = ((plane.width / 2).max(1), (plane.height / 2).max(1));
    let mut half = Plane::filled(width, height, 0);
    for y in 0..height {
        let (above, below) = (plane.row(2 * y), plane.row((2 * y + 1).min(plane.height - 1)));
        let target = half.row_mut(y);
        if let ([a], [b], [sample]) = (above, below, &mut *target) {
            *sample = ((u16::from(*a) + u16::from(*b) + 1) >> 1).to_le_bytes()[0];
        }
        let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
        for (sample, (a, b)) in target.iter_mut().zip(pairs) {
            let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
            *sample = ((sum + 2) >> 2).to_le_bytes()[0];
        }
    }
    half
}

/// Side of the tiles that sharpness is measured in.
const TILE: usize = 32;

/// The variance of the second differences in the tile that is sharper than nine of ten.
fn sharpness(plane: &Plane) -> f32 {
    let mut variances = Vec::new();
    for top in (1..plane.height.saturating_sub(1)).step_by(TILE) {
        for left in (1..plane.width.saturating_sub(1)).step_by(TILE) {
            let (right, bottom) = ((left + TILE).min(plane.width - 1), (top + TILE).min(plane.height - 1));
            variances.push(variance(plane, left..right, top..bottom));
        }
    }
    variances.sort_by(f32::total_cmp);
    variances.get(variances.len() * 9 / 10).copied().unwrap_or(0.0)
}

fn variance(plane: &Plane, across: std::ops::Range<usize>, down: std::ops::Range<usize>) -> f32 {
    let (mut sum, mut squares, mut count) = (0_i64, 0_i64, 0_usize);
    for y in down {
        let (above, here, below) = (plane.row(y - 1), plane.row(y), plane.row(y + 1));
        let lines = above[across.clone()].iter().zip(&below[across.clone()]);
        let beside = here[across.start - 1..across.end - 1].iter().zip(&here[across.start + 1..=across.end]);
        let (mut line_sum, mut line_squares) = (0_i32, 0_i32);
        for ((level, (up, down)), (left, right)) in here[across.clone()].iter().zip(lines).zip(beside) {
            let [level, up, down, left, right] = [level, up, down, left, right].map(|level| i16::from(*level));
            // Of 16 bits, which are squared and added several at a time.
            let second = 4 * level - (up + down + left + right);
            line_sum += i32::from(second);
            line_squares += i32::from(second) * i32::from(second);
        }
        sum += i64::from(line_sum);
        squares += i64::from(line_squares);
        count += across.len();
    }
    let count = real(count.max(1));
    let of = |number: i64| real(usize::try_from(number.abs()).unwrap_or(usize::MAX));
    let mean = of(sum) / count;
    coarse(of(squares) / count - mean * mean)
}

/// Level from which on a sample tells nothing, and the side of the tiles that must be so throughout.
const BURNT_OUT: u8 = 250;
const GLARE_TILE: usize = 8;

fn glare(plane: &Plane) -> f32 {
    let (across, down) = (plane.width / GLARE_TILE, plane.height / GLARE_TILE);
    let is_burnt = |x: usize, y: usize| {
        (y * GLARE_TILE..(y + 1) * GLARE_TILE)
            .all(|row| plane.row(row)[x * GLARE_TILE..(x + 1) * GLARE_TILE].iter().all(|level| *level >= BURNT_OUT))
    };
    let burnt = (0..down).map(|y| (0..across).filter(|x| is_burnt(*x, y)).count()).sum();
    coarse(real(burnt) / real((across * down).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn luma(bytes: &[u8]) -> image::GrayImage {
        image::load_from_memory(bytes).expect("a picture").into_luma8()
    }

    fn measured(picture: image::GrayImage) -> Quality {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let plane = Plane { width, height, stride: width, samples: picture.into_raw() };
        Quality::of(&plane, 4_000, None)
    }

    fn codes(quality: Quality) -> Vec<String> {
        quality.advice(&QualityLimits::default()).into_iter().map(|advice| advice.code).collect()
    }

    #[test]
    fn real_shelf_photos_are_good_and_spoilt_ones_are_advised_about() {
        for number in 0..12 {
            let photo = luma(&testing::shelf_photo(number));
            assert!(codes(measured(photo.clone())).is_empty(), "{number}: {:?}", measured(photo.clone()));
            let blurred = image::imageops::blur(&photo, 4.0);
            assert_eq!(codes(measured(blurred.clone())), ["photo_blurred"], "{number}: {:?}", measured(blurred));
            let mut dark = photo.clone();
            dark.iter_mut().for_each(|level| *level /= 6);
            assert!(codes(measured(dark)).contains(&"photo_dark".to_owned()), "{number}");
            let mut glaring = photo;
            let width = glaring.width();
            glaring.rows_mut().take(120).for_each(|row| row.take(width as usize / 2).for_each(|level| level.0 = [255]));
            assert!(codes(measured(glaring)).contains(&"photo_glare".to_owned()), "{number}");
        }
    }

    #[test]
    fn small_and_tilted_photos_are_named_with_their_figures_in_both_languages() {
        let quality = Quality { sharpness: 900.0, brightness: 120.0, glare: 0.0, long_side: 640, tilt: Some(-17.4) };
        let advice = quality.advice(&QualityLimits::default());
        let codes: Vec<&str> = advice.iter().map(|advice| advice.code.as_str()).collect();
        assert_eq!(codes, ["photo_small", "photo_tilted"]);
        for language in Language::ALL {
            assert!(advice[0].sentence(language).contains("640") && advice[0].sentence(language).contains("1000"));
            assert!(advice[1].sentence(language).contains("17°"), "{}", advice[1].sentence(language));
            assert!(!advice[1].next_step(language).is_empty());
        }
    }

    #[test]
    fn a_picture_of_a_single_sample_is_measured_too() {
        let quality = Quality::of(&Plane::filled(1, 1, 200), 1, None);
        assert_eq!((quality.brightness, quality.sharpness, quality.glare), (200.0, 0.0, 0.0));
    }
}
