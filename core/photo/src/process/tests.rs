use std::ops::ControlFlow;

use super::*;
use crate::{MAX_THUMBNAIL_BYTES, testing};

fn stamp() -> Stamp {
    Stamp {
        outlet: "鑫源便利店（南京路）".into(),
        zone: "货架 Shelf".into(),
        rep: "李雯".into(),
        taken_at: "2025-03-15 09:02:11".into(),
        place: "31.23041, 121.47370 ±8 m".into(),
    }
}

fn processed(bytes: &[u8], settings: &Settings) -> Processed {
    let mut go_on = |_| ControlFlow::Continue(());
    process(bytes, settings, &stamp(), &mut Watch::new(&mut go_on)).unwrap_or_else(|fault| panic!("{fault}"))
}

#[test]
fn every_exif_orientation_comes_out_upright_and_looks_like_the_first() {
    for kind in ["landscape", "portrait"] {
        let mut first: Option<Processed> = None;
        for (name, bytes) in testing::real_folder("photos/orientation") {
            if !name.starts_with(kind) {
                continue;
            }
            let done = processed(&bytes, &Settings::default());
            let checked = &done.examined.checked;
            assert_eq!(checked.width > checked.height, kind == "landscape", "{name}");
            let copy = image::load_from_memory(&done.copy.file).expect("a picture");
            assert_eq!((copy.width(), copy.height()), (done.copy.width, done.copy.height), "{name}");
            let small = image::load_from_memory(&done.examined.thumbnail).expect("a picture");
            assert_eq!(small.width() > small.height(), kind == "landscape", "{name}");
            let first = first.get_or_insert_with(|| done.clone());
            // The samples were compressed one by one, so they are only alike; but none is turned any more.
            let (distance, is_turned) = first.examined.hashes.nearest(&done.examined.hashes.pdq[0]);
            assert!(distance <= crate::PDQ_MATCH && !is_turned, "{name}: {distance}");
        }
    }
}

#[test]
fn the_copy_is_stamped_upright_and_says_neither_place_nor_notes() {
    let photos = testing::real_folder("photos/orientation");
    let Some((_, bytes)) = photos.iter().find(|(name, _)| name == "gps_DSCN0010.jpg") else { return };
    let done = processed(bytes, &Settings::default());
    assert!(done.examined.checked.exif.position.is_some());
    let structure = Structure::walk(&done.copy.file, &Limits::default()).expect("a JPEG");
    let exif = Exif::read(&done.copy.file[structure.exif.expect("EXIF")]);
    assert_eq!((exif.orientation.number(), exif.position), (1, None));
    assert_eq!((exif.taken, exif.model), (done.examined.checked.exif.taken, done.examined.checked.exif.model.clone()));
    let thumbnail = Structure::walk(&done.examined.thumbnail, &Limits::default()).expect("a JPEG");
    assert_eq!(thumbnail.exif, None);
    assert_eq!(done.copy.boxes, 0);
}

#[test]
fn the_hash_is_that_of_the_whole_file_and_what_is_appended_is_counted() {
    let mut bytes = testing::shelf_photo(0);
    bytes.extend_from_slice(&[1; 100]);
    let checked = check(&bytes, &Limits::default()).expect("a photo");
    assert_eq!((checked.trailing_bytes, checked.format), (100, Format::Jpeg));
    assert_eq!(checked.sha256, hex(&Sha256::digest(&bytes)));
    assert_eq!(hex(&Sha256::digest(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_large_photo_is_scaled_and_a_small_one_is_not() {
    let settings = Settings { long_edge: 200, ..Settings::default() };
    let done = processed(&testing::shelf_photo(0), &settings);
    assert!(done.copy.width >= 200 && done.copy.width < 348);
    let done = processed(&testing::shelf_photo(0), &Settings::default());
    assert_eq!((done.copy.width, done.copy.height), (348, 348));
}

#[test]
fn even_pure_noise_fits_the_thumbnail() {
    let done = processed(&testing::noise_png(1_200, 900), &Settings::default());
    assert!(done.examined.thumbnail.len() <= MAX_THUMBNAIL_BYTES);
    assert_eq!((done.examined.checked.width, done.examined.checked.format), (1_200, Format::Png));
}

#[test]
fn the_work_tells_how_far_it_is_and_stops_anywhere_when_called_off() {
    let bytes = testing::shelf_photo(0);
    let mut seen: Vec<crate::Progress> = Vec::new();
    let mut note = |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    };
    process(&bytes, &Settings::default(), &stamp(), &mut Watch::new(&mut note)).expect("a photo");
    assert!(seen.is_sorted_by_key(|progress| (progress.stage, progress.percent)), "{seen:?}");
    assert_eq!(seen.last().map(|progress| progress.percent), Some(100));
    for stop_at in 0..seen.len() {
        let mut steps = 0;
        let mut stop = |_| {
            steps += 1;
            if steps > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let ended = process(&bytes, &Settings::default(), &stamp(), &mut Watch::new(&mut stop));
        assert_eq!(ended, Err(PhotoFault::Cancelled), "{stop_at}");
    }
}

#[test]
fn colours_are_kept_and_channels_that_adobe_calls_red_green_and_blue_are_read_so() {
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 95);
    let pixels: Vec<u8> = [200, 40, 30].repeat(64 * 48);
    encoder.encode(&pixels, 64, 48, jpeg_encoder::ColorType::Rgb).expect("written");
    let shown = |file: &[u8]| {
        let small = processed(file, &Settings::default()).examined.thumbnail;
        image::load_from_memory(&small).expect("a picture").into_rgb8().get_pixel(30, 20).0
    };
    let is_near = |shown: [u8; 3], right: [u8; 3]| shown.iter().zip(right).all(|(a, b)| a.abs_diff(b) < 8);
    assert!(is_near(shown(&file), [200, 40, 30]), "{:?}", shown(&file));
    // The same channels, brightness and differences, now meant as red, green and blue.
    file.splice(2..2, *b"\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00");
    assert!(is_near(shown(&file), [87, 96, 209]), "{:?}", shown(&file));
}
