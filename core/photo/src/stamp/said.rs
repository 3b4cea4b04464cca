//! Time and place as they are stamped, by the phone when the photo is taken and by the server when a copy is handed out.

use storewalk_domain::{
    geo::{Datum, Fix},
    time::{Timestamp, Zone},
    trusted::{Clocks, TrustedSpan},
};

use super::Stamp;

/// A span up to this wide, in milliseconds, is stamped as one instant.
const ONE_INSTANT_MS: i64 = 60_000;

impl Stamp {
    /// When, by trusted time: the instant `at` where it is known to a minute, else what is certain of it.
    pub fn time(at: Timestamp, clocks: Clocks, zone: Zone) -> String {
        match (clocks.span, clocks.span.half_width_ms()) {
            (_, Some(half)) if half <= ONE_INSTANT_MS => at.display_seconds_in(zone),
            (TrustedSpan { earliest: Some(from), latest: Some(to) }, _) => {
                format!("{} … {}", from.display_in(zone), to.display_seconds_in(zone))
            }
            (TrustedSpan { earliest: Some(from), .. }, _) => format!("≥ {}", from.display_seconds_in(zone)),
            // The phone has never met the server: its own clock is all there is.
            _ => format!("? {}", clocks.device_at.display_seconds_in(zone)),
        }
    }

    /// Where: degrees, what they are counted by, and how far they may be off in metres.
    pub fn position(fix: Fix) -> String {
        let datum = match fix.position.datum {
            Datum::Wgs84 => "WGS-84",
            Datum::Gcj02 => "GCJ-02",
        };
        format!("{:.5}, {:.5} ({datum}) ± {:.0} m", fix.position.lat, fix.position.lon, fix.accuracy_m)
    }
}

#[cfg(test)]
mod tests {
    use storewalk_domain::geo::Position;

    use super::*;

    #[test]
    fn a_time_is_an_instant_or_what_is_certain_of_it_and_a_place_says_its_datum() {
        let at = |text: &str| Timestamp::parse(text).expect("valid");
        let (from, to) = (at("2025-03-15T09:02:00+08:00"), at("2025-03-15T11:30:00+08:00"));
        let clocks = |earliest, latest| Clocks { device_at: from, span: TrustedSpan { earliest, latest } };
        let said = |earliest, latest| Stamp::time(from, clocks(earliest, latest), Zone::SHANGHAI);
        assert_eq!(said(Some(from), Some(from)), "2025-03-15 09:02:00 +08:00");
        assert_eq!(said(Some(from), Some(to)), "2025-03-15 09:02 … 2025-03-15 11:30:00 +08:00");
        assert_eq!(said(Some(from), None), "≥ 2025-03-15 09:02:00 +08:00");
        assert_eq!(said(None, Some(to)), "? 2025-03-15 09:02:00 +08:00");
        let position = Position { lat: 31.230_41, lon: 121.473_7, datum: Datum::Gcj02 };
        let fix = Fix { position, accuracy_m: 8.4, is_mock: false };
        assert_eq!(Stamp::position(fix), "31.23041, 121.47370 (GCJ-02) ± 8 m");
    }
}
