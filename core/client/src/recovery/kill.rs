//! The app is killed with SIGKILL at any moment: what it had said is saved is saved.
//!
//! The test starts itself as a child that records, syncs and says after each command that it is kept; the parent reads
//! some of these lines and kills. Every child meets a server that remembers nothing, so that it resends as well.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use storewalk_domain::{
    ids::{CommandId, TaskId},
    sync::{CloseTask, RaiseTask},
};

use crate::{
    Config, Phone, Recorded,
    sync::testing::{FakeServer, rows_of, server_of_one_outlet, task},
};

const FOLDER: &str = "STOREWALK_TEST_KILL_FOLDER";
const EPOCH: &str = "STOREWALK_TEST_KILL_EPOCH";

fn open(dir: &Path, server: &Arc<FakeServer>) -> Phone {
    let config = Config { api: Some(Arc::clone(server) as _), ..Config::new(dir, "http://127.0.0.1/") };
    Phone::open(config).expect("opened").phone
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

/// Says on standard output that a command is kept.
fn say_kept(recorded: &Recorded) {
    if let Recorded::Done { command_id, .. } = recorded {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nkept {command_id}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

/// Works until it is killed. Without the parent there is nothing to do.
#[test]
fn the_child_that_is_killed() {
    let (Ok(folder), Ok(epoch)) = (std::env::var(FOLDER), std::env::var(EPOCH)) else { return };
    let server = server_of_one_outlet(epoch.parse().expect("a number"));
    let phone = open(Path::new(&folder), &server);
    runtime().block_on(async {
        phone.sign_in("liwen", "right").await.expect("signed in");
        phone.sync().await.expect("in step");
        for count in 0_u32.. {
            let task_id = TaskId(phone.new_id());
            say_kept(&phone.record(RaiseTask { task_id, ..task(1) }).expect("recorded"));
            if count % 3 == 0 {
                say_kept(&phone.record(CloseTask { task_id }).expect("recorded"));
            }
            if count % 7 == 0 {
                phone.sync().await.expect("synced");
            }
        }
    });
}

/// Runs a child until it has said so many lines, kills it, and gives the commands it said are kept.
fn run_and_kill(dir: &Path, epoch: u64, lines: usize) -> Vec<CommandId> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "recovery::kill::the_child_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(FOLDER, dir)
        .env(EPOCH, epoch.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let kept = |line: String| line.strip_prefix("kept ").map(|id| id.parse().expect("an id"));
    let said = out.lines().map_while(Result::ok).filter_map(kept);
    let mut said = said.inspect({
        let mut left = lines;
        let child = &mut child;
        move |_| {
            left = left.saturating_sub(1);
            if left == 0 {
                child.kill().expect("killed");
            }
        }
    });
    // Lines said between the last one read and the kill count too.
    let all: Vec<CommandId> = said.by_ref().collect();
    drop(said);
    child.wait().expect("gone");
    assert!(all.len() >= lines, "the child ended by itself after {} commands", all.len());
    all
}

#[test]
fn whatever_was_said_to_be_kept_is_kept_however_often_the_app_is_killed() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut kept = BTreeSet::new();
    for (epoch, lines) in (1..).zip([1, 9, 23, 40, 14, 57, 31, 5]) {
        kept.extend(run_and_kill(dir.path(), epoch, lines));
    }
    let server = server_of_one_outlet(100);
    let phone = open(dir.path(), &server);
    let queued: BTreeSet<CommandId> = phone
        .read(|connection| {
            let mut statement = connection.prepare("SELECT command_id FROM outbox")?;
            let ids = statement.query_map([], |row| Ok(CommandId(uuid::Uuid::from_bytes(row.get(0)?))))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .expect("read");
    let lost: Vec<_> = kept.difference(&queued).collect();
    assert!(lost.is_empty(), "{lost:?}");
    runtime().block_on(async {
        phone.sign_in("liwen", "right").await.expect("signed in");
        assert!(phone.sync().await.expect("synced").complete);
    });
    let worked: BTreeSet<CommandId> = server.worked_through().into_iter().collect();
    assert_eq!(worked, queued, "every command once, in the numbers the phone gave");
    assert_eq!(rows_of(&phone), server.visible());
}
