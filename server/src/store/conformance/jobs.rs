//! Jobs: serial, isolated, durable before they are answered.

use std::sync::{Arc, Mutex, mpsc};

use storewalk_domain::{ids::RowId, sync::Table};

use super::{Case, id, read, territory, write};
use crate::store::{Store, StoreError, StoreRead, in_part, sqlite::SqliteStore};

pub(super) const CASES: &[Case] = &[
    a_job_that_fails_leaves_no_trace,
    a_job_that_panics_leaves_no_trace_and_the_store_goes_on,
    jobs_of_one_commit_do_not_touch_each_other,
    a_part_can_be_dropped_without_the_rest,
    a_snapshot_does_not_move_while_others_write,
    what_was_answered_is_seen_by_the_next_reader,
];

fn exists(snapshot: &dyn StoreRead, number: u128) -> Result<bool, StoreError> {
    Ok(snapshot.load(Table::Territories, RowId(id(number)))?.is_some())
}

fn a_job_that_fails_leaves_no_trace(store: &(dyn Store + 'static)) {
    let failed: Result<(), StoreError> = store.write_blocking(|txn| {
        txn.put_row(&territory(1, "one").into())?;
        Err(StoreError::Stopped)
    });
    assert!(matches!(failed, Err(StoreError::Stopped)));
    assert!(!read(store, |snapshot| exists(snapshot, 1)));
}

fn a_job_that_panics_leaves_no_trace_and_the_store_goes_on(store: &(dyn Store + 'static)) {
    let failed: Result<(), StoreError> = store.write_blocking(|txn| {
        txn.put_row(&territory(1, "one").into())?;
        panic!("on purpose")
    });
    assert!(matches!(failed, Err(StoreError::Panicked)));
    let failed: Result<(), StoreError> = store.read_blocking(|_| panic!("on purpose"));
    assert!(matches!(failed, Err(StoreError::Panicked)));
    write(store, |txn| txn.put_row(&territory(2, "two").into()));
    assert!(read(store, |snapshot| Ok(!exists(snapshot, 1)? && exists(snapshot, 2)?)));
}

fn jobs_of_one_commit_do_not_touch_each_other(store: &(dyn Store + 'static)) {
    // The first job holds the writer until the others wait behind it, so that they share a commit.
    let (release, held) = mpsc::channel::<()>();
    let (answer, answers) = mpsc::channel();
    let order = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            write(store, move |_| {
                held.recv().ok();
                Ok(())
            });
        });
        for number in 1..=9_u128 {
            let (answer, order) = (answer.clone(), Arc::clone(&order));
            scope.spawn(move || {
                let result: Result<(), StoreError> = store.write_blocking(move |txn| {
                    order.lock().expect("lock").push(number);
                    txn.put_row(&territory(number, "row").into())?;
                    match number % 3 {
                        1 => Err(StoreError::Busy),
                        2 => panic!("on purpose"),
                        _ => Ok(()),
                    }
                });
                answer.send((number, result.is_ok())).expect("answered");
            });
        }
        release.send(()).expect("released");
    });
    let mut answers: Vec<_> = answers.try_iter().collect();
    answers.sort_unstable();
    assert_eq!(answers, (1..=9).map(|number| (number, number % 3 == 0)).collect::<Vec<_>>());
    assert_eq!(order.lock().expect("lock").len(), 9);
    for number in 1..=9 {
        assert_eq!(read(store, move |snapshot| exists(snapshot, number)), number % 3 == 0, "{number}");
    }
}

fn a_part_can_be_dropped_without_the_rest(store: &(dyn Store + 'static)) {
    write(store, |txn| {
        txn.put_row(&territory(1, "one").into())?;
        let dropped: Result<(), &str> = in_part(txn, |txn| {
            txn.put_row(&territory(2, "two").into()).map_err(|_| "fault")?;
            let kept: Result<(), StoreError> = in_part(txn, |txn| {
                txn.put_row(&territory(3, "three").into())?;
                Ok(())
            })
            .map_err(|_| "fault")?;
            kept.map_err(|_| "fault")?;
            Err("refused")
        })?;
        assert_eq!(dropped, Err("refused"));
        assert!(!exists(txn, 2)?);
        txn.put_row(&territory(4, "four").into())
    });
    let found = read(store, |snapshot| (1..=4).map(|number| exists(snapshot, number)).collect::<Result<Vec<_>, _>>());
    assert_eq!(found, [true, false, false, true]);
}

fn a_snapshot_does_not_move_while_others_write(store: &(dyn Store + 'static)) {
    let (release, released) = mpsc::channel::<()>();
    let (start, started) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let seen = read(store, move |snapshot| {
                let before = exists(snapshot, 1)?;
                start.send(()).expect("started");
                released.recv().ok();
                Ok((before, exists(snapshot, 1)?))
            });
            assert_eq!(seen, (false, false));
        });
        started.recv().expect("started");
        write(store, |txn| txn.put_row(&territory(1, "one").into()));
        release.send(()).expect("released");
    });
    assert!(read(store, |snapshot| exists(snapshot, 1)));
}

fn what_was_answered_is_seen_by_the_next_reader(store: &(dyn Store + 'static)) {
    for number in 1..=20 {
        write(store, move |txn| txn.put_row(&territory(number, "row").into()));
        assert!(read(store, move |snapshot| exists(snapshot, number)), "{number}");
    }
}

#[test]
fn a_database_opened_again_is_the_same_and_another_one_is_not() {
    let folder = tempfile::tempdir().expect("folder");
    let open = |name: &str| -> Box<dyn Store> {
        Box::new(SqliteStore::open(&folder.path().join(name), &crate::clock::RandomIds).expect("opened"))
    };
    let first = open("one.sqlite");
    write(first.as_ref(), |txn| txn.put_row(&territory(1, "one").into()));
    let epoch = read(first.as_ref(), |snapshot| snapshot.epoch());
    let key = read(first.as_ref(), |snapshot| snapshot.token_key());
    drop(first);
    let again = open("one.sqlite");
    assert!(read(again.as_ref(), |snapshot| exists(snapshot, 1)));
    assert_eq!(read(again.as_ref(), |snapshot| snapshot.epoch()), epoch);
    let other = open("two.sqlite");
    assert_ne!(read(other.as_ref(), |snapshot| snapshot.epoch()), epoch);
    assert_ne!(read(other.as_ref(), |snapshot| snapshot.token_key()), key);
}
