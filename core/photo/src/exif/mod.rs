//! What a camera wrote beside the picture: how it was held, when, where, and with what.
//!
//! **Rule.** EXIF never blocks a photo. Whatever can be read is read, the rest is left out, and `is_whole` says whether
//! something had to be. What it claims is evidence, never truth: anybody can write it.

mod clock;
mod tiff;
mod write;

pub use clock::{ClockEvidence, clock_evidence};
pub(crate) use write::written;

use storewalk_domain::geo::{Datum, Position};

use tiff::{Entry, Tiff};

/// How the camera was held, as EXIF counts it: 1 upright, 2 to 8 the other ways to turn and mirror a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orientation(u8);

impl Default for Orientation {
    fn default() -> Self {
        Self(1)
    }
}

impl Orientation {
    /// The orientation of a number from 1 to 8.
    pub fn new(number: u8) -> Option<Self> {
        (1..=8).contains(&number).then_some(Self(number))
    }

    /// Its number, 1 to 8.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Whether width and height change places when the picture is put upright.
    pub fn is_turned(self) -> bool {
        self.0 >= 5
    }

    /// Whether columns and rows of the stored picture are taken from their ends: mirrored left to right, upside down.
    pub(crate) fn flips(self) -> (bool, bool) {
        match self.0 {
            2 | 8 => (true, false),
            3 | 7 => (true, true),
            4 | 6 => (false, true),
            _ => (false, false),
        }
    }
}

/// A moment as a camera writes it: what its clock showed, and sometimes which zone that was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CameraTime {
    /// What the clock showed, in milliseconds since 1970-01-01T00:00 of the same clock.
    pub local_ms: i64,
    /// How far that clock is ahead of UTC, in minutes; `None` where the camera does not say.
    pub offset_minutes: Option<i32>,
}

/// What a camera wrote beside the picture.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Exif {
    /// How it was held; upright when it says nothing.
    pub orientation: Orientation,
    /// When the picture was taken.
    pub taken: Option<CameraTime>,
    /// Where it was taken.
    pub position: Option<Position>,
    /// The camera's maker and model.
    pub model: Option<String>,
    /// Whether all of it could be read; true as well when there is none.
    pub is_whole: bool,
}

/// Most characters of a model's name.
const MODEL_CHARS: usize = 60;

impl Exif {
    /// A file without any.
    pub fn absent() -> Self {
        Self { is_whole: true, ..Self::default() }
    }

    /// Reads the TIFF inside an EXIF segment, as far as it can be read.
    pub fn read(bytes: &[u8]) -> Self {
        let Some(tiff) = Tiff::open(bytes) else { return Self::default() };
        let (main, is_main_whole) = tiff.entries(tiff.first());
        let (camera, is_camera_whole) = tiff.linked(&main, 0x8769);
        let (place, is_place_whole) = tiff.linked(&main, 0x8825);
        let orientation = tiff.number(&main, 0x0112).and_then(|number| Orientation::new(u8::try_from(number).ok()?));
        Self {
            orientation: orientation.unwrap_or_default(),
            taken: taken(&tiff, &main, &camera),
            position: position(&tiff, &place),
            model: model(&tiff, &main),
            is_whole: is_main_whole && is_camera_whole && is_place_whole,
        }
    }
}

fn model(tiff: &Tiff<'_>, main: &[Entry]) -> Option<String> {
    let maker = tiff.text(main, 0x010F).unwrap_or_default();
    let model = tiff.text(main, 0x0110).unwrap_or_default();
    let name = if model.starts_with(&maker) { model } else { format!("{maker} {model}") };
    let name: String = name.trim().chars().take(MODEL_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

fn taken(tiff: &Tiff<'_>, main: &[Entry], camera: &[Entry]) -> Option<CameraTime> {
    let original = tiff.text(camera, 0x9003).and_then(|text| local_ms(&text));
    let changed = || tiff.text(main, 0x0132).and_then(|text| local_ms(&text));
    let (whole, part, zone) = match original {
        Some(ms) => (ms, 0x9291, 0x9011),
        None => (changed()?, 0x9290, 0x9010),
    };
    let part_ms = tiff.text(camera, part).and_then(|text| thousandths(&text)).unwrap_or(0);
    let offset_minutes = tiff.text(camera, zone).and_then(|text| minutes(&text));
    Some(CameraTime { local_ms: whole + part_ms, offset_minutes })
}

/// `2025:03:15 09:02:11` in milliseconds of its own clock.
fn local_ms(text: &str) -> Option<i64> {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse::<i64>().ok());
    let mut next = |from: i64, to: i64| numbers.next().flatten().filter(|number| (from..=to).contains(number));
    let (year, month, day) = (next(1970, 9999)?, next(1, 12)?, next(1, 31)?);
    let (hour, minute, second) = (next(0, 23)?, next(0, 59)?, next(0, 60)?);
    Some((((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

/// Days of the Gregorian calendar; the year is reckoned from March, so that the leap day is its last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_of_years = 365 * year + year / 4 - year / 100 + year / 400;
    days_of_years + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The digits of a fraction of a second.
fn thousandths(text: &str) -> Option<i64> {
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).chain("000".chars()).take(3).collect();
    digits.parse().ok()
}

/// `+08:00` in minutes.
fn minutes(text: &str) -> Option<i32> {
    let text = text.trim();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.trim_start_matches(['+', '-']).split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 60 + minutes))
}

fn position(tiff: &Tiff<'_>, place: &[Entry]) -> Option<Position> {
    let degrees = |tag: u16, side: u16, negative: &str| {
        let [degrees, minutes, seconds] = tiff.fractions(place, tag)?;
        let value = degrees + minutes / 60.0 + seconds / 3_600.0;
        let is_negative = tiff.text(place, side).is_some_and(|text| text.starts_with(negative));
        Some(if is_negative { -value } else { value })
    };
    let position = Position { lat: degrees(2, 1, "S")?, lon: degrees(4, 3, "W")?, datum: Datum::Wgs84 };
    // Cameras without a fix write zeros.
    let is_nowhere = position.lat == 0.0 && position.lon == 0.0;
    (position.is_on_earth() && !is_nowhere).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn exif_of(bytes: &[u8]) -> Exif {
        let structure = crate::jpeg::Structure::walk(bytes, &crate::Limits::default()).expect("a photo");
        structure.exif.map_or_else(Exif::absent, |place| Exif::read(&bytes[place]))
    }

    #[test]
    fn every_orientation_of_real_photos_is_read() {
        for (name, bytes) in testing::real_folder("photos/orientation") {
            let number: Option<u8> =
                name.trim_end_matches(".jpg").rsplit('_').next().and_then(|digit| digit.parse().ok());
            if let Some(number) = number.filter(|_| !name.starts_with("gps")) {
                assert_eq!(exif_of(&bytes).orientation.number(), number, "{name}");
            }
        }
    }

    #[test]
    fn a_real_camera_tells_its_place_time_and_model() {
        let photos = testing::real_folder("photos/orientation");
        let Some((_, bytes)) = photos.iter().find(|(name, _)| name == "gps_DSCN0010.jpg") else { return };
        let exif = exif_of(bytes);
        let position = exif.position.expect("a position");
        assert!((position.lat - 43.467_448).abs() < 1e-5 && (position.lon - 11.885_127).abs() < 1e-5, "{position:?}");
        assert_eq!(exif.model.as_deref(), Some("NIKON COOLPIX P6000"));
        assert_eq!(exif.taken.map(|taken| taken.local_ms), local_ms("2008:10:22 16:28:39"));
    }

    #[test]
    fn a_spoilt_or_cut_exif_gives_what_can_be_read_and_says_so() {
        let photos = testing::real_folder("photos/orientation");
        let Some((_, bytes)) = photos.iter().find(|(name, _)| name == "gps_DSCN0010.jpg") else { return };
        let structure = crate::jpeg::Structure::walk(bytes, &crate::Limits::default()).expect("a photo");
        let tiff = &bytes[structure.exif.expect("EXIF")];
        for length in 0..tiff.len().min(3_000) {
            let _ = Exif::read(&tiff[..length]);
        }
        let cut = Exif::read(&tiff[..200]);
        assert_eq!((cut.orientation.number(), cut.is_whole), (1, false));
        assert_eq!(Exif::read(b"not a TIFF"), Exif::default());
    }

    #[test]
    fn times_are_read_with_their_parts_and_zones_and_nonsense_is_none() {
        assert_eq!(local_ms("1970:01:02 00:00:01"), Some(86_401_000));
        assert_eq!(local_ms("2024:02:29 12:00:00"), Some(1_709_208_000_000));
        assert_eq!(local_ms("2000-03-01T00:00:00"), Some(951_868_800_000));
        for nonsense in ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2025:13:01 00:00:00", "yesterday"] {
            assert_eq!(local_ms(nonsense), None, "{nonsense}");
        }
        assert_eq!((thousandths("5"), thousandths("1234"), thousandths("07 ")), (Some(500), Some(123), Some(70)));
        assert_eq!(
            (minutes("+08:00"), minutes("-03:30"), minutes("Z"), minutes("+99:00")),
            (Some(480), Some(-210), None, None)
        );
    }
}
