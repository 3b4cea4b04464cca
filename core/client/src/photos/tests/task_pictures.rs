//! What a retake shows of other phones' photos, where there is no signal.

use std::{fs, sync::Arc};

use storewalk_domain::{
    ids::{PhotoId, TaskId, VerdictId},
    photo::Photo,
    sync::StateExt,
    task::{Task, TaskStatus},
};
use storewalk_sqlite::SqliteState;
use storewalk_wire::{ApiError, ErrorCode, SmallPicture};
use uuid::Uuid;

use super::{in_the_shop, reject, row, sealed::sealed_in_the_shop, server::Shelf, server::refusal, take};
use crate::{
    photos::{RetakeView, testing::shelf_photo},
    plan::{testing::Hand, world},
};

const REJECTED: PhotoId = PhotoId(Uuid::from_u128(0x91));
const REFERENCE: PhotoId = PhotoId(Uuid::from_u128(0x92));

const OF_REJECTED: SmallPicture = SmallPicture::OfPhoto(REJECTED);
const OF_REFERENCE: SmallPicture = SmallPicture::OfReference(VerdictId(Uuid::from_u128(0x77)));

/// 李雯 is to take a photo anew that 王强 took before the outlet was hers; the reviewer chose a photo to show how.
fn handed_over() -> (Hand, Arc<Shelf>) {
    let (hand, visit, shelf) = in_the_shop();
    with_a_retake(&hand, take(&hand, visit, "product_zone", 0));
    (hand, shelf)
}

fn with_a_retake(hand: &Hand, like: PhotoId) {
    hand.acknowledge_all();
    hand.put([Photo { id: REJECTED, rep_id: world::user("wangqiang"), ..row(hand, like) }]);
    reject(hand, REJECTED, Some(REFERENCE));
}

fn show(shelf: &Shelf, picture: SmallPicture, answer: Result<Vec<u8>, ApiError>) {
    shelf.pictures.lock().expect("not poisoned").insert(picture, answer);
}

fn shows_both(shelf: &Shelf) {
    show(shelf, OF_REJECTED, Ok(shelf_photo(0)));
    show(shelf, OF_REFERENCE, Ok(shelf_photo(1)));
}

fn after_a_sync(hand: &Hand) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(hand.phone.fetch_task_pictures());
}

/// What was asked for since the last time.
fn asked(shelf: &Shelf) -> Vec<SmallPicture> {
    std::mem::take(&mut *shelf.asked.lock().expect("not poisoned"))
}

fn retake(hand: &Hand) -> RetakeView {
    hand.phone.photos().rejected().expect("read").remove(0)
}

fn files(hand: &Hand) -> usize {
    let names = fs::read_dir(hand.phone.photos_dir()).expect("a folder").flatten();
    names.filter(|entry| entry.file_name().to_string_lossy().ends_with("-fetched.jpg")).count()
}

fn close(hand: &Hand) {
    let id = TaskId(Uuid::from_u128(0x78));
    let read = |connection: &rusqlite::Connection| Ok(SqliteState(connection).get::<Task>(id.row())?);
    let task = hand.phone.read(read).expect("read").expect("there");
    hand.put([Task { status: TaskStatus::Done, ..task }]);
}

#[test]
fn d8_a_retake_shows_the_rejected_photo_and_the_reference_without_a_signal() {
    let (mut hand, shelf) = handed_over();
    shows_both(&shelf);
    assert_eq!((retake(&hand).photo.thumbnail, retake(&hand).verdict.reference), (None, None));
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [OF_REJECTED, OF_REFERENCE]);
    show(&shelf, OF_REJECTED, Err(ApiError::Offline));
    hand.kill();
    hand.phone.photos().janitor().expect("swept");
    let (photo, verdict) = (retake(&hand).photo, retake(&hand).verdict);
    assert_eq!(fs::read(photo.thumbnail.expect("here")).expect("read"), shelf_photo(0));
    assert_eq!(fs::read(verdict.reference.expect("here")).expect("read"), shelf_photo(1));
    assert_eq!((photo.original, photo.upload), (None, None), "it is another phone's");
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [], "what is here is not asked for again");
}

#[test]
fn the_pictures_go_when_no_task_shows_them_any_more() {
    let (hand, shelf) = handed_over();
    shows_both(&shelf);
    after_a_sync(&hand);
    assert_eq!(files(&hand), 2);
    close(&hand);
    after_a_sync(&hand);
    assert_eq!((files(&hand), asked(&shelf).len()), (0, 2));
    let left = |connection: &rusqlite::Connection| {
        Ok(connection.query_row("SELECT count(*) FROM task_pictures", [], |row| row.get::<_, i64>(0))?)
    };
    assert_eq!(hand.phone.read(left).expect("read"), 0);
}

#[test]
fn a_picture_that_the_server_does_not_show_is_asked_for_later_and_holds_up_no_other() {
    let (hand, shelf) = handed_over();
    show(&shelf, OF_REFERENCE, Ok(shelf_photo(1)));
    show(&shelf, OF_REJECTED, Err(refusal(ErrorCode::NotFound)));
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [OF_REJECTED, OF_REFERENCE]);
    assert!(retake(&hand).verdict.reference.is_some());
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [], "not at every sync");
    hand.clock.pass_minutes(61);
    after_a_sync(&hand);
    hand.clock.pass_minutes(61);
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [OF_REJECTED], "twice as late the second time");
    hand.clock.pass_minutes(61);
    shows_both(&shelf);
    after_a_sync(&hand);
    assert!(retake(&hand).photo.thumbnail.is_some());
}

#[test]
fn a_clock_that_was_far_ahead_puts_no_picture_off_for_years() {
    let (hand, shelf) = handed_over();
    hand.clock.set("2031-03-14T08:40");
    after_a_sync(&hand);
    assert_eq!(asked(&shelf).len(), 2);
    hand.clock.set("2025-03-14T08:50");
    shows_both(&shelf);
    after_a_sync(&hand);
    assert_eq!((asked(&shelf).len(), files(&hand)), (2, 2));
}

#[test]
fn a_line_that_fails_costs_one_question_and_the_next_sync_asks_at_once() {
    let (hand, shelf) = handed_over();
    show(&shelf, OF_REJECTED, Err(ApiError::Offline));
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [OF_REJECTED]);
    shows_both(&shelf);
    after_a_sync(&hand);
    assert_eq!((asked(&shelf).len(), files(&hand)), (2, 2));
}

#[test]
fn a_file_that_an_older_app_cleared_away_is_fetched_again_and_meanwhile_nothing_is_shown() {
    let (hand, shelf) = handed_over();
    shows_both(&shelf);
    after_a_sync(&hand);
    assert!(!hand.phone.lacks_task_pictures().expect("read"));
    fs::remove_file(hand.phone.photos_dir().join(format!("{REFERENCE}-fetched.jpg"))).expect("there");
    assert_eq!(retake(&hand).verdict.reference, None);
    assert!(hand.phone.lacks_task_pictures().expect("read"));
    asked(&shelf);
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), [OF_REFERENCE]);
    assert!(retake(&hand).verdict.reference.is_some());
}

#[test]
fn a_picture_whose_app_was_killed_before_it_was_noted_is_cleared_and_fetched_again() {
    let (mut hand, shelf) = handed_over();
    let file = hand.phone.photos_dir().join(format!("{REFERENCE}-fetched.jpg"));
    fs::write(&file, shelf_photo(2)).expect("written");
    hand.kill();
    assert_eq!(retake(&hand).verdict.reference, None, "nothing is shown that no row names");
    hand.phone.photos().janitor().expect("swept");
    assert!(!file.exists());
    shows_both(&shelf);
    after_a_sync(&hand);
    assert_eq!(fs::read(retake(&hand).verdict.reference.expect("here")).expect("read"), shelf_photo(1));
}

#[test]
fn an_answer_that_is_no_picture_is_not_kept_and_holds_up_no_other() {
    let (hand, shelf) = handed_over();
    show(&shelf, OF_REJECTED, Err(ApiError::NotTheServer("a portal".to_owned())));
    show(&shelf, OF_REFERENCE, Ok(b"<html>".to_vec()));
    after_a_sync(&hand);
    assert_eq!((asked(&shelf).len(), files(&hand)), (2, 0));
}

#[test]
fn a_reference_that_this_phone_took_is_here_already() {
    let (hand, visit, shelf) = in_the_shop();
    let own = take(&hand, visit, "product_zone", 0);
    let other = take(&hand, visit, "product_zone", 1);
    hand.acknowledge_all();
    reject(&hand, own, Some(other));
    after_a_sync(&hand);
    assert_eq!(asked(&shelf), []);
    let (reference, photos) = (retake(&hand).verdict.reference, hand.phone.photos().list(visit).expect("read"));
    assert_eq!(reference, photos.into_iter().find(|photo| photo.id == other).expect("there").thumbnail);
}

#[test]
fn under_a_key_the_pictures_lie_sealed_and_go_with_what_was_shown() {
    let (hand, visit, shelf) = sealed_in_the_shop();
    with_a_retake(&hand, take(&hand, visit, "product_zone", 0));
    shows_both(&shelf);
    after_a_sync(&hand);
    let kept = hand.phone.photos_dir().join(format!("{REFERENCE}-fetched.jpg"));
    assert!(!fs::read(kept).expect("there").starts_with(b"\xFF\xD8"), "sealed");
    let shown = retake(&hand).verdict.reference.expect("here");
    assert_eq!(fs::read(&shown).expect("laid out"), shelf_photo(1));
    close(&hand);
    after_a_sync(&hand);
    assert!(!shown.exists() && files(&hand) == 0);
}
