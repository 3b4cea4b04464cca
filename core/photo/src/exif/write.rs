//! What the shared copy keeps: that it is upright, when it was taken and with what. No place, no maker's notes, no small
//! picture of the uncropped scene.

use super::{CameraTime, Exif};

/// The TIFF of the shared copy's EXIF segment.
pub(crate) fn written(exif: &Exif) -> Vec<u8> {
    let model = exif.model.as_deref().map(ascii);
    let taken = exif.taken.map(date);
    let mut main = Directory::default();
    if let Some(model) = model {
        main.add(0x0110, 2, model);
    }
    main.add(0x0112, 3, vec![1, 0]);
    let mut camera = Directory::default();
    if let Some((date, zone)) = taken {
        camera.add(0x9003, 2, date);
        if let Some(zone) = zone {
            camera.add(0x9011, 2, zone);
        }
    }
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    if camera.entries.is_empty() {
        main.write(&mut tiff);
        return tiff;
    }
    main.add(0x8769, 4, vec![0; 4]);
    let length = main.length();
    let link = u32::try_from(tiff.len() + length).unwrap_or(0).to_le_bytes();
    if let Some((_, _, value)) = main.entries.last_mut() {
        *value = link.to_vec();
    }
    main.write(&mut tiff);
    camera.write(&mut tiff);
    tiff
}

/// Text with its closing zero; what is not ASCII may not stand there.
fn ascii(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).chain([0]).collect()
}

fn date(taken: CameraTime) -> (Vec<u8>, Option<Vec<u8>>) {
    let seconds = taken.local_ms.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let zone = taken.offset_minutes.map(|offset| {
        let sign = if offset < 0 { '-' } else { '+' };
        ascii(&format!("{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60))
    });
    (ascii(&format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}")), zone)
}

/// Year, month and day of a count of days since 1970; the year is reckoned from March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (year_of_era + era * 400, if month < 10 { month + 3 } else { month - 9 });
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// A directory to be written: tag, kind and bytes of each entry, in order of tag.
#[derive(Default)]
struct Directory {
    entries: Vec<(u16, u16, Vec<u8>)>,
}

impl Directory {
    fn add(&mut self, tag: u16, kind: u16, value: Vec<u8>) {
        self.entries.push((tag, kind, value));
    }

    fn length(&self) -> usize {
        let outside: usize = self.entries.iter().map(|(_, _, value)| value.len()).filter(|length| *length > 4).sum();
        2 + 12 * self.entries.len() + 4 + outside
    }

    fn write(&self, tiff: &mut Vec<u8>) {
        let start = tiff.len();
        let mut outside = start + 2 + 12 * self.entries.len() + 4;
        let mut values = Vec::new();
        tiff.extend(u16::try_from(self.entries.len()).unwrap_or(0).to_le_bytes());
        for (tag, kind, value) in &self.entries {
            let width = match kind {
                3 => 2,
                4 => 4,
                _ => 1,
            };
            tiff.extend(tag.to_le_bytes());
            tiff.extend(kind.to_le_bytes());
            tiff.extend(u32::try_from(value.len() / width).unwrap_or(0).to_le_bytes());
            if value.len() <= 4 {
                tiff.extend(value.iter().copied().chain([0; 4]).take(4));
            } else {
                tiff.extend(u32::try_from(outside).unwrap_or(0).to_le_bytes());
                outside += value.len();
                values.extend_from_slice(value);
            }
        }
        tiff.extend([0; 4]);
        tiff.extend(values);
    }
}

#[cfg(test)]
mod tests {
    use storewalk_domain::geo::{Datum, Position};

    use super::*;
    use crate::exif::Orientation;

    #[test]
    fn what_is_written_reads_back_upright_and_without_a_place() {
        let taken = CameraTime { local_ms: 1_709_208_061_000, offset_minutes: Some(-210) };
        let exif = Exif {
            orientation: Orientation::new(6).expect("an orientation"),
            taken: Some(taken),
            position: Some(Position { lat: 31.2, lon: 121.5, datum: Datum::Wgs84 }),
            model: Some("HUAWEI ALN-AL00".to_owned()),
            is_whole: false,
        };
        let read = Exif::read(&written(&exif));
        let kept = Exif { orientation: Orientation::default(), position: None, is_whole: true, ..exif };
        assert_eq!(read, kept);
        let none = Exif::read(&written(&Exif::absent()));
        assert_eq!(none, Exif::absent());
    }
}
