use std::ops::ControlFlow;

use super::*;
use crate::{Settings, examine, testing};

fn hashes_of(bytes: &[u8]) -> Hashes {
    let mut go_on = |_| ControlFlow::Continue(());
    let processed = examine(bytes, &Settings::default(), &mut crate::Watch::new(&mut go_on));
    processed.unwrap_or_else(|fault| panic!("{fault}")).hashes
}

#[test]
fn published_hashes_are_met_to_the_published_tolerance() {
    let Some(folder) = testing::real_data("photos/hash") else { return };
    let table = std::fs::read_to_string(folder.join("pdq.csv")).expect("the published hashes");
    let mut seen = 0;
    for line in table.lines().skip(1) {
        let (name, hash) = line.split_once(',').expect("two columns");
        let published: Pdq = hash.parse().expect("a hash");
        let made = hashes_of(&std::fs::read(folder.join(name)).expect("a picture"));
        let distance = made.pdq[0].distance(&published);
        // Upstream's own criterion: at most 10 bits where the quality is 80 or more.
        let is_plain = made.quality < 80;
        assert!(distance <= 10 || is_plain, "{name}: {distance} bits, quality {}", made.quality);
        seen += usize::from(!is_plain);
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn a_hash_reads_back_from_its_text_and_its_bytes() {
    let text = "d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22";
    let hash: Pdq = text.parse().expect("a hash");
    assert_eq!((hash.to_string().as_str(), Pdq::from_bytes(hash.to_bytes())), (text, hash));
    assert_eq!(hash.to_bytes()[..2], [0xD8, 0xF8]);
    assert_eq!("d8".parse::<Pdq>(), Err(NotAHash));
    assert_eq!("é".repeat(32).parse::<Pdq>(), Err(NotAHash));
}

fn plane_of(bytes: &[u8]) -> Plane {
    let picture = image::load_from_memory(bytes).expect("a picture").into_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Plane { width, height, stride: width, samples: picture.into_raw() }
}

#[test]
fn every_way_to_turn_a_picture_is_among_its_eight_hashes() {
    let plane = plane_of(&testing::shelf_photo(1));
    let hash = hashes(&plane).0;
    for number in 1..=8 {
        let orientation = crate::exif::Orientation::new(number).expect("an orientation");
        let stored = crate::plane::Picture { luma: plane.clone(), chroma: None };
        let turned = scale::upright_picture(stored, (plane.width, plane.height), orientation).luma;
        let other = hashes(&turned).0;
        let (distance, is_turned) = hash.nearest(&other.pdq[0]);
        assert!(distance <= 12, "{number}: {distance}");
        assert_eq!(is_turned, number > 1, "{number}");
        let short = hash.short.iter().map(|mine| (mine ^ other.short[0]).count_ones()).min();
        assert!(short <= Some(4), "{number}: {short:?}");
    }
}

#[test]
fn an_edited_photo_stays_near_and_another_is_far() {
    for number in 0..12 {
        let photo = testing::shelf_photo(number);
        let plane = plane_of(&photo);
        let first = hashes(&plane).0;
        let mut bright = plane.clone();
        bright.samples.iter_mut().for_each(|level| *level = level.saturating_add(*level / 5));
        let small = scale::resized(&plane, 174, 174, Filter::Soft);
        for edited in [bright, small] {
            let distance = hashes(&edited).0.pdq[0].distance(&first.pdq[0]);
            assert!(distance <= PDQ_MATCH, "{number}: {distance}");
        }
        let other = hashes(&plane_of(&testing::shelf_photo(number + 1))).0;
        assert!(first.nearest(&other.pdq[0]).0 > PDQ_MATCH, "{number}");
    }
}

#[test]
fn the_middle_of_a_small_picture_is_near_that_of_the_same_picture_at_any_size() {
    for number in 0..12 {
        let plane = plane_of(&testing::shelf_photo(number));
        let first = hashes(&plane).1;
        for side in [120, 174, 260, 700, 1_400] {
            let other = hashes(&scale::resized(&plane, side, side, Filter::Soft)).1;
            let (short, long) = ((first.short[0] ^ other.short[0]).count_ones(), first.pdq[0].distance(&other.pdq[0]));
            assert!(short <= crate::MOST_DISTANCE && long <= PDQ_MATCH, "{number}, {side}: {short} and {long} bits");
        }
    }
}

#[test]
fn two_short_hashes_differ_in_an_even_number_of_bits() {
    let short: Vec<u64> = (0..12).map(|number| hashes(&plane_of(&testing::shelf_photo(number))).1.short[0]).collect();
    assert!(short.iter().all(|hash| hash.count_ones() == 32), "half of the frequencies are above the median");
}

#[test]
fn a_picture_of_nothing_has_no_quality() {
    let hash = hashes(&Plane::filled(640, 480, 120)).0;
    assert_eq!(hash.quality, 0);
    assert_eq!(hashes(&Plane::filled(1, 1, 120)).0.quality, 0);
}
