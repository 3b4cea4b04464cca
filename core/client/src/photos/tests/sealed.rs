//! Photos of a phone whose data is under a key.

use std::{fs, path::PathBuf, sync::Arc};

use storewalk_domain::ids::VisitId;
use storewalk_wire::{ApiError, Variant};

use super::{in_the_shop, server::Shelf, take, upload};
use crate::{
    ClientError,
    photos::testing::{noise_png, shelf_photo},
    plan::{
        testing::{Hand, Uploads},
        world,
    },
};

pub(super) fn sealed_in_the_shop() -> (Hand, VisitId, Arc<Shelf>) {
    let hand = Hand::sealed("liwen", "2025-03-14T08:40");
    let started = hand.phone.visits().start(world::outlet("S0101"), None).expect("recorded");
    let shelf = Arc::new(Shelf::default());
    hand.reach(Arc::clone(&shelf) as Arc<dyn Uploads>);
    (hand, started.done().expect("accepted").visit_id, shelf)
}

/// The pictures in a folder of the phone that anybody can look at.
fn pictures(hand: &Hand, folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(hand.phone.dir().join(folder)).into_iter().flatten().flatten();
    let is_picture = |path: &PathBuf| {
        let bytes = fs::read(path).expect("read");
        bytes.starts_with(b"\xFF\xD8") || bytes.starts_with(b"\x89PNG")
    };
    entries.map(|entry| entry.path()).filter(is_picture).collect()
}

#[test]
fn a_photo_lies_sealed_is_shown_while_it_is_looked_at_and_arrives_as_it_was_taken() {
    let (hand, visit, shelf) = sealed_in_the_shop();
    let photo = take(&hand, visit, "storefront", 0);
    assert_eq!(pictures(&hand, "photos"), Vec::<PathBuf>::new());
    let view = hand.phone.photos().list(visit).expect("read").remove(0);
    let thumbnail = view.thumbnail.expect("here");
    assert!(fs::read(&thumbnail).expect("laid out").starts_with(b"\xFF\xD8"));
    assert!(!view.original.as_ref().expect("here").exists(), "nobody asked for it");
    let original = hand.phone.photos().reveal(photo).expect("laid out");
    assert_eq!((fs::read(&original).expect("read"), Some(original)), (shelf_photo(0), view.original));
    if let Some(stamped) = &view.stamped {
        assert!(fs::read(stamped).expect("laid out").starts_with(b"\xFF\xD8"));
    }
    hand.phone.pause();
    assert!(!thumbnail.exists() && pictures(&hand, "shown").is_empty(), "nobody looks at a paused app");
    hand.phone.resume().expect("resumed");
    hand.phone.photos().list(visit).expect("read");
    assert!(thumbnail.exists());
    hand.acknowledge_all();
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.originals, report.error), (1, 1, None));
    assert_eq!(shelf.file(photo, Variant::Original), shelf_photo(0));
    assert_eq!(shelf.file(photo, Variant::Thumbnail), fs::read(thumbnail).expect("read"));
}

#[test]
fn a_cut_upload_goes_on_in_the_middle_of_a_sealed_file_after_a_kill() {
    let (mut hand, visit, shelf) = sealed_in_the_shop();
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    let bytes = noise_png(1_095, 1_095);
    fs::write(file.path(), &bytes).expect("written");
    let taken = hand.phone.photos().capture(visit, "price_tag", file.path(), None).expect("stored");
    let photo = taken.done().expect("accepted").photo_id;
    hand.acknowledge_all();
    shelf.fails_after(6, ApiError::Offline);
    upload(&hand);
    let arrived = shelf.file(photo, Variant::Original).len();
    assert!(arrived > 0 && arrived < bytes.len());
    hand.kill();
    hand.clock.pass_minutes(16);
    shelf.is_well();
    assert_eq!(upload(&hand).originals, 1);
    assert_eq!(shelf.file(photo, Variant::Original), bytes);
}

#[test]
fn photos_of_a_plain_phone_are_sealed_at_its_first_opening_with_a_key() {
    let (mut hand, visit, shelf) = in_the_shop();
    let photos = [take(&hand, visit, "storefront", 0), take(&hand, visit, "product_zone", 1)];
    fs::write(hand.phone.photos_dir().join(".part-x.jpg"), b"\xFF\xD8 half").expect("written");
    assert!(pictures(&hand, "photos").len() >= 4, "they are plain");
    hand.phone.shutdown();
    hand.kill_and_give_a_key();
    assert_eq!(pictures(&hand, "photos"), Vec::<PathBuf>::new());
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 2);
    for (number, photo) in photos.into_iter().enumerate() {
        assert_eq!(shelf.file(photo, Variant::Original), shelf_photo(number));
    }
    hand.phone.photos().janitor().expect("swept");
    hand.kill();
    assert_eq!(pictures(&hand, "photos"), Vec::<PathBuf>::new(), "a sweep leaves the folder's mark");
}

#[test]
fn a_photo_that_changed_on_the_drive_is_never_sent_and_shown_as_one_that_is_gone() {
    let (hand, visit, shelf) = sealed_in_the_shop();
    let photo = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    let path = hand.phone.photos_dir().join(format!("{photo}-original.jpg"));
    let mut bytes = fs::read(&path).expect("sealed");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).expect("harmed");
    assert_eq!(upload(&hand).refused, 1);
    assert_ne!(shelf.file(photo, Variant::Original), shelf_photo(0));
    assert!(matches!(hand.phone.photos().reveal(photo), Err(ClientError::File(_))));
    assert_eq!(hand.phone.photos().list(visit).expect("the list is shown").len(), 1);
}

#[test]
fn photos_of_a_database_that_is_gone_are_found_under_their_seal() {
    let (mut hand, visit, _shelf) = sealed_in_the_shop();
    let photo = take(&hand, visit, "storefront", 0);
    hand.phone.shutdown();
    for name in ["storewalk.sqlite", "storewalk.sqlite-wal"] {
        let _ = fs::remove_file(hand.phone.dir().join(name));
    }
    hand.kill();
    let unsent = hand.phone.read(crate::photos::unsent_files).expect("read");
    let original = unsent.iter().find(|(request, _)| request.variant == Variant::Original).expect("queued again");
    assert_eq!(original.0.photo_id, photo);
    assert_eq!(original.0.sha256, crate::photos::sha256_hex(&shelf_photo(0)));
}
