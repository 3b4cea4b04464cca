//! Instants, calendar dates, and what a phone can honestly say about when something happened.
//!
//! **Invariants.** An instant is UTC milliseconds. A calendar date belongs to the zone of the outlet, never to the
//! phone. A phone's clock is evidence, not truth: a wrong clock changes what is shown beside a record, never whether
//! the record is accepted.

use chrono::{DateTime, Datelike, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads RFC 3339 text such as `2025-03-14T22:40:00+08:00`.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|moment| Self(moment.timestamp_millis()))
    }

    /// This instant and `ms` milliseconds; stays at the limit instead of wrapping.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when it is later.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar date of this instant in a zone. Instants outside chrono's range are read as the epoch.
    pub fn date_in(self, zone: Zone) -> BusinessDate {
        BusinessDate(self.local(zone).date_naive())
    }

    /// `YYYY-MM-DD HH:MM` in a zone, for people.
    pub fn display_in(self, zone: Zone) -> String {
        self.local(zone).format("%Y-%m-%d %H:%M").to_string()
    }

    fn local(self, zone: Zone) -> DateTime<Tz> {
        let utc = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or(DateTime::UNIX_EPOCH);
        utc.with_timezone(&zone.0)
    }
}

/// One day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// One hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;

/// An IANA time zone, such as `Asia/Shanghai`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(pub Tz);

impl Zone {
    /// China's one zone.
    pub const SHANGHAI: Self = Self(Tz::Asia__Shanghai);

    /// The zone of an IANA name.
    pub fn from_name(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }
}

/// A calendar date of the field (`YYYY-MM-DD`), in the zone of the outlet it speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BusinessDate(pub NaiveDate);

impl BusinessDate {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self)
    }

    /// The date `days` later (earlier when negative); stays at the calendar's limit.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let limit = if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
        Self(Duration::try_days(days).and_then(|span| self.0.checked_add_signed(span)).unwrap_or(limit))
    }

    /// Days from `earlier` to this date.
    pub fn days_since(self, earlier: Self) -> i64 {
        i64::from(self.0.num_days_from_ce()) - i64::from(earlier.0.num_days_from_ce())
    }

    /// The first instant of this date in a zone.
    pub fn start_in(self, zone: Zone) -> Timestamp {
        let midnight = self.0.and_hms_opt(0, 0, 0).unwrap_or_default();
        // A zone may skip midnight (daylight saving); the first instant that exists is an hour later.
        let local = zone.0.from_local_datetime(&midnight).earliest();
        let local = local.or_else(|| zone.0.from_local_datetime(&(midnight + Duration::hours(1))).earliest());
        Timestamp(local.map_or_else(|| midnight.and_utc().timestamp_millis(), |moment| moment.timestamp_millis()))
    }
}

impl std::fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// The clocks of a host. Production reads the system's; tests, the demo and the simulator inject their own.
pub trait Clock: Send + Sync {
    /// The wall clock, as wrong as the user set it.
    fn now(&self) -> Timestamp;

    /// Milliseconds on a clock that never jumps within one boot.
    fn monotonic_ms(&self) -> i64;

    /// Names the boot that `monotonic_ms` counts from.
    fn boot_id(&self) -> String;
}

/// The server's time, met at a known point of the phone's monotonic clock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ServerAnchor {
    /// What the server said.
    pub server_at: Timestamp,
    /// The phone's monotonic clock when it heard it.
    pub monotonic_ms: i64,
    /// The boot that clock belongs to.
    pub boot_id: String,
}

/// When something was captured, as far as the phone can tell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CaptureTime {
    /// The phone's wall clock.
    pub device_at: Timestamp,
    /// The phone's monotonic clock.
    pub monotonic_ms: i64,
    /// The boot that clock belongs to.
    pub boot_id: String,
    /// The last time the phone met the server; `None` before the first sign-in.
    pub anchor: Option<ServerAnchor>,
}

impl CaptureTime {
    /// The best estimate of when it really was: the last server time plus what the monotonic clock counted since, or
    /// the device's clock when the phone has no anchor of this boot.
    pub fn trusted(&self) -> Timestamp {
        match &self.anchor {
            Some(anchor) if anchor.boot_id == self.boot_id => {
                anchor.server_at.plus_ms(self.monotonic_ms.saturating_sub(anchor.monotonic_ms))
            }
            Some(_) | None => self.device_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(device_at: &str, boot_id: &str) -> CaptureTime {
        let anchor = ServerAnchor {
            server_at: Timestamp::parse("2025-03-15T08:00:00+08:00").expect("valid"),
            monotonic_ms: 1_000,
            boot_id: "boot-1".into(),
        };
        CaptureTime {
            device_at: Timestamp::parse(device_at).expect("valid"),
            monotonic_ms: 1_000 + 62 * 60_000,
            boot_id: boot_id.into(),
            anchor: Some(anchor),
        }
    }

    #[test]
    fn a_phone_26_hours_fast_still_knows_the_time_since_it_met_the_server() {
        let seen = captured("2025-03-16T11:02:00+08:00", "boot-1");
        assert_eq!(seen.trusted(), Timestamp::parse("2025-03-15T09:02:00+08:00").expect("valid"));
    }

    #[test]
    fn after_a_reboot_only_the_device_clock_is_left() {
        let seen = captured("2025-03-16T11:02:00+08:00", "boot-2");
        assert_eq!(seen.trusted(), seen.device_at);
    }

    #[test]
    fn a_date_belongs_to_the_outlets_zone() {
        let late = Timestamp::parse("2025-03-14T23:30:00+08:00").expect("valid");
        assert_eq!(late.date_in(Zone::SHANGHAI), BusinessDate::parse("2025-03-14").expect("valid"));
        assert_eq!(late.date_in(Zone(Tz::UTC)), BusinessDate::parse("2025-03-14").expect("valid"));
        assert_eq!(late.date_in(Zone(Tz::Pacific__Auckland)), BusinessDate::parse("2025-03-15").expect("valid"));
    }

    #[test]
    fn a_day_that_skips_midnight_starts_an_hour_later() {
        let zone = Zone::from_name("America/Asuncion").expect("known zone");
        let day = BusinessDate::parse("2020-10-04").expect("valid");
        assert_eq!(day.start_in(zone).display_in(zone), "2020-10-04 01:00");
    }
}
