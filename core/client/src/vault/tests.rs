//! Phones under a key: what lies on the disk, keys that do not fit, other keys, damage.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use storewalk_domain::time::Timestamp;

use super::{KeyFault, key_generation, set_unreadable_aside};
use crate::{
    ClientError, Phone,
    sync::testing::{Bench, SegmentFault, host_key, outlet},
};

/// Every file below a folder.
pub(super) fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("listed").path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.insert(entry.clone(), fs::read(&entry).expect("read"));
        }
    }
    found
}

/// The files in which a text can be read.
fn readable(dir: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    files(dir).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}

fn fault<T>(result: &Result<T, ClientError>) -> Option<KeyFault> {
    match result {
        Err(ClientError::Key(fault)) => Some(*fault),
        _ => None,
    }
}

#[tokio::test]
async fn under_a_key_no_file_holds_a_word_of_the_work_and_it_is_all_there_again() {
    let mut bench = Bench::sealed(7).await;
    let id = bench.raise(4711);
    for text in ["第4711件", "raise_task", "SQLite format", "liwen", "S0010"] {
        assert_eq!(readable(bench.dir.path(), text), Vec::<PathBuf>::new(), "{text}");
    }
    assert_eq!(bench.restart().recovery, None);
    assert!(bench.task(id).is_some());
    bench.phone.pause();
    bench.phone.resume().expect("the keys are at hand");
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(readable(bench.dir.path(), "第4711件"), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn another_key_or_none_is_refused_and_touches_nothing() {
    let mut bench = Bench::sealed(7).await;
    let id = bench.raise(1);
    bench.phone.shutdown();
    let before = files(bench.dir.path());
    for (key, expected) in [(Some(host_key(8)), KeyFault::Wrong), (None, KeyFault::Needed)] {
        bench.key = key;
        for _ in 0..2 {
            let error = bench.reopen().map(|_| ()).expect_err("the data is sealed");
            assert_eq!(error.code(), expected.code());
            assert!(!error.sentence().zh.is_empty() && error.sentence().en != "Something unexpected went wrong");
            assert_eq!(files(bench.dir.path()), before);
        }
    }
    bench.key = Some(host_key(7));
    assert_eq!(bench.restart().recovery, None);
    assert!(bench.task(id).is_some());
}

#[tokio::test]
async fn a_plain_phone_is_encrypted_at_its_first_opening_with_a_key() {
    let mut bench = Bench::in_step().await;
    let id = bench.raise(4711);
    assert!(!readable(bench.dir.path(), "第4711件").is_empty(), "it is plain");
    let before = bench.rows();
    bench.phone.shutdown();
    bench.key = Some(host_key(7));
    assert_eq!(bench.restart().recovery, None);
    assert_eq!((bench.rows(), bench.phone.status().expect("status").unsent_commands), (before, 1));
    assert!(bench.task(id).is_some());
    for text in ["第4711件", "SQLite format", "raise_task"] {
        assert_eq!(readable(bench.dir.path(), text), Vec::<PathBuf>::new(), "{text}");
    }
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_plain_file_that_is_damaged_is_repaired_and_what_is_set_aside_is_sealed() {
    let mut bench = Bench::in_step().await;
    bench.raise(4711);
    let root = bench.count("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'");
    bench.phone.shutdown();
    overwrite(&bench, (root - 1) * 4096);
    bench.key = Some(host_key(7));
    let recovery = bench.restart().recovery.expect("reported");
    assert_eq!(recovery.commands_kept, 1);
    assert!(recovery.file.expect("kept").exists(), "a damaged file is sealed, never deleted");
    assert_eq!(readable(bench.dir.path(), "第4711件"), Vec::<PathBuf>::new());
    assert_eq!(readable(bench.dir.path(), "S0010"), Vec::<PathBuf>::new());
}

fn overwrite(bench: &Bench, at: u64) {
    use std::io::{Seek, SeekFrom, Write};
    let path = bench.dir.path().join("storewalk.sqlite");
    let mut file = fs::OpenOptions::new().write(true).open(path).expect("there");
    file.seek(SeekFrom::Start(at)).expect("found");
    file.write_all(&[0xFF; 64]).expect("written");
}

#[tokio::test]
async fn a_sealed_file_that_is_damaged_anywhere_is_repaired() {
    for page in [0, 1, 5, 9, 20] {
        let mut bench = Bench::sealed(7).await;
        for number in 0..30 {
            bench.raise(number);
        }
        bench.phone.pause();
        fs::write(bench.dir.path().join("storewalk.in-use"), b"").expect("as if killed");
        overwrite(&bench, page * 4096 + 100);
        let recovery = bench.restart().recovery.expect("every changed byte is found");
        assert_eq!(recovery.commands_kept, 30, "page {page}");
        assert!(recovery.file.expect("kept").exists());
        assert_eq!(bench.phone.status().expect("status").unsent_commands, 30, "page {page}");
        if bench.phone.session().expect("read").is_none() {
            bench.phone.sign_in("liwen", "right").await.expect("signed in");
        }
        assert!(bench.phone.sync().await.expect("synced").complete);
        assert_eq!(bench.rows(), bench.server.visible());
    }
}

#[tokio::test]
async fn another_key_of_the_hosts_takes_the_place_of_the_first() {
    let mut bench = Bench::sealed(7).await;
    let id = bench.raise(1);
    assert_eq!(key_generation(bench.dir.path()).expect("read"), 1);
    bench.phone.rotate_key(&host_key(8), 2).expect("changed");
    bench.phone.rotate_key(&host_key(8), 2).expect("a second time it is done already");
    assert!(bench.phone.rotate_key(&host_key(9), 4).is_err(), "one has been left out");
    bench.raise(2);
    bench.phone.shutdown();
    assert_eq!(fault(&bench.reopen()), Some(KeyFault::Wrong), "the first opens nothing any more");
    bench.key = Some(host_key(8));
    assert_eq!(bench.restart().recovery, None);
    assert!(bench.task(id).is_some() && key_generation(bench.dir.path()).expect("read") == 2);
    assert_eq!(fault(&Bench::in_step().await.phone.rotate_key(&host_key(8), 2)), Some(KeyFault::Needed));
}

#[tokio::test]
async fn a_file_of_keys_that_rots_is_made_good_from_its_copy() {
    for name in ["storewalk.key", "storewalk.key-copy"] {
        for harm in [Some(&b"garbled"[..]), Some(b""), None] {
            let mut bench = Bench::sealed(7).await;
            let (id, path) = (bench.raise(1), bench.dir.path().join(name));
            bench.phone.shutdown();
            let before = fs::read(&path).expect("there");
            harm.map_or_else(|| fs::remove_file(&path), |bytes| fs::write(&path, bytes)).expect("harmed");
            assert_eq!(bench.restart().recovery, None);
            assert!(bench.task(id).is_some());
            assert_eq!(fs::read(&path).expect("made good"), before);
        }
    }
}

#[tokio::test]
async fn without_its_keys_sealed_data_is_named_as_such_and_never_taken_for_damage() {
    for is_garbled in [true, false] {
        let mut bench = Bench::sealed(7).await;
        bench.raise(1);
        bench.phone.shutdown();
        for path in ["storewalk.key", "storewalk.key-copy"].map(|name| bench.dir.path().join(name)) {
            if is_garbled { fs::write(path, b"garbled") } else { fs::remove_file(path) }.expect("lost");
        }
        let before = files(bench.dir.path());
        for key in [Some(host_key(7)), None] {
            bench.key = key;
            assert_eq!(fault(&bench.reopen()), Some(KeyFault::Lost));
        }
        assert_eq!(files(bench.dir.path()), before);
        let aside = set_unreadable_aside(bench.dir.path(), Some(&host_key(7)), Timestamp(1)).expect("set aside");
        assert_eq!(aside.commands, 1);
    }
}

#[tokio::test]
async fn data_whose_key_is_lost_is_set_aside_with_a_word_of_what_was_unsent_and_the_phone_begins_anew() {
    let mut bench = Bench::sealed(7).await;
    for number in 0..3 {
        bench.raise(number);
    }
    fs::create_dir_all(bench.dir.path().join("photos")).expect("made");
    fs::write(bench.dir.path().join("photos/a-original.jpg"), b"sealed").expect("written");
    bench.phone.shutdown();
    let before = files(bench.dir.path());
    assert_eq!(fault(&set_unreadable_aside(bench.dir.path(), Some(&host_key(7)), Timestamp(5))), Some(KeyFault::Fits));
    assert_eq!(files(bench.dir.path()), before);
    let aside = set_unreadable_aside(bench.dir.path(), Some(&host_key(8)), Timestamp(5)).expect("set aside");
    assert_eq!((aside.commands, aside.photos), (3, 1));
    let kept: Vec<_> = files(&aside.folder).into_values().collect();
    assert!(before.values().all(|bytes| kept.contains(bytes)), "nothing is deleted");
    assert_eq!(key_generation(bench.dir.path()).expect("read"), 2, "the host is asked for a fresh key");
    bench.key = Some(host_key(9));
    assert_eq!(bench.restart().recovery, None);
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    bench.phone.shutdown();
    // Should the key turn up after all, what was set aside opens with it.
    let found =
        Phone::open(crate::Config { key: Some(host_key(7)), ..crate::Config::new(&aside.folder, "http://127.0.0.1/") });
    assert_eq!(found.expect("opened").phone.status().expect("status").unsent_commands, 3);
}

#[tokio::test]
async fn a_folder_that_is_plain_or_empty_is_never_set_aside() {
    let bench = Bench::in_step().await;
    bench.phone.shutdown();
    for key in [None, Some(host_key(7))] {
        assert_eq!(fault(&set_unreadable_aside(bench.dir.path(), key.as_ref(), Timestamp(1))), Some(KeyFault::Fits));
    }
    let empty = tempfile::tempdir().expect("a folder");
    assert_eq!(fault(&set_unreadable_aside(empty.path(), None, Timestamp(1))), Some(KeyFault::Fits));
}

#[tokio::test]
async fn rows_on_their_way_in_are_sealed_and_what_a_time_without_a_key_left_is_fetched_again() {
    let mut bench = Bench::under_key(Some(host_key(7))).await;
    for number in 101..140 {
        bench.server.put(outlet(number));
    }
    bench.server.set_segment_rows(10);
    bench.server.script_segments([SegmentFault::None, SegmentFault::None, SegmentFault::Offline]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Offline)));
    let folder = bench.dir.path().join("segments");
    let arrived = files(&folder);
    assert!(arrived.len() >= 2 && arrived.values().all(|bytes| bytes.starts_with(b"SWSEAL")), "{:?}", arrived.keys());
    fs::write(folder.join("0".repeat(64)), b"rows of an earlier release").expect("written");
    bench.restart();
    assert_eq!(files(&folder), arrived);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    let asked = bench.server.segment_requests();
    assert_eq!(asked.len(), 4, "no file is fetched twice");
}

#[tokio::test]
async fn a_part_of_rows_that_came_before_the_line_broke_is_gone_on_from_under_its_seal() {
    let mut bench = Bench::under_key(Some(host_key(7))).await;
    for number in 101..140 {
        bench.server.put(outlet(number));
    }
    bench.server.set_segment_rows(10);
    bench.server.script_segments([SegmentFault::Half]);
    let _ = bench.phone.sync().await;
    bench.restart();
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}
