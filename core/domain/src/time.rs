//! Instants, calendar dates, and what a phone can honestly say about when something happened.
//!
//! **Invariants.** An instant is UTC milliseconds. A calendar date is one of the years 1 to 9999, so that its text always
//! sorts by time; it belongs to the zone of the outlet, never to the phone. A phone's clock is evidence, not truth: a wrong clock changes what is shown beside a record, never whether
//! the record is accepted.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

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

    /// The calendar date of this instant in a zone. An instant outside the years 1 to 9999 is read as the epoch.
    pub fn date_in(self, zone: Zone) -> BusinessDate {
        BusinessDate(self.local(zone).date_naive())
    }

    /// `YYYY-MM-DD HH:MM` in a zone, for people.
    pub fn display_in(self, zone: Zone) -> String {
        self.local(zone).format("%Y-%m-%d %H:%M").to_string()
    }

    /// `YYYY-MM-DD HH:MM:SS ±HH:MM` in a zone, for where it is read without knowing the zone.
    pub fn display_seconds_in(self, zone: Zone) -> String {
        self.local(zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    /// How far a zone's local time is ahead of UTC at this instant, in minutes.
    pub fn offset_minutes_in(self, zone: Zone) -> i32 {
        self.local(zone).offset().fix().local_minus_utc() / 60
    }

    fn local(self, zone: Zone) -> DateTime<Tz> {
        // A day at either end is left out, so that no zone's offset leads beyond.
        let is_in_calendar = |moment: &DateTime<Utc>| {
            let date = moment.date_naive();
            FIRST_DATE < date && date < LAST_DATE
        };
        let utc = DateTime::<Utc>::from_timestamp_millis(self.0).filter(is_in_calendar);
        utc.unwrap_or(DateTime::UNIX_EPOCH).with_timezone(&zone.0)
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

const FIRST_DATE: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("a date of the calendar");

const LAST_DATE: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a date of the calendar");

/// A calendar date of the field (`YYYY-MM-DD`), in the zone of the outlet it speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct BusinessDate(pub NaiveDate);

impl<'de> Deserialize<'de> for BusinessDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected a date as YYYY-MM-DD, of the years 0001 to 9999"))
    }
}

impl BusinessDate {
    /// Reads `YYYY-MM-DD`, with all its digits and of the years 0001 to 9999; nothing else, so that a year of two
    /// digits is never taken for one of the first century.
    pub fn parse(text: &str) -> Option<Self> {
        let has_shape = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| *date >= FIRST_DATE);
        date.filter(|_| has_shape).map(Self)
    }

    /// The date `days` later (earlier when negative); stays at the calendar's limit.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let limit = if days < 0 { FIRST_DATE } else { LAST_DATE };
        let date = Duration::try_days(days).and_then(|span| self.0.checked_add_signed(span));
        Self(date.unwrap_or(limit).clamp(FIRST_DATE, LAST_DATE))
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
    /// The latest instant the phone was sure of, remembered across reboots; told when `anchor` is of another boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_date_belongs_to_the_outlets_zone() {
        let late = Timestamp::parse("2025-03-14T23:30:00+08:00").expect("valid");
        assert_eq!(late.date_in(Zone::SHANGHAI), BusinessDate::parse("2025-03-14").expect("valid"));
        assert_eq!(late.date_in(Zone(Tz::UTC)), BusinessDate::parse("2025-03-14").expect("valid"));
        assert_eq!(late.date_in(Zone(Tz::Pacific__Auckland)), BusinessDate::parse("2025-03-15").expect("valid"));
    }

    #[rstest]
    #[case(i64::MIN)]
    #[case(-8_334_601_228_800_000)]
    #[case(-62_135_596_800_000)]
    #[case(253_402_300_799_999)]
    #[case(8_210_266_876_799_999)]
    #[case(i64::MAX)]
    fn a_clock_at_the_end_of_time_still_has_a_date(#[case] ms: i64) {
        for zone in [Tz::Asia__Shanghai, Tz::America__New_York, Tz::Pacific__Kiritimati] {
            let date = Timestamp(ms).date_in(Zone(zone));
            assert_eq!(date, Timestamp(0).date_in(Zone(zone)));
            assert_eq!(Timestamp(ms).display_in(Zone(zone)), Timestamp(0).display_in(Zone(zone)));
        }
    }

    #[rstest]
    #[case(i64::MAX, "9999-12-31")]
    #[case(4_294_967_295, "9999-12-31")]
    #[case(i64::MIN, "0001-01-01")]
    fn a_date_stays_within_its_calendar(#[case] days: i64, #[case] expected: &str) {
        let far = BusinessDate::parse("2025-03-14").expect("valid").plus_days(days);
        assert_eq!(far.to_string(), expected);
        let text = serde_json::to_value(far).expect("a string");
        assert_eq!(serde_json::from_value::<BusinessDate>(text).expect("the same date"), far);
        let _ = (far.start_in(Zone::SHANGHAI), far.start_in(Zone(Tz::America__New_York)));
    }

    #[rstest]
    #[case("25-03-14")]
    #[case("2025-3-14")]
    #[case("+2025-03-14")]
    #[case("+262142-12-31")]
    #[case("0000-01-01")]
    #[case("-001-01-01")]
    #[case(" 2025-3-14")]
    #[case("2025-02-29")]
    #[case("２０２５-03")]
    #[case("")]
    fn what_is_not_wholly_a_date_is_none(#[case] text: &str) {
        assert_eq!(BusinessDate::parse(text), None);
        assert!(serde_json::from_value::<BusinessDate>(text.into()).is_err());
    }

    #[test]
    fn a_day_that_skips_midnight_starts_an_hour_later() {
        let zone = Zone::from_name("America/Asuncion").expect("known zone");
        let day = BusinessDate::parse("2020-10-04").expect("valid");
        assert_eq!(day.start_in(zone).display_in(zone), "2020-10-04 01:00");
    }
}
