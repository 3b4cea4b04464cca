//! What the phone makes of a photo when it is taken: advice, copies, and what the server is told of it.

use std::{io::Write, path::Path};

use storewalk_domain::{
    ids::VisitId,
    photo::{Photo, Seen, Signal, SignalKind},
    text::Language,
};

use super::{in_the_shop, row, take};
use crate::{
    Attempt, CapturedPhoto,
    photos::{
        Shot,
        testing::{noise_png, real_data, shelf_photo},
    },
    plan::testing::Hand,
};

fn file_of(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    file.write_all(bytes).expect("written");
    file
}

fn shot(visit_id: VisitId, source: &Path) -> Shot<'_> {
    Shot { visit_id, zone: "storefront", source, replaces: None, is_from_gallery: false, tilt: None }
}

fn taken(hand: &Hand, visit: VisitId, bytes: &[u8]) -> CapturedPhoto {
    let file = file_of(bytes);
    let attempt = hand.phone.photos().take_in(&shot(visit, file.path())).expect("stored");
    attempt.done().expect("accepted")
}

fn refusal(hand: &Hand, visit: VisitId, bytes: &[u8]) -> Vec<String> {
    let file = file_of(bytes);
    let attempt = hand.phone.photos().take_in(&shot(visit, file.path())).expect("an answer");
    attempt.codes().into_iter().map(str::to_owned).collect()
}

#[test]
fn the_server_is_told_what_the_photo_looks_like_and_the_rep_what_could_be_better() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    let seen = row(&hand, id).seen.expect("looked at");
    let print = seen.print.as_ref().expect("read");
    assert!(print.is_in_shape() && print.quality >= 50, "{print:?}");
    // 348 pixels are few.
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    let small = view.advice.iter().find(|advice| advice.code == "photo_small").expect("advice");
    assert_eq!((small.value_milli, small.limit_milli), (348_000, 1_000_000));
    for language in Language::ALL {
        assert!(small.sentence.get(language).contains("348"), "{small:?}");
        assert!(!small.next_step.get(language).is_empty());
    }
}

/// A screen held askew, its pixels three samples apart.
fn screen_png() -> Vec<u8> {
    let picture = image::GrayImage::from_fn(1_200, 900, |x, y| {
        let is_lit = |phase: u32| u8::from(phase % 31 < 15) * 70;
        image::Luma([60 + is_lit(10 * x + 2 * y) + is_lit(10 * y + 31_000 - 2 * x)])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Png).expect("written");
    file.into_inner()
}

#[test]
fn a_photo_of_a_screen_is_told_at_once_and_as_a_signal_that_can_be_answered() {
    let (hand, visit, _) = in_the_shop();
    let photo = taken(&hand, visit, &screen_png());
    let advice = photo.advice.iter().find(|advice| advice.code == "photo_reshot").expect("told at once");
    assert!((2_900..=3_200).contains(&advice.value_milli), "{advice:?}");
    for language in Language::ALL {
        assert!(advice.sentence.get(language).contains('3') && !advice.next_step.get(language).is_empty());
    }
    let is_reshot = |signal: &Signal| signal.kind == SignalKind::Reshot;
    assert!(row(&hand, photo.photo_id).signals().any(is_reshot));
    assert!(!row(&hand, take(&hand, visit, "aisle", 0)).signals().any(is_reshot), "a shelf is no screen");
    let answered = hand.phone.photos().answer_signal(photo.photo_id, SignalKind::Reshot, "这是灯箱广告");
    answered.expect("stored").done().expect("accepted");
    assert_eq!(
        row(&hand, photo.photo_id)
            .signals()
            .find(|signal| is_reshot(signal))
            .and_then(|signal| signal.answer.as_ref())
            .map(|answer| answer.text.as_str()),
        Some("这是灯箱广告")
    );
}

#[test]
fn people_look_at_a_stamped_copy_that_is_upright_and_goes_with_the_original() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    let bytes = std::fs::read(view.stamped.as_ref().expect("made")).expect("there");
    let (copy, photo) = (image::load_from_memory(&bytes).expect("a picture"), row(&hand, id));
    assert!(copy.width() >= photo.width && copy.height() >= photo.height, "{}×{}", copy.width(), copy.height());
    let lower = copy.to_luma8().rows().next_back().expect("a row").map(|pixel| u32::from(pixel.0[0])).sum::<u32>();
    assert!(lower / copy.width() < 90, "the stamp's band is dark");
}

#[test]
fn every_way_a_camera_can_be_held_comes_out_upright_with_a_small_thumbnail() {
    let Some(folder) = real_data("photos/orientation") else { return };
    let (hand, visit, _) = in_the_shop();
    for (shape, is_wide) in [("landscape", true), ("portrait", false)] {
        for number in 1..=8 {
            let bytes = std::fs::read(folder.join(format!("{shape}_{number}.jpg"))).expect("there");
            let photo = taken(&hand, visit, &bytes);
            assert_eq!(photo.width > photo.height, is_wide, "{shape} {number}");
        }
    }
    for view in hand.phone.photos().list(visit).expect("read") {
        let thumbnail = std::fs::read(view.thumbnail.expect("kept")).expect("there");
        let small = image::load_from_memory(&thumbnail).expect("a picture");
        assert_eq!(small.width() > small.height(), view.width > view.height);
        assert!(thumbnail.len() <= 20_000, "{} bytes", thumbnail.len());
    }
}

#[test]
fn a_photo_that_no_codec_can_make_small_still_has_a_small_thumbnail() {
    let (hand, visit, _) = in_the_shop();
    taken(&hand, visit, &noise_png(600, 450));
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    assert!(std::fs::read(view.thumbnail.as_ref().expect("kept")).expect("there").len() <= 20_000);
}

#[test]
fn what_is_no_photo_that_is_taken_is_refused_by_name_and_nothing_of_it_stays() {
    let (hand, visit, _) = in_the_shop();
    let photo = shelf_photo(0);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let cases: [(&[u8], &str); 5] = [
        (b"", "photo_not_an_image"),
        (b"<html>Sign in to the hotel's network", "photo_not_an_image"),
        (&heic, "photo_format_refused"),
        (&photo[..photo.len() * 6 / 10], "photo_cut_off"),
        (&claiming(&photo, 12_000, 12_000), "photo_too_many_pixels"),
    ];
    for (bytes, code) in cases {
        assert_eq!(refusal(&hand, visit, bytes), [code]);
    }
    assert_eq!(std::fs::read_dir(hand.phone.photos_dir()).map_or(0, Iterator::count), 0);
}

/// The photo with another size in its header.
fn claiming(photo: &[u8], width: u16, height: u16) -> Vec<u8> {
    let place = photo.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline photo");
    let mut claimed = photo.to_vec();
    claimed[place + 5..place + 7].copy_from_slice(&height.to_be_bytes());
    claimed[place + 7..place + 9].copy_from_slice(&width.to_be_bytes());
    claimed
}

#[test]
fn a_photo_whose_picture_cannot_be_read_is_kept_as_it_is_and_says_so() {
    let (hand, visit, _) = in_the_shop();
    let spoilt = spoilt_inside(&shelf_photo(0));
    let photo = taken(&hand, visit, &spoilt);
    assert_eq!(photo.advice.iter().map(|advice| advice.code.as_str()).collect::<Vec<_>>(), ["photo_unexamined"]);
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    assert_eq!(std::fs::read(view.original.as_ref().expect("kept")).expect("there"), spoilt);
    assert!(view.stamped.is_none() && view.upload.is_some());
    assert!(image::load_from_memory(&std::fs::read(view.thumbnail.as_ref().expect("made")).expect("there")).is_ok());
    let Photo { seen: Some(Seen { print: None, .. }), .. } = row(&hand, photo.photo_id) else {
        panic!("nothing is claimed of a picture that nobody read");
    };
}

/// The photo with bytes in the middle of its picture that are no code.
fn spoilt_inside(photo: &[u8]) -> Vec<u8> {
    let mut spoilt = photo.to_vec();
    let middle = photo.len() / 2;
    for byte in &mut spoilt[middle..middle + 400] {
        *byte = 0xFE;
    }
    spoilt
}

#[test]
fn what_the_host_says_of_a_photo_is_told_on() {
    let (hand, visit, _) = in_the_shop();
    let file = file_of(&shelf_photo(1));
    let shot = Shot { is_from_gallery: true, tilt: Some(31.0), ..shot(visit, file.path()) };
    let Attempt::Done(photo) = hand.phone.photos().take_in(&shot).expect("stored") else { panic!("refused") };
    assert!(photo.advice.iter().any(|advice| advice.code == "photo_tilted" && advice.value_milli == 31_000));
    assert!(row(&hand, photo.photo_id).seen.expect("looked at").is_from_gallery);
}

#[test]
fn a_camera_that_was_elsewhere_and_another_day_is_noted_with_its_figures() {
    let Some(folder) = real_data("photos/orientation") else { return };
    let (hand, visit, _) = in_the_shop();
    let photo = taken(&hand, visit, &std::fs::read(folder.join("gps_DSCN0010.jpg")).expect("there"));
    let seen = row(&hand, photo.photo_id).seen.expect("looked at");
    assert!(seen.camera_distance_m.expect("a position") > 1_000_000, "Italy is far from 江城: {seen:?}");
    assert_eq!(seen.camera_clock.expect("a time").code, "camera_time_older");
}
