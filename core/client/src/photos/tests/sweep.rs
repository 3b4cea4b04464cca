//! Originals are freed with the server's receipt and not before.

use std::sync::Arc;

use storewalk_domain::{
    ids::PhotoId,
    photo::{Photo, PhotoStatus},
};
use storewalk_wire::ReceiptKey;

use super::{Shelf, in_the_shop, row, take, upload};
use crate::{plan::testing::Hand, receipt, session};

const SEED: [u8; 32] = [9; 32];
const DAYS: i64 = 24 * 60;

/// A photo of which a pull said eight days ago that the server holds it, but whose receipt never came, though the server
/// is known to sign.
fn held_without_a_receipt() -> (Hand, PhotoId, Arc<Shelf>) {
    let (hand, visit, shelf) = in_the_shop();
    let now = hand.phone.now().trusted();
    let meet = |transaction: &rusqlite::Transaction<'_>| {
        receipt::meet_key(transaction, &ReceiptKey::of_seed(&SEED), now, true)
    };
    hand.phone.write(meet).expect("met");
    let photo = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 1);
    hand.put([Photo { received_at: Some(now), status: PhotoStatus::Received, ..row(&hand, photo) }]);
    hand.clock.pass_minutes(8 * DAYS);
    (hand, photo, shelf)
}

fn signs(hand: &Hand, shelf: &Shelf) {
    let device = hand.phone.read(session::device).expect("read").id;
    shelf.signs(SEED, device, hand.phone.now().trusted());
}

fn has_original(hand: &Hand, photo: PhotoId) -> bool {
    let view = hand.phone.photos().list(row(hand, photo).visit_id).expect("read").remove(0);
    view.original.is_some_and(|path| path.is_file())
}

#[test]
fn a_sweep_asks_for_the_receipt_that_is_missing_and_the_next_one_frees_the_original() {
    let (hand, photo, shelf) = held_without_a_receipt();
    let swept = hand.phone.photos().janitor().expect("swept");
    assert_eq!((swept.originals_freed, has_original(&hand, photo)), (0, true));
    assert_eq!(hand.phone.receipt_health().expect("read").wanted, 1);
    signs(&hand, &shelf);
    let again = upload(&hand);
    assert_eq!((again.originals, again.bytes_sent), (1, 0), "asked about, not sent again");
    assert!(hand.phone.receipt(photo.row()).expect("read").is_some_and(|receipt| receipt.is_trusted));
    let size = row(&hand, photo).size_bytes;
    let swept = hand.phone.photos().janitor().expect("swept");
    assert_eq!((swept.originals_freed, swept.bytes_freed), (1, size));
    assert!(!has_original(&hand, photo));
    assert_eq!(hand.phone.photos().janitor().expect("swept").originals_freed, 0);
}

#[test]
fn a_receipt_that_does_not_verify_frees_nothing() {
    let (hand, photo, shelf) = held_without_a_receipt();
    *shelf.bends_receipts.lock().expect("not poisoned") = true;
    signs(&hand, &shelf);
    upload(&hand);
    assert_eq!(hand.phone.photos().janitor().expect("swept").originals_freed, 0);
    assert!(has_original(&hand, photo) && hand.phone.receipt_health().expect("read").problem.is_some());
    *shelf.bends_receipts.lock().expect("not poisoned") = false;
    hand.clock.pass_minutes(DAYS);
    upload(&hand);
    assert_eq!(hand.phone.photos().janitor().expect("swept").originals_freed, 1);
}
