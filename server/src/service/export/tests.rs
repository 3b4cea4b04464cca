//! Archives that break off, and readers who stand still.

use std::{io::Cursor, sync::Arc};

use http_body_util::BodyExt;
use storewalk_domain::ids::PhotoId;
use tokio::sync::Notify;

use super::*;
use crate::console::fixtures::{Bench, FIRST_PHOTO, RETAKE, SUPERVISOR, WAITING_PHOTO};

/// An export of originals.
fn originals(photos: &[PhotoId]) -> Export {
    let item = |photo: &PhotoId| Item {
        photo_id: *photo,
        name: photo.to_string(),
        is_on_phone: false,
        cells: std::array::from_fn(|_| String::new()),
        stamp: Stamp::default(),
    };
    let words = ListWords {
        columns: std::array::from_fn(|_| String::new()),
        found: std::array::from_fn(|_| String::new()),
        exported: "exported".into(),
        erased: Arc::new(|_| String::new()),
        on_phone: String::new(),
        missing: "missing".into(),
        unreadable: String::new(),
        unmarked: String::new(),
        yes_no: [String::new(), String::new()],
    };
    Export { by: SUPERVISOR, items: photos.iter().map(item).collect(), copies: Copies::Originals, words }
}

/// More bytes than one piece of an archive takes.
fn large(seed: u8) -> Vec<u8> {
    (0..PIECE_BYTES * 3).map(|place| (place % 251).to_le_bytes()[0] ^ seed).collect()
}

/// What came, and whether its end was told.
async fn taken(mut body: Body) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().expect("bytes")),
            Err(_) => return (bytes, false),
        }
    }
    (bytes, true)
}

async fn all_rooms_are_free(bench: &Bench) {
    let rooms = u32::try_from(AT_ONCE).expect("few");
    drop(bench.state.export_slots.acquire_many(rooms).await.expect("open"));
}

#[tokio::test]
async fn an_archive_whose_shelf_fails_in_the_middle_is_seen_to_be_broken() {
    let bench = Bench::signed_in().await;
    for (number, photo) in (0..).zip([WAITING_PHOTO, RETAKE, FIRST_PHOTO]) {
        bench.receive(photo, &large(number), 1).await;
    }
    let whole = archive(
        bench.state.clone(),
        originals(&[WAITING_PHOTO, RETAKE, FIRST_PHOTO]),
        room(&bench.state).expect("room"),
    );
    let (bytes, is_whole) = taken(whole).await;
    assert!(is_whole && zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive").len() == 4);
    // A file stands where the second photo's folder was: the shelf cannot be read there.
    let sha256 = crate::auth::hex(&<sha2::Sha256 as sha2::Digest>::digest(large(1)));
    let path = bench.state.blobs.path_of(&sha256).expect("a place");
    let folder = path.parent().and_then(std::path::Path::parent).expect("a folder");
    std::fs::remove_dir_all(folder).expect("removed");
    std::fs::write(folder, b"in the way").expect("written");
    let broken = archive(
        bench.state.clone(),
        originals(&[WAITING_PHOTO, RETAKE, FIRST_PHOTO]),
        room(&bench.state).expect("room"),
    );
    let (bytes, is_whole) = taken(broken).await;
    assert!(!is_whole, "the line breaks");
    assert!(bytes.starts_with(b"PK\x03\x04") && bytes.len() >= PIECE_BYTES, "{} bytes came before", bytes.len());
    assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_err(), "what came is no archive");
    all_rooms_are_free(&bench).await;
}

#[tokio::test]
async fn a_reader_who_stands_still_loses_the_archive_and_gives_the_room_free() {
    let bench = Bench::signed_in().await;
    let photos = [WAITING_PHOTO, RETAKE, FIRST_PHOTO];
    for (number, photo) in (0..).zip(photos) {
        bench.receive(photo, &large(number), 1).await;
    }
    let (stands, is_over) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let patience: Patience = {
        let (stands, is_over) = (Arc::clone(&stands), Arc::clone(&is_over));
        Arc::new(move || {
            let (stands, is_over) = (Arc::clone(&stands), Arc::clone(&is_over));
            Box::pin(async move {
                stands.notify_one();
                is_over.notified().await;
            })
        })
    };
    let body = sent(bench.state.clone(), originals(&photos), room(&bench.state).expect("room"), patience);
    // Nobody reads: the writer comes to stand, and waits.
    stands.notified().await;
    assert_eq!(bench.state.export_slots.available_permits(), AT_ONCE - 1);
    is_over.notify_one();
    all_rooms_are_free(&bench).await;
    let (bytes, is_whole) = taken(body).await;
    assert!(!is_whole, "what is left does not pass for the whole");
    assert_eq!(bytes.len(), PIECES * PIECE_BYTES, "what was on the line before");
    assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_err());
}

#[tokio::test]
async fn a_reader_who_moves_on_before_patience_ends_gets_all_of_it() {
    let bench = Bench::signed_in().await;
    bench.receive(WAITING_PHOTO, &large(0).repeat(4), 1).await;
    let stands = Arc::new(Notify::new());
    let patience: Patience = {
        let stands = Arc::clone(&stands);
        Arc::new(move || {
            let stands = Arc::clone(&stands);
            Box::pin(async move {
                stands.notify_one();
                std::future::pending::<()>().await;
            })
        })
    };
    let body = sent(bench.state.clone(), originals(&[WAITING_PHOTO]), room(&bench.state).expect("room"), patience);
    stands.notified().await;
    let (bytes, is_whole) = taken(body).await;
    assert!(is_whole);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut file = archive.by_index(0).expect("a file");
    let mut read = Vec::new();
    io::Read::read_to_end(&mut file, &mut read).expect("whole");
    assert_eq!(read, large(0).repeat(4));
}
