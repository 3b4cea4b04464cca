//! A database that is damaged in every way we could think of: the outbox survives each.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::{ClientError, FaultKind, Recorded, recovery::Recovery, sync::testing::Bench};

/// A phone with synced work, unsent work and the app gone without a word.
async fn killed() -> Bench {
    let bench = Bench::in_step().await;
    for number in 0..40 {
        bench.raise(number);
    }
    bench.phone.sync().await.expect("synced");
    for number in 100..130 {
        bench.raise(number);
    }
    bench
}

fn database(bench: &Bench) -> PathBuf {
    bench.dir.path().join(super::DATABASE)
}

/// Everything in one file, as after an orderly end, but with the note that there was none.
fn settle(bench: &Bench) {
    bench.phone.pause();
    super::mark_in_use(bench.dir.path());
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(path).expect("there");
    file.seek(SeekFrom::Start(at)).expect("seek");
    file.write_all(bytes).expect("written");
}

/// Opens the phone again: the same installation, every unsent command, nothing done twice.
async fn survives(bench: &mut Bench) -> Option<Recovery> {
    let recovery = bench.restart().recovery;
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 30);
    if bench.phone.session().expect("read").is_none() {
        bench.phone.sign_in("liwen", "right").await.expect("signed in");
    }
    assert!(bench.phone.sync().await.expect("synced").complete);
    bench.raise(200);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 71);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM tasks"), 71);
    recovery
}

async fn survives_with_the_file_kept(bench: &mut Bench) {
    let recovery = survives(bench).await.expect("reported");
    assert_eq!(recovery.commands_kept, 30);
    assert!(recovery.file.expect("kept").exists(), "a damaged file is moved, never deleted");
}

#[tokio::test]
async fn a_file_cut_short() {
    for keep in [0.1, 0.5, 0.9] {
        let mut bench = killed().await;
        settle(&bench);
        let path = database(&bench);
        let length = fs::metadata(&path).expect("there").len();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share"
        )]
        let cut = (length as f64 * keep) as u64;
        fs::OpenOptions::new().write(true).open(&path).expect("there").set_len(cut).expect("cut");
        survives_with_the_file_kept(&mut bench).await;
    }
}

#[tokio::test]
async fn a_header_overwritten() {
    let mut bench = killed().await;
    settle(&bench);
    overwrite(&database(&bench), 0, &[0x5A; 100]);
    survives_with_the_file_kept(&mut bench).await;
}

#[tokio::test]
async fn pages_in_the_middle_overwritten() {
    let mut bench = killed().await;
    settle(&bench);
    let pages = fs::metadata(database(&bench)).expect("there").len() / 4096;
    for page in (2..pages).step_by(3) {
        overwrite(&database(&bench), page * 4096, &[0xFF; 64]);
    }
    survives_with_the_file_kept(&mut bench).await;
}

#[tokio::test]
async fn a_bit_turned_over_in_the_name_of_a_column() {
    redefined("sha256", "sha257").await;
}

#[tokio::test]
async fn a_bit_turned_over_in_the_name_of_a_function_that_checks_a_column() {
    redefined("length(", "lenGth(").await;
    redefined("length(", "lenfth(").await;
}

async fn redefined(from: &str, to: &str) {
    let mut bench = killed().await;
    settle(&bench);
    let connection = rusqlite::Connection::open(database(&bench)).expect("opened");
    let changed = connection.execute_batch(&format!(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_master SET sql = replace(sql, '{from}', '{to}') WHERE name = 'uploads';",
    ));
    changed.expect("changed");
    drop(connection);
    survives_with_the_file_kept(&mut bench).await;
}

#[tokio::test]
async fn the_outbox_overwritten_after_an_orderly_end() {
    let mut bench = killed().await;
    let root = bench.count("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'");
    bench.phone.shutdown();
    overwrite(&database(&bench), (root - 1) * 4096, &[0xFF; 64]);
    survives_with_the_file_kept(&mut bench).await;
}

#[tokio::test]
async fn damage_that_only_work_meets_is_named_and_repaired_at_the_next_start() {
    let mut bench = killed().await;
    let root = bench.count("SELECT rootpage FROM sqlite_schema WHERE name = 'outlets'");
    // An orderly end: the next start has no reason to check the whole file.
    bench.phone.shutdown();
    overwrite(&database(&bench), (root - 1) * 4096, &[0xFF; 64]);
    assert_eq!(bench.restart().recovery, None);
    let error = bench.phone.record(crate::sync::testing::task(999)).expect_err("damaged");
    assert!(matches!(error, crate::ClientError::Storage { kind: FaultKind::Damaged, .. }), "{error:?}");
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 30);
    bench.phone.shutdown();
    survives_with_the_file_kept(&mut bench).await;
}

#[tokio::test]
async fn a_log_that_is_gone() {
    let mut bench = killed().await;
    // The app is still "running", so the log holds the last writes; without it the file is sound but old.
    let copy = tempfile::tempdir().expect("a folder");
    for name in [super::DATABASE, super::MIRROR, super::IN_USE] {
        fs::copy(bench.dir.path().join(name), copy.path().join(name)).expect("copied");
    }
    bench.phone.shutdown();
    bench.dir = copy;
    let recovery = survives(&mut bench).await.expect("reported");
    assert_eq!(recovery.file, None);
    assert!(recovery.commands_kept > 0, "{recovery:?}");
}

#[tokio::test]
async fn a_database_that_is_gone_altogether() {
    let mut bench = killed().await;
    settle(&bench);
    fs::remove_file(database(&bench)).expect("gone");
    let recovery = survives(&mut bench).await.expect("reported");
    assert_eq!((recovery.commands_kept, recovery.file), (30, None));
}

#[tokio::test]
async fn a_mirror_that_is_gone_or_garbled_while_the_database_is_sound() {
    let mut bench = killed().await;
    settle(&bench);
    fs::write(bench.dir.path().join(super::MIRROR), b"\xFF\xFE not a mirror\n").expect("written");
    assert_eq!(survives(&mut bench).await, None);
}

#[tokio::test]
async fn a_damaged_file_without_a_mirror() {
    let mut bench = killed().await;
    let root: u64 = bench.count("SELECT rootpage FROM sqlite_schema WHERE name = 'outlets'");
    settle(&bench);
    fs::remove_file(bench.dir.path().join(super::MIRROR)).expect("gone");
    overwrite(&database(&bench), (root - 1) * 4096, &[0xFF; 64]);
    survives_with_the_file_kept(&mut bench).await;
    let session = bench.phone.session().expect("read").expect("brought back");
    assert_eq!(session.needs_sign_in, None);
}

#[tokio::test]
async fn the_day_goes_on_offline_on_the_rows_that_can_still_be_read() {
    let mut bench = killed().await;
    for number in 1_000..1_300 {
        bench.server.put(crate::sync::testing::outlet(number));
    }
    bench.server.script([crate::sync::testing::Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    let before = bench.rows();
    let root = bench.count("SELECT rootpage FROM sqlite_schema WHERE name = 'memberships'");
    settle(&bench);
    overwrite(&database(&bench), (root - 1) * 4096, &[0xFF; 64]);
    assert!(bench.restart().recovery.expect("reported").file.is_some());
    assert_eq!(bench.rows(), before);
    bench.raise(600);
    bench.server.remove(&crate::sync::testing::outlet(1_000).into());
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 71);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM parted"), 0);
}

#[tokio::test]
async fn a_mirror_whose_first_line_is_damaged() {
    let mut bench = killed().await;
    settle(&bench);
    overwrite(&bench.dir.path().join(super::MIRROR), 20, b"XX");
    fs::remove_file(database(&bench)).expect("gone");
    let opened = bench.restart();
    assert_eq!(opened.recovery.expect("reported").commands_kept, 30);
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 70);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn bytes_flipped_anywhere() {
    for seed in 0_u64..12 {
        let mut bench = killed().await;
        settle(&bench);
        let length = fs::metadata(database(&bench)).expect("there").len();
        let mut at = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for _ in 0..40 {
            at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            overwrite(&database(&bench), (at >> 16) % length, &[at.to_be_bytes()[5]]);
        }
        let opened = match bench.reopen() {
            Ok(opened) => opened,
            Err(error) => panic!("seed {seed}: {error:?}"),
        };
        bench.phone = opened.phone;
        assert_eq!(bench.phone.status().expect("status").unsent_commands, 30, "seed {seed}");
        if bench.phone.session().expect("read").is_none() {
            bench.phone.sign_in("liwen", "right").await.expect("signed in");
        }
        let report = match bench.phone.sync().await {
            // Damage that no check at opening sees is named when work meets it, and repaired at the next start.
            Err(ClientError::Storage { kind: FaultKind::Damaged, .. }) => {
                bench.restart();
                if bench.phone.session().expect("read").is_none() {
                    bench.phone.sign_in("liwen", "right").await.expect("signed in");
                }
                bench.phone.sync().await.expect("synced after the repair")
            }
            answer => answer.expect("synced"),
        };
        assert!(report.complete && report.refused == 0, "seed {seed}: {report:?}");
        assert_eq!(bench.server.last_seq(), 70, "seed {seed}");
    }
}

#[tokio::test]
async fn work_goes_on_offline_after_a_repair_and_nothing_is_lost_on_numbers_the_server_knows() {
    let mut bench = killed().await;
    // The answer to this sync is lost: the server has worked through what the phone believes unsent.
    bench.server.script([crate::sync::testing::Fault::LostReply]);
    bench.phone.sync().await.expect_err("lost");
    settle(&bench);
    // Of the unsent commands only the first ten are left anywhere.
    let mirror = bench.dir.path().join(super::MIRROR);
    let text = fs::read_to_string(&mirror).expect("there");
    let pending = text.lines().filter(|line| line.contains("\"line\":\"command\"")).count();
    let kept: String = text
        .lines()
        .take(text.lines().count() - (pending.min(20)))
        .fold(String::new(), |kept, line| kept + line + "\n");
    fs::write(&mirror, kept).expect("written");
    fs::remove_file(database(&bench)).expect("gone");
    bench.restart();
    bench.phone.sign_in("liwen", "right").await.expect("signed in");
    bench.phone.pause();
    bench.phone.resume().expect("resumed");
    // Before the first pull the phone has no outlets, so a task for one is refused, not lost.
    assert!(matches!(bench.phone.record(crate::sync::testing::task(500)).expect("answered"), Recorded::Refused(_)));
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    bench.raise(501);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.server.last_seq(), 71);
    assert_eq!(bench.rows(), bench.server.visible());
}

/// Damages what the opening looks at, so that the file is moved aside.
fn damage(bench: &Bench) {
    settle(bench);
    let connection = rusqlite::Connection::open(database(bench)).expect("opened");
    let last = "UPDATE outbox SET captured = 'x' WHERE seq = (SELECT max(seq) FROM outbox)";
    connection.execute(last, []).expect("bent");
}

#[tokio::test]
async fn a_kill_in_the_middle_of_the_move_loses_nothing() {
    let mut bench = killed().await;
    damage(&bench);
    let folder = bench.dir.path().join("damaged-1-0");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("unfinished"), "moving").expect("noted");
    fs::rename(database(&bench), folder.join(super::DATABASE)).expect("moved");
    fs::write(bench.dir.path().join("storewalk.sqlite-wal"), b"").expect("a log that was still to be moved");
    let recovery = bench.restart().recovery.expect("reported");
    assert_eq!(recovery.file, Some(folder.join(super::DATABASE)));
    assert!(bench.phone.session().expect("read").is_some(), "the session came from the file, not from the mirror");
    assert!(!folder.join("unfinished").exists());
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 30);
}

#[tokio::test]
async fn a_kill_before_the_work_was_brought_back_is_made_good_by_the_next_start() {
    let mut bench = killed().await;
    damage(&bench);
    let moved = super::aside::move_aside(
        bench.dir.path(),
        super::DATABASE,
        super::MIRROR,
        storewalk_domain::time::Timestamp(7),
    );
    let moved = moved.expect("moved");
    drop(
        crate::db::open_connection(&database(&bench), &crate::vault::Vault::default())
            .expect("an empty database, as far as the first start came"),
    );
    let recovery = bench.restart().recovery.expect("reported");
    assert_eq!((recovery.file, recovery.commands_kept), (Some(moved), 30));
    assert!(bench.phone.session().expect("read").is_some());
    bench.phone.shutdown();
    assert_eq!(bench.restart().recovery, None, "once is enough");
    assert_eq!(bench.phone.status().expect("status").unsent_commands, 30);
}

#[tokio::test]
async fn a_line_of_another_installation_in_the_mirror_is_left_out() {
    let bench = killed().await;
    let ours = bench.phone.read(crate::session::device).expect("read").id;
    let mirror = bench.dir.path().join(super::MIRROR);
    let text = fs::read_to_string(&mirror).expect("a mirror");
    let theirs = uuid::Uuid::from_u128(77).to_string();
    let json = text.lines().last().expect("a command")[17..].replace(&ours.to_string(), &theirs);
    let json = json.replace("\"seq\":70", "\"seq\":71");
    let line = format!("{} {json}\n", &crate::photos::sha256_hex(json.as_bytes())[..16]);
    fs::write(&mirror, text + &line).expect("written");
    let salvage = super::Salvage::from_mirror(&mirror, &crate::vault::Vault::default());
    let last = salvage.commands().last().map(|pending| pending.envelope.seq);
    assert_eq!((salvage.device_id(), salvage.commands().count(), last), (Some(ours), 30, Some(70)));
}
