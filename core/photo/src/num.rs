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

/// A length as image libraries take it; no picture here is that long.
#[inline]
pub(crate) fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
