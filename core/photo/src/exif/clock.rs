//! What a camera's clock says against what is known.
//!
//! A difference is a signal with a name, to be shown and answered; it never decides anything by itself. A camera that
//! names no zone is taken to show the phone's own; when it is off by whole quarters of an hour, the zone is the likelier
//! fault than the clock, and it is said so.

use storewalk_domain::time::Timestamp;

use super::CameraTime;

/// How far a camera's clock may be off without a word, in milliseconds, beside what the truth itself is unsure by.
const TOLERANCE_MS: i64 = 120_000;

/// A quarter of an hour: zones differ by whole ones.
const QUARTER_MS: i64 = 15 * 60_000;

/// The farthest that two zones differ.
const ZONES_MS: i64 = 26 * 3_600_000;

/// What a camera's clock says against what is known. A difference is the camera's clock less the truth: positive when
/// the camera is ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockEvidence {
    /// The file tells no time.
    Silent,
    /// The camera's clock agrees.
    Agrees {
        /// In milliseconds.
        difference_ms: i64,
    },
    /// It agrees when read in another zone than the phone's.
    OtherZone {
        /// In milliseconds, the zones' difference included.
        difference_ms: i64,
    },
    /// The picture is older than it is said to be: taken before, or the camera's clock is behind.
    Older {
        /// In milliseconds; negative.
        difference_ms: i64,
    },
    /// The camera's clock is ahead.
    Ahead {
        /// In milliseconds; positive.
        difference_ms: i64,
    },
}

impl ClockEvidence {
    /// Its name, for ever the same.
    pub fn code(self) -> &'static str {
        match self {
            Self::Silent => "camera_time_silent",
            Self::Agrees { .. } => "camera_time_agrees",
            Self::OtherZone { .. } => "camera_time_other_zone",
            Self::Older { .. } => "camera_time_older",
            Self::Ahead { .. } => "camera_time_ahead",
        }
    }
}

/// Holds a camera's clock against the truth.
///
/// `unsure_ms` is how far the truth itself may be off; `phone_offset_minutes` how far the phone's local time is ahead of
/// UTC, for a camera that names no zone.
pub fn clock_evidence(
    taken: Option<CameraTime>,
    truth: Timestamp,
    unsure_ms: i64,
    phone_offset_minutes: i32,
) -> ClockEvidence {
    let Some(taken) = taken else { return ClockEvidence::Silent };
    let offset = i64::from(taken.offset_minutes.unwrap_or(phone_offset_minutes));
    let difference_ms = taken.local_ms.saturating_sub(offset * 60_000).saturating_sub(truth.0);
    let tolerance = TOLERANCE_MS.saturating_add(unsure_ms.max(0));
    if difference_ms.saturating_abs() <= tolerance {
        return ClockEvidence::Agrees { difference_ms };
    }
    let beside_quarter = difference_ms.rem_euclid(QUARTER_MS);
    let is_near_quarter = beside_quarter.min(QUARTER_MS - beside_quarter) <= tolerance.min(QUARTER_MS / 5);
    if taken.offset_minutes.is_none() && is_near_quarter && difference_ms.saturating_abs() <= ZONES_MS {
        return ClockEvidence::OtherZone { difference_ms };
    }
    if difference_ms < 0 { ClockEvidence::Older { difference_ms } } else { ClockEvidence::Ahead { difference_ms } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(local: &str, offset_minutes: Option<i32>, unsure_ms: i64) -> ClockEvidence {
        let truth = Timestamp::parse("2025-03-15T09:02:00+08:00").expect("valid");
        let local_ms = Timestamp::parse(&format!("{local}Z")).expect("valid").0;
        clock_evidence(Some(CameraTime { local_ms, offset_minutes }), truth, unsure_ms, 480)
    }

    #[test]
    fn a_camera_is_held_against_trusted_time_and_each_difference_has_its_name() {
        assert_eq!(clock_evidence(None, Timestamp(0), 0, 480), ClockEvidence::Silent);
        assert_eq!(seen("2025-03-15T09:03:30", None, 0), ClockEvidence::Agrees { difference_ms: 90_000 });
        assert_eq!(seen("2025-03-15T01:02:00", Some(0), 0), ClockEvidence::Agrees { difference_ms: 0 });
        assert_eq!(seen("2025-03-15T10:02:20", None, 0), ClockEvidence::OtherZone { difference_ms: 3_620_000 });
        // A camera that names its zone has no other.
        assert_eq!(seen("2025-03-15T10:02:00", Some(480), 0), ClockEvidence::Ahead { difference_ms: 3_600_000 });
        assert_eq!(seen("2025-03-10T09:02:00", None, 0), ClockEvidence::Older { difference_ms: -432_000_000 });
        assert_eq!(seen("2025-03-15T09:08:00", None, 0), ClockEvidence::Ahead { difference_ms: 360_000 });
        assert_eq!(seen("2025-03-15T09:08:00", None, 300_000), ClockEvidence::Agrees { difference_ms: 360_000 });
        assert_eq!(seen("2025-03-16T11:02:00", None, 0).code(), "camera_time_other_zone");
        assert_eq!(seen("2025-03-17T11:02:00", None, 0).code(), "camera_time_ahead");
    }

    #[test]
    fn no_time_that_a_file_can_claim_overflows() {
        for local_ms in [i64::MIN, i64::MAX, 0] {
            let taken = Some(CameraTime { local_ms, offset_minutes: Some(-840) });
            for truth in [i64::MIN, i64::MAX, 0] {
                assert_ne!(clock_evidence(taken, Timestamp(truth), i64::MAX, 0), ClockEvidence::Silent);
            }
        }
    }
}
