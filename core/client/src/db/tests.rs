//! A full disk, many readers, a panic.

use storewalk_sqlite::FaultKind;

use crate::{
    ClientError, Phone, Recorded,
    sync::testing::{Bench, outlet, task},
};

/// Lets the database grow by no more than a few pages, as on a disk that is almost full.
fn fill_disk(phone: &Phone) {
    set_max_pages(phone, "(SELECT page_count + 2 FROM pragma_page_count)");
}

fn set_max_pages(phone: &Phone, pages: &str) {
    let limit = |transaction: &rusqlite::Transaction<'_>| {
        let pages: i64 = transaction.query_row(&format!("SELECT {pages}"), [], |row| row.get(0))?;
        transaction.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        Ok(())
    };
    phone.write(limit).expect("limited");
}

fn is_full<T>(result: &Result<T, ClientError>) -> bool {
    matches!(result, Err(ClientError::Storage { kind: FaultKind::Full, .. }))
}

#[tokio::test]
async fn a_full_disk_refuses_a_step_whole_and_reads_go_on() {
    let bench = Bench::in_step().await;
    fill_disk(&bench.phone);
    let mut done = 0;
    let error = loop {
        let long = storewalk_domain::sync::RaiseTask { note: "满".repeat(400), ..task(done) };
        match bench.phone.record(long) {
            Ok(Recorded::Done { .. }) => done += 1,
            other => break other,
        }
    };
    assert!(is_full(&error), "{error:?}");
    assert_eq!(error.expect_err("full").code(), "storage_full");
    let done = u64::try_from(done).expect("small");
    for sql in [
        "SELECT count(*) FROM tasks",
        "SELECT count(*) FROM outbox",
        "SELECT count(*) FROM shadows",
        "SELECT count(DISTINCT seq) FROM outbox_rows",
        "SELECT last_seq FROM device",
    ] {
        assert_eq!(bench.count(sql), done, "{sql}");
    }
    set_max_pages(&bench.phone, "1000000");
    bench.raise(u128::from(done));
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_pull_that_does_not_fit_is_not_half_published() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    for number in 100..400 {
        bench.server.put(outlet(number));
    }
    fill_disk(&bench.phone);
    let result = bench.phone.sync().await;
    assert!(is_full(&result), "{result:?}");
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 1);
    assert!(bench.task(id).is_some());
    let status = bench.phone.status().expect("status");
    assert_eq!(status.last_error.expect("named").code, "storage_full");
    assert_eq!(status.unsent_commands, 1);
    set_max_pages(&bench.phone, "1000000");
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.phone.status().expect("status").last_error, None);
}

#[tokio::test]
async fn a_reader_sees_one_snapshot_while_others_write() {
    let bench = Bench::in_step().await;
    let read = bench.phone.read(|connection| {
        let count = || connection.query_row("SELECT count(*) FROM tasks", [], |row| row.get::<_, u64>(0));
        let before = count()?;
        bench.raise(1);
        Ok((before, count()?))
    });
    assert_eq!(read.expect("read"), (0, 0));
    assert_eq!(bench.count("SELECT count(*) FROM tasks"), 1);
}

#[tokio::test]
async fn a_panic_in_the_middle_of_a_write_leaves_the_database_whole_and_usable() {
    let bench = Bench::in_step().await;
    let phone = bench.phone.clone();
    let writing = std::thread::spawn(move || {
        let _ = phone.write(|transaction| -> Result<(), ClientError> {
            transaction.execute("DELETE FROM outlets", [])?;
            panic!("on purpose");
        });
    });
    assert!(writing.join().is_err());
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 1);
    bench.raise(1);
}
