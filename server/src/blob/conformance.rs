//! One test suite for every kind of shelf.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::TryStreamExt;
use object_store::memory::InMemory;
use storewalk_domain::ids::UserId;
use uuid::Uuid;

use super::Shelf;
#[cfg(feature = "real-bucket")]
use super::real_bucket::RealBucket;

/// A photo's bytes of a length, and their hash.
fn bytes(length: usize, seed: u8) -> (Vec<u8>, String) {
    use sha2::{Digest, Sha256};
    let pattern: Vec<u8> = (0..=250).map(|byte| byte ^ seed).collect();
    let mut bytes = pattern.repeat(length / pattern.len() + 1);
    bytes.truncate(length);
    let hash = crate::auth::hex(&Sha256::digest(&bytes));
    (bytes, hash)
}

/// Runs every case.
async fn check(shelf: &Shelf, scratch: &Path) {
    what_is_taken_in_is_found_again(shelf, scratch).await;
    the_same_bytes_lie_there_once(shelf, scratch).await;
    a_name_that_is_no_hash_leads_nowhere(shelf, scratch).await;
    damage_is_seen(shelf, scratch).await;
    what_was_removed_is_gone(shelf, scratch).await;
    what_came_in_parts_is_removed_whole(shelf, scratch).await;
    a_note_is_one_persons(shelf).await;
    many_may_bring_the_same_bytes_at_once(shelf, scratch).await;
}

async fn put(shelf: &Shelf, scratch: &Path, bytes: &[u8], hash: &str) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let file = scratch.join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
    std::fs::write(&file, bytes).expect("written");
    shelf.adopt(file.clone(), hash).await.expect("taken in");
    assert!(!file.exists(), "the file has moved");
}

async fn what_is_taken_in_is_found_again(shelf: &Shelf, scratch: &Path) {
    // One request, exactly one request, parts with a rest.
    for (length, seed) in [(1, 1), (300_000, 2), (8 << 20, 3), ((8 << 20) + 5, 4)] {
        let (bytes, hash) = bytes(length, seed);
        assert_eq!(shelf.size(&hash).await.expect("asked"), None);
        assert!(shelf.open(&hash).await.expect("asked").is_none());
        assert!(shelf.read(&hash).await.expect("asked").is_none());
        put(shelf, scratch, &bytes, &hash).await;
        assert_eq!(shelf.size(&hash).await.expect("asked"), Some(length as u64));
        let opened = shelf.open(&hash).await.expect("asked").expect("there");
        assert_eq!(opened.size_bytes, length as u64);
        let read: Vec<_> = opened.chunks.try_collect().await.expect("read");
        assert!(read.concat() == bytes, "{length} bytes");
        assert!(shelf.read(&hash).await.expect("asked").expect("there") == bytes);
        assert!(shelf.is_whole(&hash, length as u64).await.expect("asked"));
        assert!(!shelf.is_whole(&hash, length as u64 + 1).await.expect("asked"));
    }
}

async fn the_same_bytes_lie_there_once(shelf: &Shelf, scratch: &Path) {
    let (bytes, hash) = bytes(1_000, 5);
    put(shelf, scratch, &bytes, &hash).await;
    let names = shelf.names().await.expect("listed").len();
    put(shelf, scratch, &bytes, &hash).await;
    assert_eq!(shelf.names().await.expect("listed").len(), names);
}

async fn a_name_that_is_no_hash_leads_nowhere(shelf: &Shelf, scratch: &Path) {
    let file = scratch.join("kept");
    std::fs::write(&file, b"bytes").expect("written");
    let names = shelf.names().await.expect("listed");
    for name in ["", "..", "../../etc/passwd", &"A".repeat(64), &"é".repeat(32)] {
        assert_eq!(shelf.size(name).await.expect("asked"), None, "{name}");
        assert!(shelf.open(name).await.expect("asked").is_none());
        assert!(!shelf.remove(name).await.expect("asked"));
        assert!(shelf.adopt(file.clone(), name).await.is_err());
        assert!(shelf.note(UserId(Uuid::nil()), name).await.is_err());
    }
    assert!(file.exists(), "what is not taken in is still there");
    assert_eq!(shelf.names().await.expect("listed"), names);
}

async fn damage_is_seen(shelf: &Shelf, scratch: &Path) {
    let ((wrong, _), (right, hash)) = (bytes(500, 6), bytes(500, 7));
    put(shelf, scratch, &wrong, &hash).await;
    assert!(!shelf.is_whole(&hash, right.len() as u64).await.expect("asked"));
    shelf.remove(&hash).await.expect("removed");
}

async fn what_was_removed_is_gone(shelf: &Shelf, scratch: &Path) {
    let (bytes, hash) = bytes(700, 8);
    put(shelf, scratch, &bytes, &hash).await;
    assert!(shelf.remove(&hash).await.expect("removed"));
    assert!(!shelf.remove(&hash).await.expect("nothing left"));
    assert_eq!(shelf.size(&hash).await.expect("asked"), None);
    put(shelf, scratch, &bytes, &hash).await;
    assert!(shelf.is_whole(&hash, 700).await.expect("asked"), "it may come again");
}

async fn what_came_in_parts_is_removed_whole(shelf: &Shelf, scratch: &Path) {
    let (bytes, hash) = bytes((9 << 20) + 7, 12);
    put(shelf, scratch, &bytes, &hash).await;
    assert!(shelf.remove(&hash).await.expect("removed"));
    let names = shelf.names().await.expect("listed");
    assert!(!names.iter().any(|name| name.contains(&hash)), "{names:?}");
}

async fn a_note_is_one_persons(shelf: &Shelf) {
    let (_, hash) = bytes(10, 9);
    let (one, other) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    assert!(!shelf.is_noted(one, &hash).await.expect("asked"));
    shelf.note(one, &hash).await.expect("noted");
    shelf.note(one, &hash).await.expect("noted again");
    assert!(shelf.is_noted(one, &hash).await.expect("asked"));
    assert!(!shelf.is_noted(other, &hash).await.expect("asked"));
    assert_eq!(shelf.size(&hash).await.expect("asked"), None, "a note is no photo");
    shelf.forget_note(one, &hash).await.expect("taken back");
    shelf.forget_note(one, &hash).await.expect("nothing left");
    assert!(!shelf.is_noted(one, &hash).await.expect("asked"));
}

async fn many_may_bring_the_same_bytes_at_once(shelf: &Shelf, scratch: &Path) {
    let (bytes, hash) = bytes(200_000, 10);
    futures::future::join_all((0..8).map(|_| put(shelf, scratch, &bytes, &hash))).await;
    assert!(shelf.is_whole(&hash, 200_000).await.expect("asked"));
}

#[tokio::test]
async fn a_folder_is_a_shelf() {
    let (folder, scratch) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let shelf = Shelf::folder(folder.path()).expect("opened");
    check(&shelf, scratch.path()).await;
    let (bytes, hash) = bytes(100, 11);
    put(&shelf, scratch.path(), &bytes, &hash).await;
    let place = folder.path().join(&hash[..2]).join(&hash[2..4]).join(&hash);
    assert_eq!(std::fs::read(place).expect("where it always was"), bytes);
}

#[tokio::test]
async fn a_bucket_in_memory_is_a_shelf() {
    let scratch = tempfile::tempdir().expect("folder");
    for prefix in ["", "photos/of/all"] {
        let shelf = Shelf::bucket(Arc::new(InMemory::new()), prefix);
        check(&shelf, scratch.path()).await;
        assert!(shelf.names().await.expect("listed").iter().all(|name| name.starts_with(prefix)));
    }
}

#[cfg(feature = "real-bucket")]
#[tokio::test]
async fn a_bucket_of_a_real_store_is_a_shelf() {
    let store = RealBucket::start().await;
    let scratch = tempfile::tempdir().expect("folder");
    check(&store.shelf("photos"), scratch.path()).await;
    let right = store.settings("photos");
    let wrong = crate::config::S3Section { secret_access_key: "wrong".to_owned().into(), ..right };
    let refused = super::bucket::open(&wrong).expect("settings").names().await.expect_err("a wrong key");
    assert!(!format!("{refused:?}").contains("wrong"), "no secret is told: {refused:?}");
}
