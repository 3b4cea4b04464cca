//! Scenario D9 of the product guide on the phone: an old photo used again, found without a network.

use std::path::PathBuf;

use storewalk_domain::{
    ids::{OutletId, TerritoryId},
    photo::{PRINT_DAYS, Print, ShelfPrints, SignalKind},
    time::{BusinessDate, DAY_MS},
};

use super::{in_the_shop, row, take};
use crate::{
    Attempt,
    photos::testing::{shelf_path, shelf_photo},
    plan::{testing::Hand, world},
};

/// What a colleague's photo looked like, as another phone reads it from the bytes.
fn print_of(number: usize) -> Print {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", number);
    row(&hand, id).seen.and_then(|seen| seen.print).expect("read")
}

/// What a pull brings of S0102's day, where a colleague was.
fn a_colleague_was_in_s0102(hand: &Hand, taken_on: &str, photos: &[usize]) -> OutletId {
    let outlet_id = world::outlet("S0102");
    let taken_on = BusinessDate::parse(taken_on).expect("valid");
    let mut day = ShelfPrints {
        id: ShelfPrints::id_of(outlet_id, taken_on),
        outlet_id,
        outlet_code: "S0102".into(),
        outlet_name: "光谷数码".into(),
        taken_on,
        territories: vec![TerritoryId(uuid::Uuid::from_u128(1))],
        prints: Vec::new(),
    };
    for number in photos {
        assert!(day.add(&print_of(*number).pdq));
    }
    hand.put([day]);
    outlet_id
}

/// The shelf photo seen in a mirror, compressed again.
fn mirrored(number: usize) -> tempfile::NamedTempFile {
    let picture = image::load_from_memory(&shelf_photo(number)).expect("a picture").fliph();
    let file = tempfile::Builder::new().suffix(".jpg").tempfile().expect("temporary file");
    picture.save(file.path()).expect("written");
    file
}

#[test]
fn d9_a_colleagues_photo_of_five_days_ago_is_known_by_outlet_and_day_mirrored_or_not() {
    let (hand, visit, _) = in_the_shop();
    let outlet = a_colleague_was_in_s0102(&hand, "2025-03-09", &[3, 4]);
    let again: [PathBuf; 2] = [shelf_path(3), mirrored(4).into_temp_path().keep().expect("kept")];
    for (path, is_turned) in again.iter().zip([false, true]) {
        let taken = hand.phone.photos().capture(visit, "aisle", path, None).expect("stored");
        let photo = taken.done().expect("nothing is refused for it");
        let [alike] = photo.alike.as_slice() else { panic!("{:?}", photo.alike) };
        assert_eq!((alike.outlet_id, alike.outlet_code.as_str(), alike.is_turned), (outlet, "S0102", is_turned));
        assert_eq!(alike.taken_on.to_string(), "2025-03-09");
        assert!(alike.bits <= 31);
        let view = hand.phone.photos().list(visit).expect("read");
        let view = view.iter().find(|view| view.id == photo.photo_id).expect("there");
        let [signal] = view.signals.as_slice() else { panic!("{:?}", view.signals) };
        assert!(signal.kind == SignalKind::NearDuplicate && signal.is_counted);
        assert!(signal.sentence.zh.contains("光谷数码") && signal.sentence.en.contains("2025-03-09"), "{signal:?}");
    }
    std::fs::remove_file(&again[1]).expect("removed");
}

#[test]
fn d9_a_different_photo_of_a_similar_shelf_is_not_flagged() {
    let (hand, visit, _) = in_the_shop();
    a_colleague_was_in_s0102(&hand, "2025-03-09", &[3, 4]);
    for number in [0, 1, 2, 5, 6, 7, 8, 9, 10, 11] {
        let id = take(&hand, visit, "storefront", number);
        assert_eq!(row(&hand, id).seen.expect("looked at").alike, [], "{number}");
    }
}

#[test]
fn what_is_too_old_and_what_was_taken_in_the_same_visit_is_not_told() {
    let (hand, visit, _) = in_the_shop();
    let today = hand.phone.now().trusted();
    let old = today.plus_ms(-(PRINT_DAYS + 1) * DAY_MS).date_in(storewalk_domain::time::Zone::SHANGHAI);
    a_colleague_was_in_s0102(&hand, &old.to_string(), &[3]);
    for _ in 0..2 {
        let id = take(&hand, visit, "storefront", 3);
        assert!(row(&hand, id).signals.is_none());
    }
}

#[test]
fn a_rep_explains_a_signal_without_a_network_and_it_is_counted_no_more() {
    let (mut hand, visit, _) = in_the_shop();
    a_colleague_was_in_s0102(&hand, "2025-03-09", &[3]);
    let id = take(&hand, visit, "storefront", 3);
    let said = hand.phone.photos().answer_signal(id, SignalKind::NearDuplicate, "同一批陈列架").expect("recorded");
    assert_eq!(said, Attempt::Done(()));
    let none = hand.phone.photos().answer_signal(id, SignalKind::Gallery, "没有这回事").expect("an answer");
    assert_eq!(none.codes(), ["not_found"]);
    hand.kill();
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    let signal = &view.signals[0];
    assert_eq!((signal.answer.as_deref(), signal.is_counted), (Some("同一批陈列架"), false));
}
