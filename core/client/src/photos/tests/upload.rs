//! Sending bytes, scenario D6 of the product guide among it.

use storewalk_domain::photo::PhotoStatus;
use storewalk_wire::{ApiError, ErrorCode, Variant};

use super::{in_the_shop, row, server::refusal, take, upload};
use crate::photos::{
    UploadReport, queue,
    testing::{noise_png, shelf_photo},
};

/// A file of about 3.6 MB, in the temporary folder of the test.
fn large_photo() -> (tempfile::NamedTempFile, Vec<u8>) {
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    let bytes = noise_png(1_095, 1_095);
    std::fs::write(file.path(), &bytes).expect("written");
    (file, bytes)
}

#[test]
fn thumbnails_travel_first_and_nothing_before_the_server_knows_the_photo() {
    let (hand, visit, shelf) = in_the_shop();
    let first = take(&hand, visit, "storefront", 0);
    let second = take(&hand, visit, "product_zone", 1);
    assert_eq!(upload(&hand), UploadReport::default());
    hand.acknowledge_all();
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.originals, report.error), (2, 2, None));
    let (small, whole) = (Variant::Thumbnail, Variant::Original);
    assert_eq!(shelf.variants(), [small, small, whole, whole]);
    assert_eq!(shelf.file(first, whole), shelf_photo(0));
    assert_eq!(shelf.file(second, whole), shelf_photo(1));
    assert_eq!(row(&hand, first).status, PhotoStatus::Pending, "only a pull says that the server holds it");
}

#[test]
fn photos_of_today_go_before_those_of_yesterday_however_long_the_day_or_late_the_evening() {
    let (hand, visit, _shelf) = in_the_shop();
    let of_the_morning_before = take(&hand, visit, "storefront", 0);
    hand.clock.set("2025-03-14T21:30");
    let of_the_evening_before = take(&hand, visit, "product_zone", 1);
    hand.clock.set("2025-03-15T07:50");
    let of_today = take(&hand, visit, "price_tag", 2);
    hand.acknowledge_all();
    let wanted = [of_today, of_the_morning_before, of_the_evening_before];
    for now in ["2025-03-15T07:55", "2025-03-15T21:00"] {
        hand.clock.set(now);
        let began = hand.phone.now().device_at;
        let due = || hand.phone.next_upload().expect("read").map(|upload| upload.request);
        let mut order = Vec::new();
        while let Some(request) = due() {
            let later = began.plus_ms(60_000);
            hand.phone.write(|transaction| queue::put_off(transaction, &request, later)).expect("put off");
            order.push((request.variant, request.photo_id));
        }
        let variants = [Variant::Thumbnail, Variant::Original];
        let wanted = variants.into_iter().flat_map(|variant| wanted.map(|photo| (variant, photo)));
        assert_eq!(order, wanted.collect::<Vec<_>>(), "{now}");
    }
}

#[test]
fn d6_a_cut_upload_goes_on_where_the_server_stands_and_a_portal_page_is_no_receipt() {
    let (mut hand, visit, shelf) = in_the_shop();
    let (file, bytes) = large_photo();
    assert!((3_590_000..3_620_000).contains(&bytes.len()), "{}", bytes.len());
    let taken = hand.phone.photos().capture(visit, "price_tag", file.path(), None).expect("stored");
    let id = taken.done().expect("accepted").photo_id;
    hand.acknowledge_all();

    // The thumbnail is one part; the lift closes after the ninth part of the original.
    shelf.fails_after(10, ApiError::Offline);
    let cut = upload(&hand);
    assert_eq!((cut.thumbnails, cut.originals, cut.error.as_deref()), (1, 0, Some("offline")));
    assert_eq!(shelf.file(id, Variant::Original).len(), 2_359_296);
    assert!(cut.next_attempt_at.expect("never passive") > hand.phone.now().device_at);

    hand.kill();
    hand.clock.pass_minutes(16);
    shelf.fails_after(0, ApiError::NotTheServer("a page".into()));
    assert_eq!(upload(&hand).error.as_deref(), Some("not_the_server"));

    hand.clock.pass_minutes(16);
    shelf.is_well();
    let rest = upload(&hand);
    assert_eq!((rest.originals, rest.bytes_sent), (1, bytes.len() as u64 - 2_359_296));
    assert_eq!(shelf.file(id, Variant::Original), bytes);
}

#[test]
fn bytes_that_the_server_refuses_stay_and_are_shown_to_a_person() {
    let (hand, visit, shelf) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    shelf.fails_after(1, refusal(ErrorCode::ChecksumMismatch));
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.refused, report.error), (1, 1, None));
    let items = hand.phone.attention().items().expect("read");
    assert_eq!((items.len(), items[0].id), (1, id.0));
    assert!(items[0].problems[0].next_step.zh.contains("照片仍保存在手机上"));
    assert_eq!(items[0].about, "幸福路手机城");
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    assert!(view.upload.expect("queued").is_refused && view.original.as_ref().expect("kept").is_file());

    hand.clock.pass_minutes(6 * 60);
    shelf.is_well();
    assert_eq!(upload(&hand).originals, 1, "it is offered again");
    assert!(hand.phone.attention().items().expect("read").is_empty());
}

#[test]
fn a_file_that_is_gone_is_told_and_holds_up_no_other() {
    let (hand, visit, shelf) = in_the_shop();
    let lost = take(&hand, visit, "storefront", 0);
    let kept = take(&hand, visit, "aisle", 1);
    hand.acknowledge_all();
    let path = hand.phone.photos().list(visit).expect("read")[0].original.clone().expect("here");
    std::fs::remove_file(path).expect("removed");
    let report = upload(&hand);
    assert_eq!((report.refused, report.originals), (1, 1));
    assert_eq!(shelf.file(kept, Variant::Original), shelf_photo(1));
    let items = hand.phone.attention().items().expect("read");
    assert_eq!((items[0].id, items[0].problems[0].code.as_str()), (lost.0, "photo_file_gone"));
}

#[test]
fn an_original_that_no_pull_confirms_is_asked_about_again_and_sent_anew_if_it_was_lost() {
    let (hand, visit, shelf) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    upload(&hand);
    assert_eq!(upload(&hand).originals, 0, "not at once");
    shelf.files.lock().expect("not poisoned").clear();
    hand.clock.pass_minutes(61);
    let again = upload(&hand);
    assert_eq!((again.originals, shelf.file(id, Variant::Original)), (1, shelf_photo(0)));
}

#[test]
fn a_small_file_goes_along_with_its_announcement_once_and_is_asked_about_ever_after() {
    let (hand, visit, shelf) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    shelf.fails_after(0, ApiError::Timeout);
    assert_eq!(upload(&hand).error.as_deref(), Some("timeout"));
    hand.clock.pass_minutes(16);
    shelf.is_well();
    assert_eq!(upload(&hand).thumbnails, 1);
    shelf.files.lock().expect("not poisoned").clear();
    hand.clock.pass_minutes(61);
    assert_eq!(upload(&hand).thumbnails, 1, "the server has lost it");
    let given = take(&hand, visit, "product_zone", 0);
    hand.acknowledge_all();
    let due = hand.phone.next_upload().expect("read").expect("due").request;
    let now = hand.phone.now().device_at;
    hand.phone.write(|transaction| queue::put_off(transaction, &due, now)).expect("handed to the platform");
    assert_eq!((upload(&hand).thumbnails, shelf.file(given, Variant::Thumbnail).is_empty()), (1, false));
    let small = Variant::Thumbnail;
    let begun: Vec<_> =
        shelf.begun.lock().expect("not poisoned").iter().copied().filter(|one| one.1 == small).collect();
    assert_eq!(begun, [(id, small)], "neither the second try, nor what was sent or handed out before");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(12))]

    #[test]
    fn d6_whatever_is_cut_killed_or_left_unanswered_the_photo_arrives_whole_and_no_part_travels_in_vain(
        cuts in proptest::collection::vec((0_u32..4, proptest::bool::ANY, proptest::bool::ANY), 0..6),
    ) {
        let (mut hand, visit, shelf) = in_the_shop();
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        let bytes = noise_png(480, 480);
        std::fs::write(file.path(), &bytes).expect("written");
        let taken = hand.phone.photos().capture(visit, "price_tag", file.path(), None).expect("stored");
        let id = taken.done().expect("accepted").photo_id;
        hand.acknowledge_all();
        let mut lost_parts = 0;
        for (parts, is_kept, is_killed) in cuts {
            shelf.fails_after(parts, ApiError::Timeout);
            *shelf.keeps_last.lock().expect("not poisoned") = is_kept;
            let cut = upload(&hand);
            proptest::prop_assert!(cut.error.is_none() || cut.next_attempt_at > Some(hand.phone.now().device_at));
            lost_parts += u32::from(cut.error.is_some());
            if is_killed {
                hand.kill();
            }
            hand.clock.pass_minutes(16);
        }
        shelf.is_well();
        upload(&hand);
        proptest::prop_assert_eq!(shelf.file(id, Variant::Original), bytes);
        // Every part that was kept was sent once more at most when its answer was lost, and never twice.
        let parts = shelf.log.lock().expect("not poisoned").len();
        proptest::prop_assert_eq!(parts, 1 + 3, "{} cuts", lost_parts);
    }
}

#[test]
fn on_a_network_paid_by_volume_originals_wait_but_not_for_ever() {
    let (hand, visit, shelf) = in_the_shop();
    take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    hand.phone.network_is_metered(true);
    let held = upload(&hand);
    assert_eq!((held.thumbnails, held.originals, held.error), (1, 0, None));
    let next = held.next_attempt_at.expect("never passive");
    assert_eq!(next.0 - hand.phone.now().device_at.0, 24 * 3_600_000, "a day after it was taken");
    assert_eq!(upload(&hand).originals, 0);
    hand.clock.pass_minutes(24 * 60);
    assert_eq!(upload(&hand).originals, 1, "a day is long enough");
    assert_eq!(shelf.variants(), [Variant::Thumbnail, Variant::Original]);
}

#[test]
fn originals_that_wait_go_when_the_person_says_so_or_the_network_costs_nothing() {
    let (hand, visit, _shelf) = in_the_shop();
    take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    hand.phone.network_is_metered(true);
    assert_eq!(upload(&hand).originals, 0);
    hand.phone.send_originals_now();
    assert_eq!(upload(&hand).originals, 1);
    take(&hand, visit, "product_zone", 1);
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 0, "that was for what waited then");
    hand.phone.network_is_metered(false);
    assert_eq!(upload(&hand).originals, 1);
}
