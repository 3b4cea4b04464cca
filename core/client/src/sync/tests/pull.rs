//! Rows on their way down.

use serde_json::{Value, json};
use storewalk_domain::{
    ids::{RowId, TerritoryId},
    outlet::Outlet,
    sync::{Bucket, Entity, Table},
    task::{Task, TaskStatus},
};
use storewalk_sqlite::get_fields;
use uuid::Uuid;

use crate::{
    ClientError, Config,
    sync::testing::{Bench, Fault, OUTLET, TERRITORY, outlet},
};

fn fields(outlet: Outlet) -> Value {
    outlet.into_row().to_json().expect("json")
}

#[tokio::test]
async fn half_a_pull_shows_nothing_and_is_gone_on_from() {
    let mut bench = Bench::signed_in().await;
    for number in 100..110 {
        bench.server.put(outlet(number));
    }
    bench.server.set_page_rows(4);
    bench.server.script([Fault::None, Fault::Offline]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Offline)));
    assert_eq!(bench.rows().len(), 0);
    assert_eq!(bench.count("SELECT count(*) FROM staged_entries"), 4);
    bench.restart();
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.rows().len(), 11);
    assert_eq!((report.pages, report.rows_applied), (2, 11));
    assert_eq!(bench.count("SELECT count(*) FROM staged_entries"), 0);
}

#[tokio::test]
async fn a_row_changed_between_two_pages_arrives_in_its_last_version() {
    let bench = Bench::signed_in().await;
    for number in 100..106 {
        bench.server.put(outlet(number));
    }
    bench.server.set_page_rows(4);
    bench.server.script([Fault::None, Fault::Offline]);
    bench.phone.sync().await.expect_err("cut");
    bench.server.put(Outlet { name: "改名".into(), ..outlet(100) });
    bench.server.remove(&outlet(101).into_row());
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn tables_and_columns_of_a_newer_release_survive() {
    let mut bench = Bench::in_step().await;
    let bucket = Bucket::Territory(TERRITORY);
    let (robot, id) = (RowId(Uuid::from_u128(900)), RowId(Uuid::from_u128(901)));
    bench.server.put_raw(&bucket, "robots", robot, Some(json!({ "id": robot, "arms": 3 })));
    let mut newer = fields(outlet(901));
    newer["drone_pad"] = json!({ "size": [4, 4] });
    bench.server.put_raw(&bucket, "outlets", id, Some(newer.clone()));
    let mut unreadable = fields(outlet(902));
    unreadable["class"] = json!("Z");
    bench.server.put_raw(&bucket, "outlets", RowId(Uuid::from_u128(902)), Some(unreadable));
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows()[&("outlets".to_owned(), id)], newer);
    assert_eq!(bench.count("SELECT count(*) FROM unknown_rows"), 2);

    // The office mends the row by a shape that today's release can read; a newer app would take both in.
    bench.server.put_raw(&bucket, "outlets", RowId(Uuid::from_u128(902)), Some(fields(outlet(902))));
    bench.server.put_raw(&bucket, "robots", robot, None);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.count("SELECT count(*) FROM unknown_rows"), 0);
    bench.restart();
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_newer_app_takes_in_what_the_last_one_could_not_read() {
    let bench = Bench::in_step().await;
    let id = RowId(Uuid::from_u128(902));
    let text = fields(outlet(902)).to_string();
    let insert = |transaction: &rusqlite::Transaction<'_>| {
        let params = rusqlite::params!["outlets", storewalk_sqlite::id_blob(id), text];
        transaction.execute("INSERT INTO unknown_rows (tbl, row_id, fields) VALUES (?, ?, ?)", params)?;
        Ok(())
    };
    bench.phone.write(insert).expect("written");
    let config = Config { app_version: "99.0".into(), ..Config::new(bench.dir.path(), "http://127.0.0.1/") };
    let phone = crate::Phone::open(config).expect("opened").phone;
    let found = phone.read(|connection| Ok(get_fields(connection, Table::Outlets, id)?)).expect("read");
    assert!(found.is_some());
}

#[tokio::test]
async fn a_row_in_two_buckets_dies_with_the_second() {
    let bench = Bench::in_step().await;
    let other = Bucket::Territory(TerritoryId(Uuid::from_u128(0x7F)));
    let id = RowId(OUTLET.0);
    bench.server.put_raw(&other, "outlets", id, Some(fields(outlet(OUTLET.0.as_u128()))));
    bench.server.grant(other.clone());
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.count("SELECT count(*) FROM memberships"), 2);
    bench.server.revoke(&Bucket::Territory(TERRITORY));
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 1);
    bench.server.revoke(&other);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM memberships"), 0);
    bench.server.put(Outlet { name: "改名".into(), ..outlet(OUTLET.0.as_u128()) });
    bench.server.grant(Bucket::Territory(TERRITORY));
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_bucket_that_starts_again_forgets_what_is_no_longer_in_it() {
    let bench = Bench::in_step().await;
    for number in 100..105 {
        bench.server.put(outlet(number));
    }
    bench.phone.sync().await.expect("synced");
    bench.server.restore_from([outlet(102).into_row(), outlet(200).into_row()]);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 2);
}

#[tokio::test]
async fn rows_under_pending_work_stay_until_it_is_resolved() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.phone.sync().await.expect("synced");
    bench.close(id);
    bench.server.revoke(&Bucket::Territory(TERRITORY));
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 1, "what the work is about stays to be read");
    assert_eq!(bench.task(id).expect("still shown").status, TaskStatus::Done);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.task(id), None);
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 0);
    assert_eq!(bench.server.last_seq(), 2);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn pending_work_runs_again_in_order_on_what_the_server_changed() {
    let bench = Bench::in_step().await;
    let (first, second) = (bench.raise(1), bench.raise(2));
    bench.close(first);
    bench.server.put(Outlet { name: "改名".into(), ..outlet(OUTLET.0.as_u128()) });
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    let rows = bench.rows();
    assert_eq!(rows[&("outlets".to_owned(), RowId(OUTLET.0))]["name"], json!("改名"));
    assert_eq!(bench.task(first).expect("there").status, TaskStatus::Done);
    assert_eq!(bench.task(second).expect("there").status, TaskStatus::Open);
    assert_eq!(bench.count("SELECT count(*) FROM shadows WHERE fields IS NULL"), 2);
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE local_problem IS NOT NULL"), 0);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn pending_work_that_no_longer_holds_is_flagged_and_sent_all_the_same() {
    let bench = Bench::in_step().await;
    let id = bench.raise(1);
    bench.phone.sync().await.expect("synced");
    let raised = bench.task(id).expect("there");
    bench.close(id);
    bench.server.put(Task { status: TaskStatus::Done, note: "同事已处理".into(), ..raised });
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    assert_eq!(bench.task(id).expect("there").note, "同事已处理");
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE local_problem IS NOT NULL AND state = 'pending'"), 1);
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!((report.commands_sent, report.refused), (1, 1));
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE verdict IS NOT NULL AND state = 'acked'"), 2);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_field_that_waited_apart_moves_into_the_column_a_newer_app_has_for_it() {
    let mut bench = Bench::in_step().await;
    let with_gln = Outlet { gln: Some("9521101601015".into()), ..outlet(902) };
    bench.server.put(with_gln.clone());
    bench.phone.sync().await.expect("synced");
    // As an app of before the column would have left it.
    let age = |transaction: &rusqlite::Transaction<'_>| {
        transaction
            .execute("UPDATE outlets SET gln = NULL, extra = json_object('gln', gln) WHERE code = 'S0902'", [])?;
        transaction.execute("UPDATE sync_state SET columns_known = 'of an older release'", [])?;
        Ok(())
    };
    bench.phone.write(age).expect("aged");
    bench.restart();
    assert_eq!(bench.count("SELECT count(*) FROM outlets WHERE gln = '9521101601015' AND extra IS NULL"), 1);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 0);
    let before = bench.server.requests().len();
    bench.restart();
    assert_eq!(bench.server.requests().len(), before, "no network was needed");
}
