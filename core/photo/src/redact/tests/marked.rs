//! What people marked, on photos that were stored in each way a camera may be held.

use image::{DynamicImage, GrayImage, Luma, imageops, metadata::Orientation};

use super::*;

/// A JPEG that is stored so that EXIF has to turn it, from how it looks upright.
fn stored(upright: &GrayImage, orientation: u8) -> Vec<u8> {
    let turned = || imageops::rotate90(upright);
    let stored = match orientation {
        2 => imageops::flip_horizontal(upright),
        3 => imageops::rotate180(upright),
        4 => imageops::flip_vertical(upright),
        5 => imageops::flip_horizontal(&turned()),
        6 => imageops::rotate270(upright),
        7 => imageops::flip_vertical(&turned()),
        8 => turned(),
        _ => upright.clone(),
    };
    // Another reader agrees on what the number means.
    let mut back = DynamicImage::ImageLuma8(stored.clone());
    back.apply_orientation(Orientation::from_exif(orientation).expect("an orientation"));
    assert_eq!(back.to_luma8(), *upright, "{orientation}");
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 100);
    // One entry of TIFF: the orientation.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    encoder.add_app_segment(1, exif).expect("a segment");
    let side = |length: u32| u16::try_from(length).expect("small");
    encoder.encode(&stored, side(stored.width()), side(stored.height()), jpeg_encoder::ColorType::Luma).expect("JPEG");
    file
}

/// Even grey, with black and white squares of 3 pixels in an area: their mean is that grey.
fn patterned(size: (u32, u32), area: Area) -> GrayImage {
    GrayImage::from_fn(size.0, size.1, |x, y| {
        let (across, down) = (x as usize, y as usize);
        let is_within = |from: usize, length: usize, at: usize| (from..from + length).contains(&at);
        let is_inside = is_within(area.x, area.width, across) && is_within(area.y, area.height, down);
        Luma([if !is_inside {
            136
        } else if (across / 3 + down / 3).is_multiple_of(2) {
            16
        } else {
            255
        }])
    })
}

fn copied(original: &[u8], marked: &[CoverArea]) -> Redacted {
    let mut go_on = |_| ControlFlow::Continue(());
    let wanted = Redaction { finder: None, marked, stamp: &Stamp::default() };
    redact(original, &Settings::default(), wanted, &mut Watch::new(&mut go_on)).unwrap_or_else(|f| panic!("{f}"))
}

/// Pixels that are anything but the even grey.
fn odd(copy: &Redacted) -> usize {
    let pixels = image::load_from_memory(&copy.file).expect("a picture").to_luma8();
    pixels.pixels().filter(|pixel| pixel.0[0].abs_diff(136) > 48).count()
}

fn area(parts: [u16; 4]) -> CoverArea {
    CoverArea::try_from(parts).expect("an area")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// However the camera was held, a marked area lies where it was seen: nothing of what it covers is left anywhere.
    #[test]
    fn a_marked_area_lands_where_it_was_seen_in_every_orientation(
        (width, height) in (120_u32..420, 120_u32..420),
        (left, top) in (0_u16..6_000, 0_u16..6_000),
        (across, down) in (1_500_u16..4_000, 1_500_u16..4_000),
    ) {
        let marked = area([left, top, across, down]);
        let pixels = Area::marked(marked, (width as usize, height as usize));
        let upright = patterned((width, height), pixels);
        for orientation in 1..=8 {
            let original = stored(&upright, orientation);
            let bare = copied(&original, &[]);
            prop_assert_eq!((bare.width, bare.height), (width, height));
            let copy = copied(&original, &[marked]);
            prop_assert_eq!(&copy.marked, &[pixels]);
            let inside = pixels.width * pixels.height;
            prop_assert!(odd(&bare) * 2 > inside, "{} of {} to be covered", odd(&bare), inside);
            // At its rim a cell may have more black than white.
            prop_assert!(odd(&copy) * 50 < inside, "{orientation}: {} of {inside} are left", odd(&copy));
        }
    }

    /// Whoever has only the copy cannot tell photos apart that differ in a marked area alone, as long as its means are the same.
    #[test]
    fn a_copy_keeps_nothing_of_a_marked_area_but_its_means(
        seed: u8,
        (left, top) in (0_u16..6_000, 0_u16..6_000),
        (across, down) in (2_000_u16..4_000, 2_000_u16..4_000),
    ) {
        let marked = area([left, top, across, down]);
        let pixels = Area::marked(marked, (96, 80));
        let one = noise(seed);
        let mut other = one.clone();
        let cell = pixels.width.max(pixels.height).div_ceil(CELLS_ACROSS).max(SMALLEST_CELL).next_multiple_of(2);
        for row in pixels.y..pixels.y + pixels.height {
            for part in other.row_mut(row)[pixels.x..pixels.x + pixels.width].chunks_mut(cell) {
                part.reverse();
            }
        }
        prop_assume!(one != other);
        // PNG keeps every pixel as it is.
        let written = |plane: &Plane| {
            let picture = GrayImage::from_fn(96, 80, |x, y| Luma([plane.row(y as usize)[x as usize]]));
            let mut file = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut file, image::ImageFormat::Png).expect("memory");
            file.into_inner()
        };
        let (one, other) = (written(&one), written(&other));
        prop_assert_ne!(copied(&one, &[]).file, copied(&other, &[]).file);
        prop_assert_eq!(copied(&one, &[marked]).file, copied(&other, &[marked]).file);
    }

    /// An area is covered to its last pixel, and not a pixel further than that.
    #[test]
    fn an_area_is_rounded_outwards_to_whole_pixels(
        (width, height) in (1_usize..2_000, 1_usize..2_000),
        (left, top) in (0_u16..=9_950, 0_u16..=9_950),
        share in 0_u16..=100,
    ) {
        let length = |from: u16| 50 + (10_000 - from - 50) / 100 * share;
        let marked = area([left, top, length(left), length(top)]);
        let pixels = Area::marked(marked, (width, height));
        let is_round = |from: u16, length: u16, side: usize, first: usize, pixels: usize| {
            let (begin, end) = (usize::from(from) * side, usize::from(from + length) * side);
            first * 10_000 <= begin && begin < (first + 1) * 10_000
                && (first + pixels) * 10_000 >= end && (first + pixels) * 10_000 < end + 10_000
                && first + pixels <= side && pixels > 0
        };
        prop_assert!(is_round(left, length(left), width, pixels.x, pixels.width), "{pixels:?}");
        prop_assert!(is_round(top, length(top), height, pixels.y, pixels.height), "{pixels:?}");
    }
}

#[test]
fn an_area_lies_right_in_a_photo_that_is_made_smaller_and_under_the_stamp() {
    let pixels = Area { x: 500, y: 600, width: 1_000, height: 1_500 };
    let upright = patterned((2_000, 3_000), pixels);
    let marked = area([2_500, 2_000, 5_000, 5_000]);
    for orientation in [1, 6] {
        let original = stored(&upright, orientation);
        let copy = copied(&original, &[marked]);
        assert_eq!((copy.width, copy.height), (1_067, 1_600));
        assert_eq!(copy.marked, [Area { x: 266, y: 320, width: 535, height: 800 }]);
        assert!(odd(&copy) * 200 < 535 * 800, "{}", odd(&copy));
        let mut go_on = |_| ControlFlow::Continue(());
        let stamp = Stamp { outlet: "鑫源便利店".into(), ..Stamp::default() };
        let wanted = Redaction { finder: None, marked: &[marked], stamp: &stamp };
        let stamped = redact(&original, &Settings::default(), wanted, &mut Watch::new(&mut go_on)).expect("a copy");
        let pixels = image::load_from_memory(&stamped.file).expect("a picture").to_luma8();
        let bright = pixels.enumerate_pixels().filter(|(_, y, pixel)| *y > 1_400 && pixel.0[0] > 200).count();
        assert!(bright > 200, "{bright} bright pixels in the band of the stamp");
    }
}

#[test]
fn what_was_marked_and_what_was_found_are_both_covered_and_told_apart() {
    let pixels = Area { x: 30, y: 30, width: 90, height: 90 };
    let original = stored(&patterned((300, 300), pixels), 1);
    let finder = Told(vec![pixels]);
    let elsewhere = [area([7_000, 7_000, 1_000, 1_000])];
    let wanted = Redaction { finder: Some(&finder), marked: &elsewhere, stamp: &Stamp::default() };
    let mut go_on = |_| ControlFlow::Continue(());
    let copy = redact(&original, &Settings::default(), wanted, &mut Watch::new(&mut go_on)).expect("a copy");
    assert_eq!((copy.found.as_slice(), copy.marked.len()), ([pixels].as_slice(), 1));
    assert!(odd(&copy) < 90 * 90 / 50, "{}", odd(&copy));
}
