//! Between which instants something was captured, whatever the phone's clock says.
//!
//! **Rule.** With a meeting of this boot the phone counts on from the server's time by a clock that never jumps: an
//! estimate with an allowance on both sides. After a reboot without network only two bounds are left: nothing happens
//! before the last instant the phone was sure of, and nothing after it reached the server. The phone leaves the later
//! bound open; the server closes it on arrival.
//!
//! **Invariants.** The best estimate lies inside the span. A span never turns a record away: one that contradicts
//! itself (a server whose own clock was set back) shrinks to the arrival.
//!
//! **Limit.** What a changed app claims about its monotonic clock is believed, as is what it claims about the shelf.

use serde::{Deserialize, Serialize};

use crate::time::{CaptureTime, Timestamp};

/// Half the width of a span that begins now, in milliseconds: how long the server's word may have been on its way.
pub const MEETING_ALLOWANCE_MS: i64 = 1_000;

/// How far a clock may drift, in parts per million: the frequency tolerance PHI of NTP (RFC 5905, section 7.2).
pub const DRIFT_PPM: i64 = 15;

/// How far a phone's clock may be off before its owner is asked to set it: below this, no date, list or deadline that
/// a person sees would be another.
pub const CLOCK_WARNING_MS: i64 = 5 * 60_000;

/// Between which instants something was captured, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TrustedSpan {
    /// Not before this; `None` on a phone that had never met the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Timestamp>,
    /// Not after this; `None` while only the phone knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Timestamp>,
}

impl TrustedSpan {
    /// The span of a single instant: what the server's own clock says.
    pub fn at(instant: Timestamp) -> Self {
        Self { earliest: Some(instant), latest: Some(instant) }
    }

    /// The span with the later bound closed by an arrival: nothing is captured after it has arrived.
    #[must_use]
    pub fn closed_by(self, arrived_at: Timestamp) -> Self {
        Self {
            earliest: self.earliest.map(|earliest| earliest.min(arrived_at)),
            latest: Some(self.latest.map_or(arrived_at, |latest| latest.min(arrived_at))),
        }
    }

    /// The instant of the span that is nearest to another.
    pub fn nearest(self, instant: Timestamp) -> Timestamp {
        let raised = self.earliest.map_or(instant, |earliest| instant.max(earliest));
        self.latest.map_or(raised, |latest| raised.min(latest))
    }

    /// Half the width of the span in milliseconds, rounded up; `None` while a bound is open.
    pub fn half_width_ms(self) -> Option<i64> {
        let width = self.latest?.since_ms(self.earliest?).max(0);
        Some(width / 2 + width % 2)
    }
}

/// What a device's clock said and what is known instead, kept with a record so that both can be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Clocks {
    /// What the device's clock said.
    pub device_at: Timestamp,
    /// Between which instants it really was.
    pub span: TrustedSpan,
}

impl CaptureTime {
    /// Between which instants it was captured, as far as the phone knows.
    pub fn span(&self) -> TrustedSpan {
        match self.counted() {
            Some((estimate, elapsed_ms)) => {
                let half = MEETING_ALLOWANCE_MS
                    .saturating_add(elapsed_ms.max(0) / 1_000_000 * DRIFT_PPM)
                    .saturating_add(elapsed_ms.max(0) % 1_000_000 * DRIFT_PPM / 1_000_000);
                TrustedSpan { earliest: Some(estimate.plus_ms(-half)), latest: Some(estimate.plus_ms(half)) }
            }
            None => TrustedSpan {
                earliest: self.not_before.max(self.anchor.as_ref().map(|anchor| anchor.server_at)),
                latest: None,
            },
        }
    }

    /// The same once it has arrived at the server.
    pub fn span_on_arrival(&self, arrived_at: Timestamp) -> TrustedSpan {
        self.span().closed_by(arrived_at)
    }

    /// The best estimate of when it really was, as far as the phone knows: the last server time plus what the
    /// monotonic clock counted since; without a meeting of this boot the device's clock, moved into what is possible.
    pub fn trusted(&self) -> Timestamp {
        self.counted().map_or_else(|| self.span().nearest(self.device_at), |(estimate, _)| estimate)
    }

    /// The best estimate once it has arrived at the server.
    pub fn trusted_on_arrival(&self, arrived_at: Timestamp) -> Timestamp {
        self.span_on_arrival(arrived_at).nearest(self.trusted())
    }

    /// The instant the phone is sure of, to be remembered across a reboot; `None` without a meeting of this boot.
    pub fn certain(&self) -> Option<Timestamp> {
        self.counted().map(|(estimate, _)| estimate)
    }

    /// How far the device's clock is ahead, in milliseconds (negative: behind); `None` when the phone cannot tell.
    pub fn skew_ms(&self) -> Option<i64> {
        let earliest = || self.span().earliest.filter(|earliest| self.device_at < *earliest);
        // Without a meeting of this boot one thing is still certain: a clock before the last sure instant is behind.
        self.certain().or_else(earliest).map(|truth| self.device_at.since_ms(truth))
    }

    /// The estimate and the milliseconds counted for it, when the phone met the server in this boot.
    fn counted(&self) -> Option<(Timestamp, i64)> {
        let anchor = self.anchor.as_ref().filter(|anchor| anchor.boot_id == self.boot_id)?;
        let elapsed = self.monotonic_ms.saturating_sub(anchor.monotonic_ms);
        Some((anchor.server_at.plus_ms(elapsed), elapsed))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{HOUR_MS, ServerAnchor};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2025-03-{text}+08:00")).expect("valid")
    }

    /// The phone of D10: 26 hours fast; it met the server at 08:00 and shows 11:02 of the next day.
    fn fast(boot_id: &str) -> CaptureTime {
        CaptureTime {
            device_at: at("16T11:02:00"),
            monotonic_ms: 62 * 60_000,
            boot_id: boot_id.into(),
            anchor: Some(ServerAnchor { server_at: at("15T08:00:00"), monotonic_ms: 0, boot_id: "first".into() }),
            not_before: None,
        }
    }

    #[test]
    fn a_phone_26_hours_fast_knows_it_is_0902_give_or_take_a_second() {
        let seen = fast("first");
        assert_eq!((seen.trusted(), seen.device_at), (at("15T09:02:00"), at("16T11:02:00")));
        // A second for the meeting, and 15 millionths of 62 minutes.
        assert_eq!(seen.span().half_width_ms(), Some(1_055));
        assert_eq!(seen.skew_ms(), Some(26 * HOUR_MS));
        assert_eq!(seen.trusted_on_arrival(at("15T18:00:00")), at("15T09:02:00"));
    }

    #[test]
    fn after_a_reboot_without_network_it_was_between_0902_and_the_sync() {
        let seen = CaptureTime { not_before: Some(at("15T09:02:00")), ..fast("second") };
        assert_eq!(seen.span(), TrustedSpan { earliest: Some(at("15T09:02:00")), latest: None });
        let sync = at("15T18:00:00");
        assert_eq!(seen.span_on_arrival(sync), TrustedSpan { earliest: Some(at("15T09:02:00")), latest: Some(sync) });
        // The device's clock, 26 hours fast, is moved into the span.
        assert_eq!(seen.trusted_on_arrival(sync), sync);
        let slow = CaptureTime { device_at: at("01T00:00:00"), ..seen };
        assert_eq!((slow.trusted(), slow.trusted_on_arrival(sync)), (at("15T09:02:00"), at("15T09:02:00")));
        let right = CaptureTime { device_at: at("15T11:30:00"), ..slow };
        assert_eq!(right.trusted_on_arrival(sync), at("15T11:30:00"));
    }

    #[test]
    fn a_reboot_without_a_remembered_instant_falls_back_on_the_last_meeting() {
        assert_eq!(fast("second").span().earliest, Some(at("15T08:00:00")));
    }

    #[test]
    fn a_phone_that_never_met_the_server_has_its_own_clock_until_it_arrives() {
        let seen = CaptureTime { anchor: None, ..fast("first") };
        assert_eq!((seen.span(), seen.trusted()), (TrustedSpan::default(), seen.device_at));
        assert_eq!(seen.trusted_on_arrival(at("15T10:00:00")), at("15T10:00:00"));
        assert_eq!(seen.skew_ms(), None);
    }

    #[test]
    fn a_clock_before_the_last_sure_instant_is_behind_even_after_a_reboot() {
        let seen = CaptureTime { device_at: at("15T07:00:00"), not_before: Some(at("15T09:00:00")), ..fast("second") };
        assert_eq!(seen.skew_ms(), Some(-2 * HOUR_MS));
    }

    proptest! {
        #[test]
        fn the_estimate_lies_in_the_span_whatever_a_phone_claims(
            device in any::<i64>(),
            monotonic in any::<i64>(),
            anchor in proptest::option::of((any::<i64>(), any::<i64>(), any::<bool>())),
            not_before in proptest::option::of(any::<i64>()),
            arrived in 0_i64..4_102_444_800_000,
        ) {
            let seen = CaptureTime {
                device_at: Timestamp(device),
                monotonic_ms: monotonic,
                boot_id: "now".into(),
                anchor: anchor.map(|(server, monotonic_ms, same)| ServerAnchor {
                    server_at: Timestamp(server),
                    monotonic_ms,
                    boot_id: if same { "now".into() } else { "before".into() },
                }),
                not_before: not_before.map(Timestamp),
            };
            let arrived = Timestamp(arrived);
            let (span, best) = (seen.span_on_arrival(arrived), seen.trusted_on_arrival(arrived));
            prop_assert!(best <= arrived && span.latest.is_some_and(|latest| best <= latest));
            prop_assert!(span.earliest.is_none_or(|earliest| earliest <= best));
        }
    }
}
