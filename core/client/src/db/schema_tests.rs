//! Databases of older and newer apps.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, named_params};
use serde_json::json;
use storewalk_domain::{ids::IdSource, sync::FIRST_SHAPE, time::Clock};
use storewalk_sqlite::{FaultKind, bring_up_to_date, migrate, steps_of};

use super::schema::{LEAST_STEPS, SCHEMA, STEPS};
use crate::sync::testing::{Bench, CountedIds, HandClock, open_in, rows_of, server_of_one_outlet, task};

/// How many steps the first app had: the synced tables, and what only the phone keeps.
const FIRST_APP: usize = 2;

/// Commands in the queue of the old database.
const QUEUED: u64 = 5;

fn database(dir: &Path) -> PathBuf {
    dir.join("storewalk.sqlite")
}

/// The database of an older app, or of one whose update ended after so many steps: work captured by the first app waits
/// in it, as that app wrote it.
fn left_by_an_older_app(dir: &Path, steps: usize) {
    let mut connection = Connection::open(database(dir)).expect("a file");
    migrate(&mut connection, &STEPS[..FIRST_APP]).expect("the first app");
    let ids = CountedIds::from(77);
    let device = ids.next_id().into_bytes();
    let sql = "INSERT INTO device (one, device_id, last_seq, app_version) VALUES (1, ?, ?, '0.1.0')";
    connection.execute(sql, rusqlite::params![device, QUEUED]).expect("a device");
    connection.execute("INSERT INTO sync_state (one, next_attempt_at) VALUES (1, 0)", []).expect("a state");
    let captured = json!({ "device_at": 0, "monotonic_ms": 0, "boot_id": "b", "anchor": null });
    let actor = json!({ "user_id": ids.next_id(), "role": "rep", "territories": [], "dealers": [] });
    for seq in 1..=QUEUED {
        let args = serde_json::to_value(task(u128::from(seq))).expect("json");
        let params = named_params! {
            ":seq": seq,
            ":id": ids.next_id().into_bytes(),
            ":schema": FIRST_SHAPE,
            ":command": json!({ "kind": "task.raise", "args": args }).to_string(),
            ":captured": captured.to_string(),
            ":actor": actor.to_string(),
        };
        let sql = "INSERT INTO outbox (seq, command_id, kind, schema, command, captured, captured_at, seen, actor)
                   VALUES (:seq, :id, 'task.raise', :schema, :command, :captured, 0, '{}', :actor)";
        connection.execute(sql, params).expect("queued");
    }
    migrate(&mut connection, &STEPS[..steps]).expect("an update");
}

#[tokio::test]
async fn an_update_that_ended_between_any_two_steps_goes_on_with_the_queue_whole() {
    for steps in FIRST_APP..=STEPS.len() {
        let dir = tempfile::tempdir().expect("a folder");
        left_by_an_older_app(dir.path(), steps);
        let server = server_of_one_outlet(1);
        let clock = std::sync::Arc::new(HandClock::at("2025-03-14T08:59:00+08:00"));
        let ids = std::sync::Arc::new(CountedIds::from(9));
        let phone = open_in(dir.path(), &server, &clock, &ids).expect("opened").phone;
        assert_eq!(phone.status().expect("status").unsent_commands, QUEUED, "after {steps} steps");
        phone.sign_in("liwen", "right").await.expect("signed in");
        let report = phone.sync().await.expect("synced");
        assert_eq!((report.commands_sent, report.refused), (QUEUED, 0), "after {steps} steps");
        assert_eq!(rows_of(&phone), server.visible());
        assert!(server.requests().iter().flat_map(|request| &request.commands).all(|sent| sent.schema == FIRST_SHAPE));
        assert!(phone.now().device_at == clock.now());
    }
}

/// How many commands wait in a folder's database, once an app has opened it.
fn queued_after_opening(dir: &Path) -> u64 {
    let server = server_of_one_outlet(1);
    let clock = std::sync::Arc::new(HandClock::at("2025-03-14T08:59:00+08:00"));
    let ids = std::sync::Arc::new(CountedIds::from(9));
    let opened = open_in(dir, &server, &clock, &ids).expect("opened");
    assert_eq!(opened.recovery, None, "nothing had to be repaired");
    opened.phone.status().expect("status").unsent_commands
}

#[test]
fn a_kill_in_the_middle_of_any_step_leaves_the_queue_whole() {
    for (steps, next) in STEPS.iter().enumerate().skip(FIRST_APP) {
        let (dir, found) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        left_by_an_older_app(dir.path(), steps);
        let connection = Connection::open(database(dir.path())).expect("a file");
        connection.pragma_update(None, "journal_mode", "WAL").expect("a log");
        // Every page that changes is written at once, so that the files hold half a step.
        connection.execute_batch("PRAGMA cache_size = 0; PRAGMA cache_spill = 1; BEGIN IMMEDIATE").expect("begun");
        connection.execute_batch(next).expect("half way");
        for file in std::fs::read_dir(dir.path()).expect("a folder").filter_map(Result::ok) {
            if !file.file_name().to_string_lossy().ends_with("-shm") {
                std::fs::copy(file.path(), found.path().join(file.file_name())).expect("as the kill left it");
            }
        }
        assert_eq!(queued_after_opening(found.path()), QUEUED, "in step {}", steps + 1);
    }
}

#[test]
fn a_step_on_a_full_disk_leaves_the_queue_whole_and_is_gone_on_from_when_there_is_room() {
    let dir = tempfile::tempdir().expect("a folder");
    left_by_an_older_app(dir.path(), FIRST_APP);
    let mut connection = Connection::open(database(dir.path())).expect("a file");
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("counted");
    connection.pragma_update(None, "max_page_count", pages + 1).expect("a full disk");
    let fault = bring_up_to_date(&mut connection, SCHEMA).expect_err("no room");
    assert_eq!(fault.kind(), FaultKind::Full);
    assert!(usize::try_from(steps_of(&connection).expect("read")).expect("few") < STEPS.len());
    drop(connection);
    assert_eq!(queued_after_opening(dir.path()), QUEUED);
}

/// What a newer app does to the database: a step more than this one knows.
fn by_a_newer_app(dir: &Path, least_steps: usize) {
    let connection = Connection::open(database(dir)).expect("a file");
    let added = "ALTER TABLE outlets ADD COLUMN zz_priority INTEGER;
                 CREATE TABLE zz_novelties (id BLOB PRIMARY KEY) STRICT;
                 INSERT INTO zz_novelties (id) VALUES (x'01');
                 UPDATE outlets SET zz_priority = 2;
                 INSERT INTO cursors (bucket, epoch, position) VALUES ('team:7', 1, 4);
                 UPDATE outbox SET seen = json_insert(seen, '$.\"team:7\"', 4);";
    connection.execute_batch(added).expect("a step");
    connection.pragma_update(None, "user_version", STEPS.len() + 1).expect("counted");
    connection.execute("UPDATE schema_readers SET least_steps = ?", [least_steps]).expect("said");
}

#[tokio::test]
async fn an_older_app_works_on_in_a_database_to_which_a_newer_one_only_added() {
    for died in [false, true] {
        let mut bench = Bench::in_step().await;
        let task = bench.raise(1);
        bench.phone.shutdown();
        by_a_newer_app(bench.dir.path(), LEAST_STEPS);
        if died {
            std::fs::write(bench.dir.path().join("storewalk.in-use"), b"").expect("the newer app was killed");
        }
        assert_eq!(bench.restart().recovery, None, "nothing of it is damage");
        bench.close(task);
        assert!(bench.phone.sync().await.expect("synced").complete);
        assert_eq!(bench.rows(), bench.server.visible());
        assert_eq!(bench.count("SELECT count(*) FROM zz_novelties"), 1, "what the newer app added is left alone");
        assert_eq!(bench.count("SELECT count(*) FROM outlets WHERE zz_priority = 2"), 1);
    }
}

#[tokio::test]
async fn an_older_app_says_to_update_where_a_newer_one_changed_what_it_uses_and_touches_nothing() {
    let bench = Bench::in_step().await;
    bench.raise(1);
    bench.phone.shutdown();
    by_a_newer_app(bench.dir.path(), STEPS.len() + 1);
    let before = std::fs::read(database(bench.dir.path())).expect("a file");
    for _ in 0..2 {
        let error = bench.reopen().map(|_| ()).expect_err("too new");
        assert_eq!(error.code(), "storage_newer");
        assert!(error.next_step().en.contains("Update the app") && error.next_step().zh.contains("更新应用"));
    }
    assert_eq!(std::fs::read(database(bench.dir.path())).expect("a file"), before);
    let names = std::fs::read_dir(bench.dir.path()).expect("a folder").filter_map(Result::ok);
    assert!(names.into_iter().all(|entry| !entry.file_name().to_string_lossy().contains("damaged")));
    let connection = Connection::open(database(bench.dir.path())).expect("a file");
    let queued: u64 = connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).expect("counted");
    assert_eq!(queued, 1);
}

#[tokio::test]
async fn work_captured_before_an_update_is_decided_by_the_new_apps_rules_and_sent_as_it_was_written() {
    let mut bench = Bench::in_step().await;
    let kept = bench.raise(1);
    let spoilt = bench.raise(2);
    bench.phone.shutdown();
    let connection = Connection::open(database(bench.dir.path())).expect("a file");
    // The older app wrote the second in a way that no release can read; it showed it all the same.
    let sql = "UPDATE outbox SET command = json_remove(command, '$.args.note') WHERE seq = 2";
    connection.execute(sql, []).expect("as it was");
    let as_written = || {
        let mut statement = connection.prepare("SELECT command FROM outbox ORDER BY seq").expect("a query");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        rows.collect::<Result<Vec<_>, _>>().expect("read")
    };
    let before = as_written();
    bench.update_app("2.0.0", storewalk_wire::PROTOCOL);
    assert!(bench.task(kept).is_some());
    assert!(bench.task(spoilt).is_none(), "today's rules cannot read it");
    assert_eq!(as_written(), before);
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE local_problem LIKE '%command_invalid%'"), 1);
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!(
        (report.commands_sent, report.refused),
        (2, 1),
        "it is sent all the same, and refused where all can see"
    );
    assert_eq!(bench.rows(), bench.server.visible());
}
