//! Conversions between the kinds of numbers pictures are made of, each said once with its reason.

/// A small whole number as a fraction.
#[expect(clippy::cast_precision_loss, reason = "coefficients and levels have far fewer than 24 bits")]
#[inline]
pub(crate) fn real32(number: i32) -> f32 {
    number as f32
}

/// A length or count as a fraction.
#[expect(clippy::cast_precision_loss, reason = "lengths and counts of pixels have far fewer than 53 bits")]
#[inline]
pub(crate) fn real(number: usize) -> f64 {
    number as f64
}

/// The same, coarser.
#[expect(clippy::cast_possible_truncation, reason = "a figure for people and thresholds")]
#[inline]
pub(crate) fn coarse(number: f64) -> f32 {
    number as f32
}

/// The nearest whole number from 0 up; 0 for what is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a fraction stays in range")]
#[inline]
pub(crate) fn whole(number: f64) -> usize {
    number.round() as usize
}

/// The nearest level of brightness.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a fraction stays in range")]
#[inline]
pub(crate) fn level(number: f32) -> u8 {
    number.round() as u8
}

/// A number of at most 32 bits, as a place in a table.
#[expect(clippy::cast_possible_truncation, reason = "the caller has taken all but 32 bits away")]
#[inline]
pub(crate) fn small(number: u64) -> usize {
    number as usize
}

/// A number of at most 15 bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "the caller has taken no more bits")]
#[inline]
pub(crate) fn level16(number: usize) -> i16 {
    number as i16
}

/// A share as a weight of 14 bits behind the point.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a fraction stays in range")]
#[inline]
pub(crate) fn weight(number: f64) -> i16 {
    number.round() as i16
}

/// The upper half of a product of two numbers of 16 bits.
#[inline]
pub(crate) fn upper_half(product: i32) -> i16 {
    (product >> 16) as i16
}

/// The nearest whole number, which is one of 16 bits: beside a number so large that they are its lowest.
#[expect(clippy::cast_possible_truncation, reason = "the lowest bits are what is wanted")]
#[inline]
pub(crate) fn nearest(number: f32) -> i16 {
    ((number + 12_582_912.0).to_bits() as u16).cast_signed()
}

/// The lowest byte.
#[inline]
pub(crate) fn low_byte(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

/// The lower 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
#[inline]
pub(crate) fn low_half(number: u64) -> u32 {
    number as u32
}

/// A sum of 32nds of a level as the level.
#[expect(clippy::cast_sign_loss, reason = "clamped to a level")]
#[inline]
pub(crate) fn shifted(sum: i16) -> u8 {
    (sum >> 5).clamp(0, 255) as u8
}

/// A length as image libraries take it; no picture here is that long.
#[inline]
pub(crate) fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
