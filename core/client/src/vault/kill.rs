//! The app is killed at each moment at which something has just been written: nothing is lost, and the next start goes on.
//!
//! A test starts itself as a child that dies at a numbered boundary, for every number until the child lives to the end.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use storewalk_domain::time::Timestamp;
use tempfile::TempDir;

use super::{KeyFault, key_generation, set_unreadable_aside, tests::files};
use crate::{
    ClientError, Config, Opened, Phone,
    sync::testing::{Bench, host_key},
};

const DIE_AT: &str = "STOREWALK_TEST_DIE_AT";
const FOLDER: &str = "STOREWALK_TEST_DIE_FOLDER";
const SCENE: &str = "STOREWALK_TEST_DIE_SCENE";

static PASSED: AtomicUsize = AtomicUsize::new(0);

/// Dies here, without a word and without cleaning up, when it is this one's turn.
pub(super) fn boundary(_: &str) {
    let Some(turn) = std::env::var(DIE_AT).ok().and_then(|turn| turn.parse::<usize>().ok()) else { return };
    if PASSED.fetch_add(1, Ordering::Relaxed) == turn {
        std::process::abort();
    }
}

fn open(dir: &Path, key: u8) -> Result<Opened, ClientError> {
    Phone::open(Config { key: Some(host_key(key)), ..Config::new(dir, "http://127.0.0.1/") })
}

/// Does what its scene says until it dies. Without the parent there is nothing to do.
#[test]
fn the_child_that_dies_at_a_boundary() {
    let (Ok(folder), Ok(scene)) = (std::env::var(FOLDER), std::env::var(SCENE)) else { return };
    let dir = Path::new(&folder);
    match scene.as_str() {
        "open" => open(dir, 7).expect("opened").phone.shutdown(),
        "rotate" => open(dir, 7).expect("opened").phone.rotate_key(&host_key(8), 2).expect("changed"),
        _ => drop(set_unreadable_aside(dir, Some(&host_key(8)), Timestamp(1)).expect("set aside")),
    }
}

/// Whether the child lived to the end.
fn play(scene: &str, dir: &Path, turn: usize) -> bool {
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "vault::kill::the_child_that_dies_at_a_boundary", "--test-threads=1"])
        .envs([(FOLDER, dir.to_str().expect("a text")), (SCENE, scene), (DIE_AT, &turn.to_string())])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("started").success()
}

fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files(from) {
        let target = to.path().join(path.strip_prefix(from).expect("below it"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("made");
        fs::write(target, bytes).expect("copied");
    }
    to
}

/// Plays a scene on copies of a folder, dying one boundary later each time, and looks at what each death has left.
fn dying_everywhere(scene: &str, prepared: &Path, least: usize, look: impl Fn(&Path, usize)) {
    for turn in 0.. {
        let dir = copied(prepared);
        let has_lived = play(scene, dir.path(), turn);
        look(dir.path(), turn);
        if has_lived {
            assert!(turn >= least, "only {turn} boundaries");
            break;
        }
    }
}

fn unsent(opened: &Opened) -> u64 {
    opened.phone.status().expect("status").unsent_commands
}

#[tokio::test]
async fn a_plain_phone_killed_anywhere_while_it_is_encrypted_keeps_everything_and_ends_up_sealed() {
    let bench = Bench::in_step().await;
    for number in 0..5 {
        bench.raise(number);
    }
    // As a release without keys was killed: the log is not written back.
    let prepared = copied(bench.dir.path());
    bench.phone.shutdown();
    for folder in ["photos", "damaged-1-0"] {
        fs::create_dir_all(prepared.path().join(folder)).expect("made");
    }
    let photo = prepared.path().join("photos/0195a3c0-0000-7000-8000-000000000001-original.jpg");
    fs::write(photo, b"\xFF\xD8 a picture").expect("written");
    fs::write(prepared.path().join("photos/.part-x.jpg"), b"\xFF\xD8 half a picture").expect("written");
    fs::write(prepared.path().join("damaged-1-0/storewalk.sqlite"), "SQLite format 3 第1件").expect("written");
    dying_everywhere("open", prepared.path(), 12, |dir, turn| {
        let opened = open(dir, 7).unwrap_or_else(|error| panic!("turn {turn}: {error:?}"));
        assert_eq!(unsent(&opened), 5, "turn {turn}");
        let photos = opened.phone.photos_dir();
        let photo = photos.join("0195a3c0-0000-7000-8000-000000000001-original.jpg");
        assert_eq!(opened.phone.inner.vault.read(&photo).expect("read"), b"\xFF\xD8 a picture", "turn {turn}");
        opened.phone.shutdown();
        for (path, bytes) in files(dir) {
            let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
            let is_plain = holds("第1件".as_bytes()) || holds(b"SQLite format") || holds(b"picture");
            assert!(!is_plain, "turn {turn}: {}", path.display());
        }
    });
}

#[tokio::test]
async fn a_change_of_keys_killed_anywhere_leaves_one_key_that_opens_everything() {
    let bench = Bench::sealed(7).await;
    for number in 0..3 {
        bench.raise(number);
    }
    bench.phone.shutdown();
    dying_everywhere("rotate", bench.dir.path(), 3, |dir, turn| {
        let (key, other) = if key_generation(dir).expect("read") == 1 { (7, 8) } else { (8, 7) };
        let error = open(dir, other).map(|_| ()).expect_err("the other is none");
        assert!(matches!(error, ClientError::Key(KeyFault::Wrong)), "turn {turn}: {error:?}");
        let opened = open(dir, key).unwrap_or_else(|error| panic!("turn {turn}: {error:?}"));
        assert_eq!((unsent(&opened), opened.recovery.is_none()), (3, true), "turn {turn}");
        opened.phone.shutdown();
        assert_eq!(fs::read(dir.join("storewalk.key")).ok(), fs::read(dir.join("storewalk.key-copy")).ok());
    });
}

#[tokio::test]
async fn setting_aside_killed_anywhere_deletes_nothing_and_is_gone_on_with() {
    let bench = Bench::sealed(7).await;
    for number in 0..3 {
        bench.raise(number);
    }
    bench.phone.shutdown();
    let before = files(bench.dir.path());
    dying_everywhere("aside", bench.dir.path(), 4, |dir, turn| {
        if matches!(open(dir, 9), Err(ClientError::Key(KeyFault::Wrong))) {
            set_unreadable_aside(dir, None, Timestamp(2)).expect("gone on with");
            open(dir, 9).expect("begun anew").phone.shutdown();
        }
        let kept: Vec<_> = files(dir).into_values().collect();
        assert!(before.values().all(|bytes| kept.contains(bytes)), "turn {turn}");
        assert_eq!(key_generation(dir).expect("read"), 2, "turn {turn}");
    });
}
