//! Taking photos in, taking them again, freeing them; scenario D8 of the product guide on the phone.

use storewalk_domain::{
    photo::{Photo, PhotoStatus, Pin},
    sync::Table,
    time::DAY_MS,
};
use storewalk_sqlite::remove_row;

use super::{in_the_shop, reject, row, take, upload};
use crate::{
    Attempt,
    photos::{
        files::sha256_hex,
        testing::{shelf_path, shelf_photo},
    },
};

#[test]
fn taking_a_photo_keeps_source_hash_and_size_and_shows_it_at_once() {
    let (mut hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.kill();
    let shown = hand.phone.photos().list(visit).expect("read");
    assert_eq!((shown.len(), shown[0].id, shown[0].status), (1, id, PhotoStatus::Pending));
    let original = std::fs::read(shown[0].original.as_ref().expect("here")).expect("readable");
    assert_eq!(original, shelf_photo(0));
    assert_eq!(std::fs::read(shelf_path(0)).expect("untouched"), original);
    let photo = row(&hand, id);
    assert_eq!((photo.size_bytes, photo.sha256), (original.len() as u64, sha256_hex(&original)));
    let thumbnail = std::fs::read(shown[0].thumbnail.as_ref().expect("here")).expect("readable");
    assert!(thumbnail.len() <= 20_000);
    let upload = shown[0].upload.expect("queued");
    assert_eq!((upload.sent_bytes, upload.total_bytes), (0, (original.len() + thumbnail.len()) as u64));
}

#[test]
fn a_file_that_is_no_photo_leaves_no_row_and_no_file() {
    let (hand, visit, _) = in_the_shop();
    let text = tempfile::NamedTempFile::new().expect("temporary file");
    std::fs::write(text.path(), "not a photo").expect("written");
    let refused = hand.phone.photos().capture(visit, "storefront", text.path(), None).expect("an answer");
    assert_eq!(refused.codes(), ["photo_not_an_image"]);
    let zone = hand.phone.photos().capture(visit, "the_moon", &shelf_path(0), None).expect("an answer");
    assert_eq!(zone.codes(), ["handbook_code_unknown"]);
    assert!(hand.phone.photos().list(visit).expect("read").is_empty());
    let left = std::fs::read_dir(hand.phone.photos_dir()).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a refused photo leaves no file");
    let gone = hand.phone.photos().capture(visit, "storefront", &text.path().join("nowhere"), None);
    assert_eq!(gone.expect_err("no file").code(), "file_fault");
}

#[test]
fn an_original_is_freed_some_days_after_a_pull_said_that_the_server_holds_it() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 1);
    assert_eq!(hand.phone.photos().janitor().expect("swept").originals_freed, 0, "success of HTTP frees nothing");

    let now = hand.phone.now().trusted();
    let received = |at| Photo { status: PhotoStatus::Received, received_at: Some(at), ..row(&hand, id) };
    hand.put([received(now)]);
    let swept = hand.phone.photos().janitor().expect("swept");
    assert_eq!(swept.originals_freed, 0, "a server restored from a backup may ask for it once more");

    hand.put([received(now.plus_ms(-8 * DAY_MS))]);
    let swept = hand.phone.photos().janitor().expect("swept");
    assert_eq!((swept.originals_freed, swept.bytes_freed), (1, shelf_photo(0).len() as u64));
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    assert!(view.original.is_none() && view.stamped.is_none() && view.thumbnail.as_ref().expect("kept").is_file());
}

#[test]
fn bytes_of_a_photo_whose_row_left_the_phone_are_still_offered() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    let leave = |transaction: &rusqlite::Transaction<'_>| Ok(remove_row(transaction, Table::Photos, id.row())?);
    hand.phone.write(leave).expect("the outlet moved on");
    assert_eq!(upload(&hand).originals, 1);
    assert_eq!(hand.phone.status().expect("status").unsent_photos, 0);
}

#[test]
fn the_janitor_clears_what_a_killed_app_left_half_written() {
    let (hand, visit, _) = in_the_shop();
    take(&hand, visit, "storefront", 0);
    let folder = hand.phone.photos_dir();
    std::fs::write(folder.join(".part-x.jpg"), "half").expect("written");
    std::fs::write(folder.join("nobody-original.jpg"), "whole, but no row names it").expect("written");
    assert_eq!(hand.phone.photos().janitor().expect("swept").strays_cleared, 2);
    assert_eq!(std::fs::read_dir(&folder).expect("there").count(), 3);
}

#[test]
fn d8_a_rejected_photo_comes_back_with_reason_pin_and_date_and_a_retake_answers_it() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "product_zone", 0);
    hand.acknowledge_all();
    reject(&hand, id, None);
    let retakes = hand.phone.photos().rejected().expect("read");
    assert_eq!(retakes.len(), 1);
    let (verdict, task) = (&retakes[0].verdict, &retakes[0].task);
    assert_eq!(verdict.reason.as_ref().map(|reason| reason.zh.as_str()), Some("有空位"));
    assert_eq!((verdict.pin, verdict.note.as_str()), (Some(Pin { x: 0.62, y: 0.4 }), "第二层"));
    assert!(task.needs_photo && !task.is_overdue && task.detail.zh.contains("产品陈列区"), "{task:?}");
    assert_eq!(hand.phone.tasks().mine().expect("read").iter().filter(|task| task.needs_photo).count(), 1);
    let by_word = hand.phone.tasks().close(task.id).expect("recorded");
    assert_eq!(by_word.codes(), ["task_needs_proof"]);

    let retake = hand.phone.photos().capture(visit, "product_zone", &shelf_path(1), Some(id)).expect("stored");
    let Attempt::Done(retake) = retake else { panic!("refused: {:?}", retake.codes()) };
    assert_eq!(row(&hand, id).replaced_by, Some(retake.photo_id));
    assert!(hand.phone.photos().rejected().expect("read").is_empty());
}
