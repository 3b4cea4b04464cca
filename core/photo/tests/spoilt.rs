//! Files that are nearly photos: spoilt ones by the thousand, and those made to exhaust a reader. Each is either worked
//! through or refused with a code; none makes the reader panic.

mod common;

use common::{Waves, jpeg, processed};
use jpeg_encoder::{JpegColorType, SamplingFactor};
use storewalk_domain::problem::ProblemCode;
use storewalk_photo::{Limits, MAX_THUMBNAIL_BYTES, PhotoFault, check};

/// A stream of numbers that is the same for the same seed (`SplitMix64`).
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).expect("below a length")
    }
}

/// Bytes that mean something in a JPEG or PNG.
const ODD: [&[u8]; 12] = [
    b"\xFF\xD9",
    b"\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00",
    b"\xFF\xD0",
    b"\xFF\xC2",
    b"\xFF\xDD\x00\x04\x00\x01",
    b"\xFF\xC4\x00\x14",
    b"\xFF\xE1\x00\x10Exif\0\0II*\0",
    b"\xFF\xFF\xFF\xFF",
    b"\0\0\0\0",
    b"\x7F\xFF\xFF\xFF",
    b"IDAT",
    b"IEND",
];

fn spoil(bytes: &mut Vec<u8>, rng: &mut Rng) {
    // Half of the time in the head, where everything is decided.
    let length = if rng.next().is_multiple_of(2) { bytes.len().min(700) } else { bytes.len() };
    let at = rng.below(length);
    let end = (at + 1 + rng.below(40)).min(bytes.len());
    match rng.below(8) {
        0 | 1 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        2 if at < bytes.len() => bytes[at] = rng.next().to_le_bytes()[0],
        3 => drop(bytes.drain(at..end)),
        4 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        5 => bytes.truncate(at),
        6 => {
            let odd = ODD[rng.below(ODD.len())];
            bytes.splice(at..end.min(at + odd.len()), odd.iter().copied());
        }
        _ => bytes[at..end].reverse(),
    }
}

fn fixtures() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/photos/shelf");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the photos are part of the repository")
        .map(|entry| entry.expect("listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jpg"))
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a photo")).collect()
}

/// Small pictures of every kind that is read.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for colours in [JpegColorType::Luma, JpegColorType::Ycbcr] {
        let picture = Waves { width: 93, height: 61, colours };
        for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_2, SamplingFactor::F_2_1, SamplingFactor::F_4_1] {
            seeds.extend([false, true].map(|is_progressive| jpeg(picture, is_progressive, sampling)));
        }
    }
    for (width, height) in [(61_u32, 47_u32), (3, 200)] {
        let mut file = std::io::Cursor::new(Vec::new());
        let pixels =
            image::RgbaImage::from_fn(width, height, |x, y| image::Rgba([(x * y).to_le_bytes()[0], 9, 99, 255]));
        pixels.write_to(&mut file, image::ImageFormat::Png).expect("memory");
        seeds.push(file.into_inner());
    }
    seeds
}

/// A file is worked through, or refused with a code that has words.
fn is_answered(bytes: &[u8], seed: u64) -> bool {
    match processed(bytes) {
        Ok(done) => {
            assert!(done.examined.thumbnail.len() <= MAX_THUMBNAIL_BYTES, "{seed}");
            assert!(image::load_from_memory(&done.copy.file).is_ok(), "{seed}");
            true
        }
        Err(fault) => {
            assert_ne!(fault.code(), ProblemCode::Unknown);
            assert!(!fault.problem().sentence(storewalk_domain::text::Language::En).is_empty());
            false
        }
    }
}

fn rounds(seeds: &[Vec<u8>], from: u64, count: u64) -> (usize, usize) {
    let (mut taken, mut refused) = (0, 0);
    for seed in from..from + count {
        let mut rng = Rng(seed);
        let mut bytes = seeds[rng.below(seeds.len())].clone();
        for _ in 0..=rng.below(4) {
            spoil(&mut bytes, &mut rng);
        }
        if is_answered(&bytes, seed) { taken += 1 } else { refused += 1 }
    }
    (taken, refused)
}

#[test]
fn spoilt_pictures_of_every_kind_are_read_or_refused() {
    let seeds = seeds();
    for (number, seed) in (0..).zip(&seeds) {
        assert!(is_answered(seed, number), "seed {number} is a picture");
    }
    let (taken, refused) = rounds(&seeds, 0, 4_000);
    assert!(taken > 200 && refused > 1_000, "{taken} taken, {refused} refused");
}

#[test]
fn spoilt_real_photos_are_read_or_refused() {
    let (taken, refused) = rounds(&fixtures(), 1_000_000, 400);
    assert!(taken > 20 && refused > 100, "{taken} taken, {refused} refused");
}

#[test]
fn a_real_photo_cut_anywhere_is_refused() {
    let photo = &fixtures()[0];
    for length in (0..photo.len()).step_by(97) {
        let refused = check(&photo[..length], &Limits::default());
        assert!(matches!(refused, Err(PhotoFault::CutOff { .. } | PhotoFault::NotAnImage)), "{length}: {refused:?}");
    }
}

/// A JPEG's header that claims a picture, with a few bytes behind it.
fn claim(marker: u8, width: u16, height: u16, channels: u8) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8, 0xFF, marker, 0, 8 + 3 * channels, 8];
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.push(channels);
    file.extend((1..=channels).flat_map(|id| [id, 0x22, 0]));
    file.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]);
    file.extend([0x5A; 600]);
    file.extend([0xFF, 0xD9]);
    file
}

#[test]
fn files_made_to_exhaust_a_reader_are_refused_by_what_they_claim() {
    let refused = |bytes: &[u8]| processed(bytes).map(|_| ()).expect_err("refused").code();
    for marker in [0xC0, 0xC1, 0xC2] {
        for (width, height) in [(65_500, 65_500), (16_000, 16_000), (12_001, 1), (1, 65_500), (12_000, 4_200)] {
            for channels in [1, 3] {
                let code = refused(&claim(marker, width, height, channels));
                assert_eq!(code, ProblemCode::PhotoTooManyPixels, "{marker:x} {width} {height}");
            }
        }
    }
    assert_eq!(refused(&claim(0xC2, 6_000, 5_000, 3)), ProblemCode::PhotoTooManyPixels, "progressive");
    // Within the limits, but without the bytes for it.
    assert_eq!(refused(&claim(0xC0, 8_000, 6_000, 3)), ProblemCode::PhotoCutOff);
    for marker in [0xC3, 0xC5, 0xC9, 0xCA, 0xCB] {
        assert_eq!(refused(&claim(marker, 640, 480, 3)), ProblemCode::PhotoFormatRefused);
    }
    assert_eq!(refused(&claim(0xC0, 640, 480, 4)), ProblemCode::PhotoFormatRefused, "CMYK");
    assert_eq!(refused(&claim(0xC0, 640, 480, 60)), ProblemCode::PhotoDamaged);
    assert_eq!(refused(&claim(0xC0, 0, 480, 3)), ProblemCode::PhotoDamaged);

    let progressive =
        jpeg(Waves { width: 400, height: 300, colours: JpegColorType::Ycbcr }, true, SamplingFactor::F_1_1);
    let mut many = progressive[..progressive.len() - 2].to_vec();
    many.extend(b"\xFF\xDA\x00\x08\x01\x01\x00\x01\x3F\x00\x00".repeat(600));
    many.extend(b"\xFF\xD9");
    assert_eq!(refused(&many), ProblemCode::PhotoFormatRefused, "600 scans");

    let long = vec![0xFF; 63_000_000];
    assert_eq!(refused(&long), ProblemCode::PhotoTooLarge);
    for nothing in [&b""[..], b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"<html>Welcome to the hotel"] {
        let code = refused(nothing);
        assert!(matches!(code, ProblemCode::PhotoNotAnImage | ProblemCode::PhotoCutOff), "{code:?}");
    }
    assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), ProblemCode::PhotoFormatRefused);
}
