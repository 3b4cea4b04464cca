//! Where something is, and how far from where it should be.
//!
//! A position keeps the datum it was measured in. Positions are compared in one datum only: WGS-84 is converted
//! forward to GCJ-02 when an outlet's point is tagged so, never backward.

use serde::{Deserialize, Serialize};

/// The geodetic datum of a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
pub enum Datum {
    /// World Geodetic System 1984: what satellites give.
    #[serde(rename = "WGS-84")]
    Wgs84,
    /// The Chinese map datum, offset by some hundred metres.
    #[serde(rename = "GCJ-02")]
    Gcj02,
}

/// A point with the datum it was measured in.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct Position {
    /// Degrees north, −90 to 90.
    pub lat: f64,
    /// Degrees east, −180 to 180.
    pub lon: f64,
    /// The datum.
    pub datum: Datum,
}

impl Position {
    /// Whether it is a place on earth; a coordinate that is not a number is none.
    pub fn is_on_earth(self) -> bool {
        (-90.0..=90.0).contains(&self.lat) && (-180.0..=180.0).contains(&self.lon)
    }
}

/// A satellite fix as the phone reports it.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct Fix {
    /// Where.
    pub position: Position,
    /// Radius of 68 % confidence in metres, as the platform states it.
    pub accuracy_m: f64,
    /// Whether the platform says the position was injected.
    #[serde(default)]
    pub is_mock: bool,
}

/// What a fix says about being at the outlet. It informs; it never blocks work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum FenceVerdict {
    /// Inside the fence.
    Verified,
    /// Outside the fence by more than the fix's own uncertainty.
    OffSite,
    /// No usable fix, a mock position, or an outlet without a position.
    Unverified,
}

/// Mean earth radius in metres (IUGG, R1 = 6,371,008.8).
const MEAN_EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Great-circle distance in metres by the haversine formula.
pub fn distance_m(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.lon - a.lon).to_radians() / 2.0).sin();
    let h = half_lat.mul_add(half_lat, lat_a.cos() * lat_b.cos() * half_lon * half_lon);
    2.0 * MEAN_EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// How far a fix is from the outlet, in metres, in the outlet's datum. `None` when the datums cannot be compared
/// (a GCJ-02 fix against a WGS-84 outlet: the reverse transform is not done) or one of them is no place on earth.
pub fn distance_from(outlet: Position, fix: Position) -> Option<f64> {
    if !outlet.is_on_earth() || !fix.is_on_earth() {
        return None;
    }
    let fix = match (outlet.datum, fix.datum) {
        (Datum::Gcj02, Datum::Wgs84) => to_gcj02(fix),
        (Datum::Wgs84, Datum::Gcj02) => return None,
        (Datum::Wgs84, Datum::Wgs84) | (Datum::Gcj02, Datum::Gcj02) => fix,
    };
    Some(distance_m(outlet, fix))
}

/// What a fix says about standing inside a fence of `fence_m` metres around the outlet.
pub fn fence_verdict(outlet: Option<Position>, fence_m: u32, fix: Option<Fix>) -> FenceVerdict {
    let (Some(outlet), Some(fix)) = (outlet, fix) else {
        return FenceVerdict::Unverified;
    };
    let Some(distance) = distance_from(outlet, fix.position) else {
        return FenceVerdict::Unverified;
    };
    let accuracy = fix.accuracy_m;
    if fix.is_mock || !accuracy.is_finite() || accuracy <= 0.0 {
        return FenceVerdict::Unverified;
    }
    let fence = f64::from(fence_m);
    if distance <= fence {
        FenceVerdict::Verified
    } else if distance - accuracy > fence {
        FenceVerdict::OffSite
    } else {
        FenceVerdict::Unverified
    }
}

/// WGS-84 to GCJ-02, the published approximation on the Krasovsky 1940 ellipsoid (a = 6,378,245 m,
/// e² = 0.00669342162296594323). Points outside China's bounding box are returned as they are, tagged GCJ-02.
fn to_gcj02(point: Position) -> Position {
    use std::f64::consts::PI;
    const AXIS_M: f64 = 6_378_245.0;
    const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
    let gcj = |lat: f64, lon: f64| Position { lat, lon, datum: Datum::Gcj02 };
    let is_in_china = (0.829_3..=55.827_1).contains(&point.lat) && (72.004..=137.834_7).contains(&point.lon);
    if !is_in_china {
        return gcj(point.lat, point.lon);
    }
    let (x, y) = (point.lon - 105.0, point.lat - 35.0);
    let wave = |value: f64, weights: [(f64, f64); 2]| -> f64 {
        weights.iter().map(|(weight, period)| weight * (value * PI / period).sin()).sum::<f64>() * 2.0 / 3.0
    };
    let ripple = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let root = x.abs().sqrt();
    let shift_lat = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple
        + wave(y, [(20.0, 1.0), (40.0, 3.0)])
        + wave(y, [(160.0, 12.0), (320.0, 30.0)]);
    let shift_lon = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple
        + wave(x, [(20.0, 1.0), (40.0, 3.0)])
        + wave(x, [(150.0, 12.0), (300.0, 30.0)]);
    let lat_radians = point.lat.to_radians();
    let curvature = 1.0 - ECCENTRICITY_SQUARED * lat_radians.sin().powi(2);
    let per_degree_lat = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (curvature * curvature.sqrt()) * PI / 180.0;
    let per_degree_lon = AXIS_M / curvature.sqrt() * lat_radians.cos() * PI / 180.0;
    gcj(point.lat + shift_lat / per_degree_lat, point.lon + shift_lon / per_degree_lon)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XINGFU_ROAD: Position = Position { lat: 30.521_78, lon: 114.351_93, datum: Datum::Wgs84 };

    fn north_of(metres: f64) -> Fix {
        let lat = XINGFU_ROAD.lat + metres / MEAN_EARTH_RADIUS_M * 180.0 / std::f64::consts::PI;
        Fix { position: Position { lat, ..XINGFU_ROAD }, accuracy_m: 10.0, is_mock: false }
    }

    #[test]
    fn a_fix_38_metres_away_is_verified() {
        let fix = north_of(38.0);
        let distance = distance_from(XINGFU_ROAD, fix.position).expect("same datum");
        assert!((distance - 38.0).abs() < 0.01, "{distance}");
        assert_eq!(fence_verdict(Some(XINGFU_ROAD), 150, Some(fix)), FenceVerdict::Verified);
    }

    #[test]
    fn a_fix_beyond_doubt_outside_is_off_site_and_a_near_miss_is_only_unverified() {
        assert_eq!(fence_verdict(Some(XINGFU_ROAD), 150, Some(north_of(400.0))), FenceVerdict::OffSite);
        assert_eq!(fence_verdict(Some(XINGFU_ROAD), 150, Some(north_of(155.0))), FenceVerdict::Unverified);
    }

    #[test]
    fn no_fix_a_mock_fix_and_a_fix_without_accuracy_are_unverified() {
        let mock = Fix { is_mock: true, ..north_of(1.0) };
        let vague = Fix { accuracy_m: 0.0, ..north_of(1.0) };
        for fix in [None, Some(mock), Some(vague)] {
            assert_eq!(fence_verdict(Some(XINGFU_ROAD), 150, fix), FenceVerdict::Unverified);
        }
    }

    #[test]
    fn no_distance_is_said_to_or_from_a_place_that_is_none() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 90.1, -1e300] {
            let nowhere = Position { lat: odd, ..XINGFU_ROAD };
            assert_eq!(distance_from(nowhere, XINGFU_ROAD), None);
            assert_eq!(distance_from(XINGFU_ROAD, nowhere), None);
            assert_eq!(fence_verdict(Some(nowhere), 150, Some(north_of(1.0))), FenceVerdict::Unverified);
        }
    }

    #[test]
    fn opposite_ends_of_the_earth_are_half_its_circumference_apart() {
        let pole = |lat: f64| Position { lat, lon: 0.0, datum: Datum::Wgs84 };
        let distance = distance_from(pole(90.0), pole(-90.0)).expect("on earth");
        assert!((distance - MEAN_EARTH_RADIUS_M * std::f64::consts::PI).abs() < 1.0, "{distance}");
    }

    #[test]
    fn the_chinese_datum_is_compared_forward_and_never_backward() {
        let shifted = to_gcj02(XINGFU_ROAD);
        let shift = distance_m(XINGFU_ROAD, Position { datum: Datum::Wgs84, ..shifted });
        assert!((300.0..900.0).contains(&shift), "shift of {shift} m");
        let same_place = distance_from(shifted, XINGFU_ROAD).expect("forward");
        assert!(same_place < 0.001, "{same_place}");
        assert_eq!(distance_from(XINGFU_ROAD, shifted), None);
    }
}
