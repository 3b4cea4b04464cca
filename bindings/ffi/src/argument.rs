//! What came from outside, checked before anything is done: ids, dates, exact numbers, places. A fault names the argument.

use std::path::PathBuf;

use rust_decimal::Decimal;
use storewalk_domain::{geo::Fix, photo::Pin, time::BusinessDate};

use crate::CoreError;

/// An id of any kind, written as a UUID.
pub(crate) fn id<T: std::str::FromStr>(text: &str, at: &str) -> Result<T, CoreError> {
    text.parse().map_err(|_| CoreError::argument(at))
}

/// The same where there may be none.
pub(crate) fn maybe_id<T: std::str::FromStr>(text: Option<&str>, at: &str) -> Result<Option<T>, CoreError> {
    text.map(|text| id(text, at)).transpose()
}

/// A path; whether there is anything is for whoever opens it to say.
pub(crate) fn path(text: String, at: &str) -> Result<PathBuf, CoreError> {
    if text.is_empty() || text.contains('\0') { Err(CoreError::argument(at)) } else { Ok(PathBuf::from(text)) }
}

/// A date as `YYYY-MM-DD`.
pub(crate) fn date(text: &str, at: &str) -> Result<BusinessDate, CoreError> {
    BusinessDate::parse(text).ok_or_else(|| CoreError::argument(at))
}

/// An exact number such as `949.00`.
pub(crate) fn decimal(text: &str, at: &str) -> Result<Decimal, CoreError> {
    Decimal::from_str_exact(text.trim()).map_err(|_| CoreError::argument(at))
}

/// A satellite fix: a place on earth, with an accuracy that is a number.
pub(crate) fn fix(fix: Option<Fix>) -> Result<Option<Fix>, CoreError> {
    match fix {
        Some(fix) if !fix.position.is_on_earth() || !fix.accuracy_m.is_finite() => Err(CoreError::argument("fix")),
        other => Ok(other),
    }
}

/// How far a phone was from level, in degrees.
pub(crate) fn tilt(tilt: Option<f32>) -> Result<Option<f32>, CoreError> {
    match tilt {
        Some(degrees) if !(-180.0..=180.0).contains(&degrees) => Err(CoreError::argument("tilt")),
        other => Ok(other),
    }
}

/// A point on a picture.
pub(crate) fn pin(pin: Option<Pin>) -> Result<Option<Pin>, CoreError> {
    match pin {
        Some(Pin { x, y }) if !((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y)) => {
            Err(CoreError::argument("pin"))
        }
        other => Ok(other),
    }
}
