use std::{collections::BTreeMap, io::Cursor, sync::Arc};

use image::{ImageFormat, RgbImage};
use object_store::memory::InMemory;
use sha2::{Digest, Sha256};
use storewalk_domain::{
    ids::PhotoId,
    photo::Photo,
    sync::{Row, StateExt},
    time::{Clock, DAY_MS, Timestamp},
};
use storewalk_wire::Variant;
use uuid::Uuid;

use super::*;
use crate::{
    blob::Shelf,
    console::fixtures::{APPROVED_PHOTO, Bench, REP, WAITING_PHOTO, at, rows},
    store::{Erasure, PhotoFile, UploadRecord},
};

struct ClockAt(Timestamp);

impl Clock for ClockAt {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn monotonic_ms(&self) -> i64 {
        0
    }

    fn boot_id(&self) -> String {
        "test".into()
    }
}

/// A server with the fixture's rows and its photos on a shelf.
async fn server(shelf: Option<Shelf>) -> (Bench, AppState) {
    let mut bench = Bench::empty(rows()).await;
    if let Some(shelf) = shelf {
        bench.state.blobs = Arc::new((*bench.state.blobs).clone().on(shelf));
    }
    let state = bench.state.clone();
    (bench, state)
}

fn hours_later(state: &AppState, hours: i64) -> AppState {
    AppState { clock: Arc::new(ClockAt(at("10:30").plus_ms(hours * 3_600_000))), ..state.clone() }
}

/// A photo of a colour, and its hash.
fn picture(colour: u8) -> (Vec<u8>, String) {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(64, 48, image::Rgb([colour, 120, 200]));
    picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("encoded");
    let bytes = bytes.into_inner();
    let hash = crate::auth::hex(&Sha256::digest(&bytes));
    (bytes, hash)
}

/// The bytes lie on the shelf, as if the rep had delivered them.
async fn shelved(state: &AppState, bytes: &[u8], hash: &str) {
    let grip = state.blobs.grip(hash).await;
    std::fs::write(state.blobs.incoming(PhotoId(Uuid::nil()), Variant::Original), bytes).expect("written");
    state.blobs.adopt(&grip, PhotoId(Uuid::nil()), Variant::Original, REP).await.expect("adopted");
}

/// A photo has bytes since so many days ago.
async fn held(state: &AppState, photo_id: PhotoId, hash: &str, days: i64) {
    let (received_at, sha256) = (at("10:30").plus_ms(-days * DAY_MS), hash.to_owned());
    let write = move |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        let photo: Photo = txn.get(photo_id.row())?.expect("there");
        txn.put_row(&Row::from(Photo { received_at: Some(received_at), ..photo }))?;
        let (variant, media_type) = (Variant::Original, "image/jpeg".to_owned());
        txn.put_photo_file(&PhotoFile { photo_id, variant, sha256, size_bytes: 9, media_type, received_at })
    };
    state.store.write(write).await.expect("put");
}

async fn erasure(state: &AppState, photo: PhotoId) -> Option<Erasure> {
    let found = state.store.read::<_, StoreError>(move |snapshot| snapshot.removal(photo, Variant::Original));
    found.await.expect("read").map(|removal| removal.erasure)
}

async fn is_there(state: &AppState, hash: &str) -> bool {
    state.blobs.shelf().size(hash).await.expect("asked").is_some()
}

fn memory() -> Shelf {
    Shelf::bucket(Arc::new(InMemory::new()), "photos")
}

/// Bytes past their time go, those of others stay, and the notes of who delivered them go with them.
async fn the_sweep_erases(shelf: Shelf) {
    let (_bench, state) = server(Some(shelf)).await;
    let ((old, old_hash), (young, young_hash)) = (picture(10), picture(20));
    shelved(&state, &old, &old_hash).await;
    shelved(&state, &young, &young_hash).await;
    held(&state, WAITING_PHOTO, &old_hash, 400).await;
    held(&state, APPROVED_PHOTO, &young_hash, 10).await;
    assert_eq!(sweep(&state).await.expect("swept"), 1);
    assert!(!is_there(&state, &old_hash).await && is_there(&state, &young_hash).await);
    assert_eq!(erasure(&state, WAITING_PHOTO).await, Some(Erasure::Gone(at("10:30"))));
    assert!(!state.blobs.shelf().is_noted(REP, &old_hash).await.expect("asked"));
    let names = state.blobs.shelf().names().await.expect("listed");
    assert!(!names.iter().any(|name| name.contains(&old_hash)), "nothing of it is left: {names:?}");
    assert_eq!(sweep(&state).await.expect("swept"), 0);
}

#[tokio::test]
async fn the_sweep_erases_bytes_in_a_bucket_and_in_a_folder() {
    the_sweep_erases(memory()).await;
    let folder = tempfile::tempdir().expect("folder");
    the_sweep_erases(Shelf::folder(folder.path()).expect("a shelf")).await;
}

#[cfg(feature = "real-bucket")]
#[tokio::test]
async fn the_sweep_erases_bytes_in_a_bucket_of_a_real_store() {
    let store = crate::blob::real_bucket::RealBucket::start().await;
    the_sweep_erases(store.shelf("photos")).await;
}

#[tokio::test]
async fn bytes_of_two_photos_stay_for_the_second_and_go_with_it() {
    let (_bench, state) = server(Some(memory())).await;
    let (bytes, hash) = picture(30);
    shelved(&state, &bytes, &hash).await;
    held(&state, WAITING_PHOTO, &hash, 400).await;
    held(&state, APPROVED_PHOTO, &hash, 10).await;
    sweep(&state).await.expect("swept");
    assert!(is_there(&state, &hash).await);
    assert_eq!(erasure(&state, WAITING_PHOTO).await, Some(Erasure::Shared(at("10:30"))));

    held(&state, APPROVED_PHOTO, &hash, 400).await;
    sweep(&hours_later(&state, 1)).await.expect("swept");
    assert!(!is_there(&state, &hash).await);
    let gone = Some(Erasure::Gone(at("11:30")));
    assert_eq!((erasure(&state, WAITING_PHOTO).await, erasure(&state, APPROVED_PHOTO).await), (gone, gone));
}

#[tokio::test]
async fn a_server_that_ended_between_the_steps_makes_up_for_it_with_the_next_sweep() {
    let (_bench, state) = server(Some(memory())).await;
    let ((here, here_hash), (gone, gone_hash)) = (picture(40), picture(41));
    shelved(&state, &here, &here_hash).await;
    shelved(&state, &gone, &gone_hash).await;
    held(&state, WAITING_PHOTO, &here_hash, 400).await;
    held(&state, APPROVED_PHOTO, &gone_hash, 400).await;
    let now = state.now();
    state.store.write(move |txn| let_go(txn, now, None, now)).await.expect("let go");
    // Of one it had erased the bytes and not noted it.
    state.blobs.shelf().remove(&gone_hash).await.expect("removed");
    let waiting = Some(Erasure::Waiting);
    assert_eq!((erasure(&state, WAITING_PHOTO).await, erasure(&state, APPROVED_PHOTO).await), (waiting, waiting));

    sweep(&hours_later(&state, 1)).await.expect("swept");
    assert!(!is_there(&state, &here_hash).await);
    let gone = Some(Erasure::Gone(at("11:30")));
    assert_eq!((erasure(&state, WAITING_PHOTO).await, erasure(&state, APPROVED_PHOTO).await), (gone, gone));
}

#[tokio::test]
async fn what_the_shelf_refuses_waits_and_holds_nothing_else_back() {
    let (bench, state) = server(None).await;
    let ((_, stuck_hash), (bytes, hash)) = (picture(50), picture(51));
    // Where the bytes should be is something that cannot be removed as a file.
    let stuck = bench.state.blobs.path_of(&stuck_hash).expect("a place");
    std::fs::create_dir_all(&stuck).expect("made");
    shelved(&state, &bytes, &hash).await;
    held(&state, WAITING_PHOTO, &stuck_hash, 401).await;
    held(&state, APPROVED_PHOTO, &hash, 400).await;
    sweep(&state).await.expect("what is stuck does not end the sweep");
    assert!(!is_there(&state, &hash).await, "the one behind it is erased");
    assert_eq!(erasure(&state, WAITING_PHOTO).await, Some(Erasure::Waiting));

    std::fs::remove_dir(&stuck).expect("repaired");
    sweep(&hours_later(&state, 1)).await.expect("swept");
    assert_eq!(erasure(&state, WAITING_PHOTO).await, Some(Erasure::Gone(at("11:30"))));
}

#[tokio::test]
async fn bytes_that_somebody_brings_while_they_are_let_go_are_not_erased() {
    let (_bench, state) = server(Some(memory())).await;
    let (bytes, hash) = picture(60);
    shelved(&state, &bytes, &hash).await;
    held(&state, WAITING_PHOTO, &hash, 400).await;
    // Somebody is bringing the same bytes for another photo: they are on the shelf, the database does not know yet.
    let grip = state.blobs.grip(&hash).await;
    let sweeping = tokio::spawn({
        let state = state.clone();
        async move { sweep(&state).await }
    });
    while erasure(&state, WAITING_PHOTO).await.is_none() || state.blobs.hands(&hash) < 2 {
        assert!(!sweeping.is_finished(), "the sweep did not wait for the hand");
        tokio::task::yield_now().await;
    }
    held(&state, APPROVED_PHOTO, &hash, 10).await;
    drop(grip);
    sweeping.await.expect("joined").expect("swept");
    assert!(is_there(&state, &hash).await);
    assert_eq!(erasure(&state, WAITING_PHOTO).await, Some(Erasure::Shared(at("10:30"))));
}

#[tokio::test]
async fn an_upload_of_bytes_that_are_being_erased_brings_them_again() {
    let (_bench, state) = server(Some(memory())).await;
    let (bytes, hash) = picture(70);
    shelved(&state, &bytes, &hash).await;
    let upload = UploadRecord {
        photo_id: APPROVED_PHOTO,
        variant: Variant::Original,
        user_id: REP,
        size_bytes: bytes.len() as u64,
        sha256: hash.clone(),
        begun_at: at("10:30"),
        touched_at: at("10:30"),
        expired_at: None,
        metadata: String::new(),
    };
    std::fs::write(state.blobs.incoming(APPROVED_PHOTO, Variant::Original), &bytes).expect("written");
    // The sweep has asked whether they are needed and is about to remove them.
    let grip = state.blobs.grip(&hash).await;
    let finishing = tokio::spawn({
        let state = state.clone();
        async move { crate::service::photo::finish(&state, upload).await }
    });
    while state.blobs.hands(&hash) < 2 {
        assert!(!finishing.is_finished(), "the upload did not wait for the hand");
        tokio::task::yield_now().await;
    }
    state.blobs.forget(&grip, REP).await.expect("removed");
    drop(grip);
    finishing.await.expect("joined").expect("finished");
    assert!(state.blobs.shelf().is_whole(&hash, bytes.len() as u64).await.expect("asked"));
}

#[tokio::test]
async fn a_photo_whose_bytes_are_missing_holds_no_other_back_from_being_looked_at() {
    let (_bench, state) = server(Some(memory())).await;
    let ((_, missing), (bytes, hash)) = (picture(80), picture(81));
    shelved(&state, &bytes, &hash).await;
    held(&state, WAITING_PHOTO, &missing, 20).await;
    held(&state, APPROVED_PHOTO, &hash, 10).await;
    crate::service::print::look_at_left(&state).await.expect("the upkeep goes on");
    let prints = state.store.read::<_, StoreError>(|snapshot| {
        Ok([WAITING_PHOTO, APPROVED_PHOTO].map(|photo| snapshot.photo_print(photo).map(|print| print.is_some())))
    });
    let prints = prints.await.expect("read").map(|print| print.expect("read"));
    assert_eq!(prints, [false, true]);
    let later = hours_later(&state, 1).now();
    let left = state.store.read::<_, StoreError>(move |snapshot| snapshot.photos_without_print(later, 9));
    assert_eq!(left.await.expect("read"), [WAITING_PHOTO], "it has its turn again");
}

#[tokio::test]
async fn the_sweep_looks_only_at_what_is_old_enough_for_the_shortest_class() {
    let (_bench, state) = server(Some(memory())).await;
    let (bytes, hash) = picture(90);
    shelved(&state, &bytes, &hash).await;
    held(&state, WAITING_PHOTO, &hash, 100).await;
    assert_eq!(sweep(&state).await.expect("swept"), 0);
    let days: BTreeMap<_, _> = [(PhotoClass::Visit, 90), (PhotoClass::Price, 400), (PhotoClass::Contested, 800)].into();
    let changed = change_policy(&state, REP, days, "法务".into()).await.expect("kept");
    assert_eq!(changed.expect("decided").version, 2);
    assert_eq!(sweep(&state).await.expect("swept"), 1);
}
