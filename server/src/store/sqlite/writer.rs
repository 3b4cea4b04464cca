//! The writer: takes the jobs that wait, runs each in a savepoint of one transaction, commits once, then answers.

use std::collections::VecDeque;

use rusqlite::Connection;
use tokio::sync::watch;

use super::{SqliteTxn, lane::Lane, sql_error};
use crate::store::{Report, Settle, StoreError, WriteJob};

/// Most jobs in one commit: keeps the wait of the first short.
const GROUP_LIMIT: usize = 128;

/// Runs until the lane is closed and empty.
pub(super) fn run(connection: &Connection, lane: &Lane<WriteJob>, commits: &watch::Sender<u64>) {
    while let Some(mut group) = lane.pop_group(GROUP_LIMIT) {
        while !group.is_empty() {
            run_group(connection, &mut group);
        }
        commits.send_modify(|count| *count = count.wrapping_add(1));
    }
    // A last checkpoint keeps the file alone enough for a copy; failing it loses nothing.
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
}

/// Runs jobs of the group in one transaction. Jobs left over were not begun: SQLite had dropped the transaction.
fn run_group(connection: &Connection, group: &mut VecDeque<WriteJob>) {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        if let Some(job) = group.pop_front() {
            job.refuse(sql_error(error));
        }
        return;
    }
    let mut reports = Vec::with_capacity(group.len());
    while let Some(job) = group.pop_front() {
        let (outcome, report) = run_job(connection, job);
        reports.push((outcome, report));
        if connection.is_autocommit() {
            break;
        }
    }
    let lost = commit(connection);
    for (outcome, report) in reports {
        report(match (&lost, outcome) {
            (Err(error), _) => Err(again(error)),
            (Ok(()), outcome) => outcome,
        });
    }
}

/// Runs one job in its savepoint. A job that wanted its work dropped has been answered well.
fn run_job(connection: &Connection, job: WriteJob) -> (Result<(), StoreError>, Report) {
    if let Err(error) = connection.execute_batch("SAVEPOINT job") {
        return (Err(sql_error(error)), job.skip());
    }
    let (settle, report) = job.run(&mut SqliteTxn(connection));
    let end = match settle {
        Ok(Settle::Keep) => "RELEASE job",
        Ok(Settle::Drop) | Err(_) => "ROLLBACK TO job; RELEASE job",
    };
    let ended = connection.execute_batch(end).map_err(sql_error);
    (settle.and(ended), report)
}

fn commit(connection: &Connection) -> Result<(), rusqlite::Error> {
    if connection.is_autocommit() {
        return Err(transaction_lost());
    }
    let committed = connection.execute_batch("COMMIT");
    if committed.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    committed
}

/// SQLite rolls the whole transaction back by itself when the disk is full or fails.
pub(super) fn transaction_lost() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None)
}

/// The same fault for each job of the group.
fn again(error: &rusqlite::Error) -> StoreError {
    let code = error.sqlite_error().copied();
    let text = Some(error.to_string());
    sql_error(rusqlite::Error::SqliteFailure(code.unwrap_or(rusqlite::ffi::Error::new(1)), text))
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use storewalk_domain::{
        ids::TerritoryId,
        outlet::Territory,
        sync::{Row, Table},
        text::Localized,
    };
    use uuid::Uuid;

    use super::*;
    use crate::store::{FeedRead, job::write_job};

    fn job(
        sender: &mpsc::Sender<Result<(), StoreError>>,
        work: impl FnOnce(&mut dyn crate::store::StoreTxn) -> Result<(), StoreError> + Send + 'static,
    ) -> WriteJob {
        let sender = sender.clone();
        write_job(work, move |result| sender.send(result).expect("heard"))
    }

    fn database() -> (Connection, Arc<AtomicUsize>) {
        let connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch("CREATE TABLE notes (number INTEGER NOT NULL UNIQUE)").expect("a table");
        let commits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&commits);
        let count = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            false
        };
        connection.commit_hook(Some(count)).expect("a hook");
        (connection, commits)
    }

    #[test]
    fn jobs_that_wait_share_one_commit() {
        let (connection, commits) = database();
        let (sender, answers) = mpsc::channel();
        let mut group: VecDeque<WriteJob> = (0..20).map(|_| job(&sender, |_| Ok(()))).collect();
        group.push_back(job(&sender, |_| Err(StoreError::Busy)));
        run_group(&connection, &mut group);
        assert!(group.is_empty());
        assert_eq!(commits.load(Ordering::SeqCst), 1);
        let answers: Vec<_> = answers.try_iter().collect();
        assert_eq!((answers.len(), answers.iter().filter(|answer| answer.is_ok()).count()), (21, 20));
    }

    #[test]
    fn a_full_disk_fails_the_commit_it_strikes_and_the_next_one_works() {
        let database = super::super::memory();
        database.leave_room_for(200_000);
        let (sender, answers) = mpsc::channel();
        let row = |number: u128, name: &str| -> Row {
            let (id, name) = (TerritoryId(Uuid::from_u128(number)), Localized::same(name));
            Territory { id, code: "T".into(), name, region_code: "R".into() }.into()
        };
        let (small, large, last) = (row(1, "small"), row(2, &"x".repeat(400_000)), row(3, "last"));
        let put = |row: Row| job(&sender, move |txn| txn.put_row(&row).map(|_| ()));
        let mut group = VecDeque::from([put(small), put(large), put(last)]);
        while !group.is_empty() {
            run_group(database.connection(), &mut group);
        }
        let answers: Vec<_> = answers.try_iter().collect();
        assert!(matches!(answers[..], [Err(StoreError::Full(_)), Err(StoreError::Full(_)), Ok(())]), "{answers:?}");
        let left = SqliteTxn(database.connection()).rows_of(Table::Territories).expect("rows");
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn when_the_commit_fails_nobody_is_told_otherwise() {
        let (connection, _) = database();
        connection.commit_hook(Some(|| true)).expect("a hook");
        let (sender, answers) = mpsc::channel();
        let mut group = VecDeque::from([job(&sender, |_| Ok(())), job(&sender, |_| Ok(()))]);
        run_group(&connection, &mut group);
        assert!(answers.try_iter().all(|answer| answer.is_err()));
        assert!(connection.is_autocommit());
    }
}
