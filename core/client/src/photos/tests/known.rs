//! Photos whose bytes were offered before the server knew of them.

use rusqlite::Transaction;
use storewalk_domain::{
    ids::{CommandId, DeviceId, PhotoId, RefusalId},
    sync::{Refusal, RefusalOutcome, RefusalSettled},
};
use storewalk_sqlite::id_blob;
use storewalk_wire::ErrorCode;
use uuid::Uuid;

use super::{in_the_shop, take, upload};
use crate::{
    photos::{Doubt, note_known, offer_again, testing::shelf_photo},
    plan::{testing::Hand, world},
};

/// A complete pull is published.
fn pulled(hand: &Hand) {
    let now = hand.phone.now().device_at;
    hand.phone.write(|transaction| note_known(transaction, now)).expect("noted");
}

fn forget_row(hand: &Hand, photo: PhotoId) {
    let forget = |transaction: &Transaction<'_>| {
        transaction.execute("DELETE FROM photos WHERE id = ?", [id_blob(photo.row())])?;
        Ok(())
    };
    hand.phone.write(forget).expect("forgotten");
}

fn refusal(photo: PhotoId, how: Option<RefusalSettled>) -> Refusal {
    let outcome = how.map(|how| RefusalOutcome {
        how,
        by: world::user("zhaomin"),
        reason: "重复".into(),
        at: world::at("2025-03-14T11:00"),
    });
    Refusal {
        id: RefusalId(Uuid::from_u128(0x91)),
        command_id: CommandId(Uuid::from_u128(0x91)),
        user_id: world::user("liwen"),
        device_id: DeviceId(Uuid::from_u128(0x92)),
        kind: "photo.attach".into(),
        problems: Vec::new(),
        refused_at: world::at("2025-03-14T10:00"),
        subject: Some(photo.row()),
        outcome,
    }
}

#[test]
fn a_photo_that_a_supervisor_took_in_is_due_as_soon_as_the_phone_hears_of_it() {
    let (hand, visit, shelf) = in_the_shop();
    let photo = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    forget_row(&hand, photo);
    hand.put([refusal(photo, None)]);
    *shelf.refuses.lock().expect("not poisoned") = Some(ErrorCode::NotFound);
    assert_eq!(upload(&hand).refused, 2);
    let waits_until = upload(&hand).next_attempt_at.expect("never passive");
    *shelf.refuses.lock().expect("not poisoned") = None;

    pulled(&hand);
    assert_eq!(upload(&hand).next_attempt_at, Some(waits_until), "nobody has decided yet");
    hand.put([refusal(photo, Some(RefusalSettled::SetAside))]);
    pulled(&hand);
    assert_eq!(upload(&hand).next_attempt_at, Some(waits_until), "it is not wanted");
    hand.put([refusal(photo, Some(RefusalSettled::TakenIn))]);
    pulled(&hand);
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.originals), (1, 1));
    assert_eq!(shelf.file(photo, storewalk_wire::Variant::Original), shelf_photo(0));
}

#[test]
fn bytes_refused_for_another_reason_wait_as_before_whatever_a_pull_brings() {
    let (hand, visit, shelf) = in_the_shop();
    take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    *shelf.refuses.lock().expect("not poisoned") = Some(ErrorCode::ChecksumMismatch);
    assert_eq!(upload(&hand).refused, 2);
    *shelf.refuses.lock().expect("not poisoned") = None;
    pulled(&hand);
    assert_eq!(upload(&hand).originals, 0);
    hand.clock.pass_minutes(6 * 60);
    assert_eq!(upload(&hand).originals, 1);
}

#[test]
fn photos_of_an_outlet_that_moved_on_are_offered_again_to_a_server_that_was_put_back() {
    let (hand, visit, shelf) = in_the_shop();
    let photo = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 1);
    forget_row(&hand, photo);
    assert_eq!(upload(&hand).originals, 0, "delivered, and no row says otherwise");
    shelf.files.lock().expect("not poisoned").clear();
    let now = hand.phone.now().device_at;
    hand.phone.write(|transaction| offer_again(transaction, Doubt::Unseen, now)).expect("noted");
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.originals), (1, 1));
    assert_eq!(shelf.file(photo, storewalk_wire::Variant::Original), shelf_photo(0));
}

#[test]
fn delivered_photos_whose_rows_are_here_wait_for_what_those_rows_say() {
    let (hand, visit, _shelf) = in_the_shop();
    take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 1);
    let now = hand.phone.now().device_at;
    let offer = |doubt| hand.phone.write(|transaction| offer_again(transaction, doubt, now)).expect("noted");
    offer(Doubt::Unseen);
    assert_eq!(upload(&hand).originals, 0);
    offer(Doubt::All);
    assert_eq!(upload(&hand).originals, 1, "a server that has it says so");
}
