//! What a phone saw in a photo at the moment it was taken.
//!
//! **Rule.** It is the phone's word: kept, shown and compared, never the truth and never a reason to refuse a photo. What
//! is out of shape in it is left out; the photo is taken in all the same. The server looks for itself once it holds the
//! bytes.

use serde::{Deserialize, Serialize};

use crate::{ids::OutletId, time::BusinessDate};

/// Pieces of advice that are kept of a photo.
const MOST_REMARKS: usize = 12;

/// Photos that look alike that are kept of a photo.
const MOST_ALIKE: usize = 5;

/// Longest code or name of an outlet, in bytes.
const NAME_BYTES: usize = 400;

/// Longest code of a remark, in bytes.
const CODE_BYTES: usize = 40;

/// What a phone saw in a photo.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// What the picture looks like; `None` when it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print: Option<Print>,
    /// What could be better about it, as the rep was told.
    pub advice: Vec<Remark>,
    /// What the camera's clock said; `None` when the file tells no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera_clock: Option<CameraClock>,
    /// How far from the outlet the file says it was taken, in metres; `None` when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera_distance_m: Option<u32>,
    /// Whether it came out of the phone's gallery instead of the camera.
    pub is_from_gallery: bool,
    /// Earlier photos that look like it, the nearest first, as the rep was told.
    pub alike: Vec<Alike>,
}

/// An earlier photo that looks alike: all that may be known of a colleague's photo, outlet and day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alike {
    /// The outlet it shows.
    pub outlet_id: OutletId,
    /// That outlet's code.
    pub outlet_code: String,
    /// That outlet's name.
    pub outlet_name: String,
    /// The day it was taken.
    pub taken_on: BusinessDate,
    /// How many of 256 bits differ.
    pub bits: u32,
    /// Whether one had to be turned or mirrored for it.
    pub is_turned: bool,
}

/// Hashes of what a picture shows, by which photos that look alike are found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Print {
    /// The 64-bit hash of the index, in 16 hexadecimal digits.
    pub short: String,
    /// The 256-bit hash (PDQ), in 64 hexadecimal digits.
    pub pdq: String,
    /// How much there is to see, 0 to 100; below 50 the hashes mean nothing.
    pub quality: u8,
}

/// One piece of advice with its figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Remark {
    /// What it is about: `photo_blurred`, `photo_dark`, `photo_glare`, `photo_small`, `photo_tilted`,
    /// `photo_reshot`, `photo_unexamined`.
    pub code: String,
    /// What was measured, in thousandths.
    pub value_milli: i64,
    /// What would be better, in thousandths.
    pub limit_milli: i64,
}

/// What the camera's clock said against trusted time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CameraClock {
    /// What that means: `camera_time_agrees`, `camera_time_other_zone`, `camera_time_older`, `camera_time_ahead`.
    pub code: String,
    /// The camera's clock less trusted time, in milliseconds.
    pub difference_ms: i64,
}

impl Seen {
    /// The same without what is out of shape, so that no phone's word can be larger or stranger than this release writes.
    #[must_use]
    pub fn in_shape(mut self) -> Self {
        self.print = self.print.filter(Print::is_in_shape);
        self.advice.retain(|remark| is_code(&remark.code));
        self.advice.truncate(MOST_REMARKS);
        self.camera_clock = self.camera_clock.filter(|clock| is_code(&clock.code));
        self.alike.retain(|alike| alike.outlet_code.len() <= NAME_BYTES && alike.outlet_name.len() <= NAME_BYTES);
        self.alike.truncate(MOST_ALIKE);
        self
    }
}

impl Print {
    /// Whether both hashes are written as they are to be.
    pub fn is_in_shape(&self) -> bool {
        let is_hex = |text: &str, digits: usize| {
            text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        is_hex(&self.short, 16) && is_hex(&self.pdq, 64) && self.quality <= 100
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= CODE_BYTES && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_shape_in_a_phones_word_is_left_out_and_the_rest_stays() {
        let remark = |code: &str| Remark { code: code.into(), value_milli: 31_500, limit_milli: 45_000 };
        let alike = |name: &str| Alike {
            outlet_id: OutletId(uuid::Uuid::from_u128(102)),
            outlet_code: "S0102".into(),
            outlet_name: name.into(),
            taken_on: BusinessDate::parse("2025-03-10").expect("valid"),
            bits: 9,
            is_turned: false,
        };
        let print = Print { short: "0123456789abcdef".into(), pdq: "0f".repeat(32), quality: 100 };
        let sound = Seen {
            print: Some(print.clone()),
            advice: vec![remark("photo_dark")],
            camera_clock: Some(CameraClock { code: "camera_time_older".into(), difference_ms: -432_000_000 }),
            camera_distance_m: Some(12),
            is_from_gallery: true,
            alike: vec![alike("光谷数码")],
        };
        assert_eq!(sound.clone().in_shape(), sound);

        let mut odd = sound.clone();
        odd.advice = vec![remark("photo_dark"), remark(""), remark("<b>"), remark(&"a".repeat(41))];
        odd.camera_clock = Some(CameraClock { code: "Camera".into(), difference_ms: 0 });
        let kept = odd.in_shape();
        assert_eq!((kept.advice, kept.camera_clock, kept.print), (sound.advice, None, Some(print.clone())));

        for odd in [
            Print { short: "0123456789ABCDEF".into(), ..print.clone() },
            Print { pdq: "0f".repeat(31), ..print.clone() },
            Print { quality: 101, ..print },
        ] {
            assert_eq!(Seen { print: Some(odd), ..Seen::default() }.in_shape(), Seen::default());
        }
        let alike = vec![alike("光谷数码"); 9].into_iter().chain([alike(&"长".repeat(200))]).collect();
        assert_eq!(Seen { alike, ..Seen::default() }.in_shape().alike.len(), MOST_ALIKE);
        let many = Seen { advice: vec![remark("photo_dark"); 99], ..Seen::default() };
        assert_eq!(many.in_shape().advice.len(), MOST_REMARKS);
    }
}
