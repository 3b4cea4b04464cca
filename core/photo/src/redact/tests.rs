mod marked;

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::{Exif, Limits, check, examine, testing};

/// A finder that was told where.
struct Told(Vec<Area>);

impl FindFaces for Told {
    fn find(&self, _: Grey<'_>) -> Vec<Area> {
        self.0.clone()
    }
}

fn redacted(original: &[u8], areas: &[Area]) -> Redacted {
    let mut go_on = |_| ControlFlow::Continue(());
    let finder = Told(areas.to_vec());
    let wanted = Redaction { finder: Some(&finder), marked: &[], stamp: &Stamp::default() };
    redact(original, &Settings::default(), wanted, &mut Watch::new(&mut go_on)).unwrap_or_else(|f| panic!("{f}"))
}

/// The pixels of a JPEG, read by another reader.
fn pixels(file: &[u8]) -> image::RgbImage {
    image::load_from_memory(file).expect("a picture").to_rgb8()
}

fn noise(seed: u8) -> Plane {
    let mut plane = Plane::filled(96, 80, 0);
    let mut state = u32::from(seed) + 1;
    for sample in &mut plane.samples {
        // Numerical Recipes, `ranqd1`.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = state.to_be_bytes()[0];
    }
    plane
}

const FACE: Area = Area { x: 90, y: 80, width: 120, height: 140 };

#[test]
fn what_is_covered_changes_and_all_around_it_stays() {
    let original = testing::shelf_photo(0);
    let (plain, covered) = (redacted(&original, &[]), redacted(&original, &[FACE]));
    assert_eq!((plain.found.len(), covered.found.as_slice()), (0, [FACE].as_slice()));
    let (plain, covered) = (pixels(&plain.file), pixels(&covered.file));
    assert_eq!(plain.dimensions(), covered.dimensions());
    let (mut inside, mut outside) = (0_u64, 0_u64);
    for (x, y, before) in plain.enumerate_pixels() {
        let difference: u64 =
            before.0.iter().zip(covered.get_pixel(x, y).0).map(|(a, b)| u64::from(a.abs_diff(b))).sum();
        // A block of 16 pixels around it shares its codes with what is covered.
        let is_within = |from: usize, length: usize, at: u32, margin: usize| {
            let at = at as usize;
            at + margin >= from && at < from + length + margin
        };
        if is_within(FACE.x, FACE.width, x, 0) && is_within(FACE.y, FACE.height, y, 0) {
            inside += difference;
        } else if !(is_within(FACE.x, FACE.width, x, 16) && is_within(FACE.y, FACE.height, y, 16)) {
            outside += difference;
        }
    }
    assert_eq!(outside, 0, "nothing else changes");
    assert!(inside / (120 * 140) > 5, "{inside}");
}

#[test]
fn a_copy_says_nothing_beside_its_picture_and_stands_upright() {
    let mut seen = 0;
    for (name, original) in testing::real_jpegs().into_iter().take(24) {
        let before = check(&original, &Limits::default()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let copy = redacted(&original, &[]);
        let after = check(&copy.file, &Limits::default()).expect("a photo");
        assert_eq!(after.exif, Exif::absent(), "{name}");
        assert!(!copy.file.windows(4).any(|part| part == b"Exif"), "{name}");
        assert_eq!(copy.width > copy.height, before.width > before.height, "{name}");
        assert!(copy.width.max(copy.height) <= 1_600, "{name}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn a_photo_without_faces_is_only_written_anew() {
    let original = testing::shelf_photo(1);
    let mut go_on = |_| ControlFlow::Continue(());
    let before = examine(&original, &Settings::default(), &mut Watch::new(&mut go_on)).expect("a photo");
    let after = examine(&redacted(&original, &[]).file, &Settings::default(), &mut Watch::new(&mut go_on));
    let (bits, is_turned) = before.hashes.nearest(&after.expect("a photo").hashes.pdq[0]);
    assert!(bits <= 8 && !is_turned, "{bits} bits");
}

#[test]
fn what_lies_beyond_the_edges_covers_up_to_them() {
    let original = testing::shelf_photo(0);
    let far = Area { x: usize::MAX / 400, y: 0, width: 10, height: 10 };
    let wide = Area { x: 0, y: 0, width: 100_000, height: 100_000 };
    let copy = redacted(&original, &[far, wide]);
    let (width, height) = (copy.width as usize, copy.height as usize);
    assert_eq!(copy.found, [Area { x: 0, y: 0, width, height }]);
    let levels: std::collections::BTreeSet<_> =
        pixels(&copy.file).pixels().map(|pixel| pixel.0.map(|level| level / 16)).collect();
    assert!(levels.len() < 200, "{} colours are left", levels.len());
}

proptest! {
    /// Whoever has only the copy cannot tell pictures apart whose cells have the same means, however they differ.
    #[test]
    fn a_covered_area_keeps_nothing_but_its_means(seed: u8, x in 0_usize..60, y in 0_usize..40, side in 16_usize..60) {
        let area = Area { x, y, width: side, height: side }.enlarged(0, (96, 80));
        let mut one = noise(seed);
        let mut other = one.clone();
        let cell = area.width.max(area.height).div_ceil(CELLS_ACROSS).max(SMALLEST_CELL).next_multiple_of(2);
        for row in area.y..area.y + area.height {
            for part in other.row_mut(row)[area.x..area.x + area.width].chunks_mut(cell) {
                part.reverse();
            }
        }
        prop_assume!(one != other);
        let mut two = Picture { luma: other, chroma: None };
        cover(&mut two, area);
        let mut first = Picture { luma: std::mem::replace(&mut one, Plane::filled(1, 1, 0)), chroma: None };
        cover(&mut first, area);
        prop_assert_eq!(first, two);
    }

    /// Colours are covered as far as brightness is, at odd places too.
    #[test]
    fn colours_are_covered_with_the_brightness(seed: u8, x in 0_usize..60, y in 0_usize..40, side in 16_usize..36) {
        let area = Area { x, y, width: side, height: side };
        let colours = || Plane { width: 48, height: 40, stride: 96, samples: noise(seed).samples[..96 * 40].to_vec() };
        let mut picture = Picture { luma: noise(seed), chroma: Some([colours(), colours()]) };
        cover(&mut picture, area);
        let [blue, _] = picture.chroma.expect("colours");
        for row in y / 2..(y + side).div_ceil(2) {
            for level in &blue.row(row)[x / 2..(x + side).div_ceil(2)] {
                prop_assert_eq!(usize::from(*level) % STEP, STEP / 2);
            }
        }
    }
}
