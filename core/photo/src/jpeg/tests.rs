use std::ops::ControlFlow;

use super::*;
use crate::{Limits, testing};

fn planes(bytes: &[u8], wanted: usize) -> Result<Vec<Plane>, PhotoFault> {
    let structure = Structure::walk(bytes, &Limits::default())?;
    let mut go_on = |_| ControlFlow::Continue(());
    read(bytes, &structure, wanted, 32 << 20, &mut Watch::new(&mut go_on)).map(|(planes, _)| planes)
}

/// The brightness as another decoder reads it, from its RGB.
fn other_luma(bytes: &[u8]) -> image::GrayImage {
    let picture = image::load_from_memory(bytes).expect("a picture").into_rgb8();
    image::GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b] = picture.get_pixel(x, y).0.map(f32::from);
        image::Luma([crate::num::level(0.299 * r + 0.587 * g + 0.114 * b)])
    })
}

fn mean_difference(mine: &Plane, other: &image::GrayImage) -> f64 {
    assert_eq!((mine.width, mine.height), (other.width() as usize, other.height() as usize));
    let pairs = mine.rows().flatten().zip(other.as_raw());
    pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / crate::num::real(mine.width * mine.height)
}

#[test]
fn sequential_and_progressive_photos_read_as_another_decoder_reads_them() {
    let mut seen = 0;
    for (name, bytes) in testing::real_jpegs() {
        let planes = planes(&bytes, 12_000).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let difference = mean_difference(&planes[0], &other_luma(&bytes));
        assert!(difference < 0.8, "{name}: {difference}");
        seen += 1;
    }
    assert!(seen >= 12);
}

#[test]
fn a_reduced_photo_is_the_mean_of_what_it_was_reduced_from() {
    let bytes = testing::shelf_photo(0);
    let whole = other_luma(&bytes);
    for (wanted, part) in [(174, 2), (87, 4), (44, 8)] {
        let mine = &planes(&bytes, wanted).expect("a photo")[0];
        assert_eq!((mine.width, mine.height), (348_usize.div_ceil(part), 348_usize.div_ceil(part)));
        let mut sum = 0.0;
        for y in 0..348 / part {
            for x in 0..348 / part {
                let cells = (0..part).flat_map(|dy| (0..part).map(move |dx| (x * part + dx, y * part + dy)));
                let total: u32 =
                    cells.map(|(x, y)| u32::from(whole[(crate::num::narrow(x), crate::num::narrow(y))][0])).sum();
                let mean = f64::from(total) / crate::num::real(part * part);
                sum += (f64::from(mine.row(y)[x]) - mean).abs();
            }
        }
        let difference = sum / crate::num::real((348 / part) * (348 / part));
        assert!(difference < 6.0, "{part}: {difference}");
    }
}

#[test]
fn a_photo_that_is_cut_spoilt_or_lengthened_inside_is_refused() {
    let photo = testing::shelf_photo(0);
    let cut = planes(&photo[..photo.len() * 6 / 10], 348);
    assert_eq!(cut, Err(PhotoFault::CutOff { at: photo.len() * 6 / 10 }));
    let without_end = planes(&photo[..photo.len() - 2], 348);
    assert!(matches!(without_end, Err(PhotoFault::CutOff { .. })), "{without_end:?}");
    // The same with an end put back on.
    let mut ended = photo[..photo.len() * 6 / 10].to_vec();
    ended.extend_from_slice(b"\xFF\xD9");
    assert!(matches!(planes(&ended, 348), Err(PhotoFault::Damaged { .. })));
    let mut lengthened = photo.clone();
    let middle = photo.len() / 2;
    lengthened.splice(middle..middle, (0..400_u32).map(|n| (n * 37 % 251).to_le_bytes()[0]));
    assert!(matches!(planes(&lengthened, 348), Err(PhotoFault::Damaged { .. })));
    // What follows the end is none of the picture's business: phones append films and depth maps there.
    let mut followed = photo.clone();
    followed.extend_from_slice(&[7; 5_000]);
    let structure = Structure::walk(&followed, &Limits::default()).expect("a photo");
    assert_eq!(structure.end, photo.len());
}

#[test]
fn a_claim_of_too_many_pixels_or_scans_is_refused_by_the_header() {
    let claimed = |width: u16, height: u16| {
        let mut photo = testing::shelf_photo(0);
        let frame = photo.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
        photo[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        photo[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        photo
    };
    let too_many = |width, height| Err(PhotoFault::TooManyPixels { width, height, limit: 50_000_000 });
    assert_eq!(planes(&claimed(12_000, 12_000), 1_600), too_many(12_000, 12_000));
    assert_eq!(planes(&claimed(65_500, 16), 1_600), too_many(65_500, 16));
    // Within the limits, but there is not a bit for every block.
    assert!(matches!(planes(&claimed(8_000, 6_000), 1_600), Err(PhotoFault::CutOff { .. })));
    let scan = b"\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x00";
    let mut photo = testing::shelf_photo(0);
    let end = photo.len() - 2;
    photo.splice(end..end, scan.repeat(60));
    assert_eq!(planes(&photo, 348), Err(PhotoFault::TooManyScans { limit: 50 }));
}

#[test]
fn where_memory_does_not_suffice_the_picture_comes_smaller() {
    let bytes = testing::shelf_photo(0);
    let structure = Structure::walk(&bytes, &Limits::default()).expect("a photo");
    let mut go_on = |_| ControlFlow::Continue(());
    let (planes, _) = read(&bytes, &structure, 348, 100_000, &mut Watch::new(&mut go_on)).expect("a photo");
    assert_eq!(planes[0].width, 174);
    assert!(planes.iter().map(|plane| plane.samples.len()).sum::<usize>() <= 100_000);
}

#[test]
fn reading_stops_when_it_is_called_off() {
    let bytes = testing::shelf_photo(0);
    let structure = Structure::walk(&bytes, &Limits::default()).expect("a photo");
    let mut rows = 0;
    let mut stop = |_| {
        rows += 1;
        if rows == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = read(&bytes, &structure, 348, 1 << 20, &mut Watch::new(&mut stop));
    assert_eq!(stopped.map(|(planes, _)| planes), Err(PhotoFault::Cancelled));
    assert_eq!(rows, 5);
}
