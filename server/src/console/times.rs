//! Both times of a record: what is known, and what the device's clock said.

use storewalk_domain::{
    time::Timestamp,
    trusted::{CLOCK_WARNING_MS, TrustedSpan},
};

use super::{format, frame::Frame};

/// Widest half of a span that is shown as "give or take", in milliseconds; a wider one is shown by its ends.
const GIVE_OR_TAKE_MS: i64 = 60_000;

/// The trusted time of a record with how sure it is, such as `2025-03-15 09:02 ± 1 s`.
pub(super) fn trusted(at: Timestamp, span: Option<TrustedSpan>, f: &Frame) -> String {
    let at = format::moment(at, f.zone);
    let Some(span) = span else { return at };
    match (span.half_width_ms(), span.earliest, span.latest) {
        // What the server's own clock says needs no allowance.
        (Some(0), _, _) => at,
        (Some(half), _, _) if half <= GIVE_OR_TAKE_MS => {
            let seconds = ((half + 500) / 1_000).max(1).to_string();
            f.words.fill("times.give_or_take", &[("at", &at), ("seconds", &seconds)])
        }
        (Some(_), Some(from), Some(until)) => {
            let (from, until) = (format::moment(from, f.zone), format::moment(until, f.zone));
            f.words.fill("times.between", &[("at", &at), ("from", &from), ("until", &until)])
        }
        (_, _, Some(until)) => f.words.fill("times.until", &[("at", &at), ("until", &format::moment(until, f.zone))]),
        _ => at,
    }
}

/// What the device's clock said, and that it was off where a person would have set it.
pub(super) fn device(at: Timestamp, device_at: Timestamp, f: &Frame) -> String {
    off(at, device_at, f).unwrap_or_else(|| format::moment(device_at, f.zone))
}

/// The same as part of a sentence.
pub(super) fn device_phrase(at: Timestamp, device_at: Timestamp, f: &Frame) -> String {
    let shown = || f.words.fill("times.phone_clock", &[("shown", &format::moment(device_at, f.zone))]);
    off(at, device_at, f).unwrap_or_else(shown)
}

fn off(at: Timestamp, device_at: Timestamp, f: &Frame) -> Option<String> {
    let is_off = device_at.since_ms(at).saturating_abs() >= CLOCK_WARNING_MS;
    is_off.then(|| f.words.fill("visit.clock_off", &[("shown", &format::moment(device_at, f.zone))]))
}
