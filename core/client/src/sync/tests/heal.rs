//! What differs is found and mended, without a reset that anybody sees.

use rusqlite::Connection;
use serde_json::json;
use storewalk_domain::{
    ids::RowId,
    outlet::Outlet,
    sync::{Bucket, Entity},
    time::DAY_MS,
};
use storewalk_wire::range_of;

use crate::sync::testing::{Bench, Fault, OUTLET, TERRITORY, outlet};

/// A phone with 40 outlets in step.
async fn bench() -> Bench {
    let bench = Bench::signed_in().await;
    for number in 101..140 {
        bench.server.put(outlet(number));
    }
    bench.phone.sync().await.expect("in step");
    bench
}

/// Writes past the core, as damage does.
fn damage(bench: &Bench, sql: &str) {
    let connection = Connection::open(bench.dir.path().join("storewalk.sqlite")).expect("opened");
    assert!(connection.execute(sql, []).expect("written") > 0);
}

/// Something changes at the office, so that the next pull has news and a sum.
fn news(bench: &Bench) {
    bench.server.put(Outlet { address: "新址".into(), ..outlet(101) });
}

#[tokio::test]
async fn what_both_hold_has_the_same_sum_after_every_kind_of_change() {
    let bench = bench().await;
    let id = bench.raise(1);
    bench.phone.sync().await.expect("synced");
    bench.close(id);
    bench.server.remove(&outlet(105).into_row());
    news(&bench);
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("pulled");
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.server.heal_requests(), []);
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 0);
}

#[tokio::test]
async fn a_row_that_was_lost_or_kept_too_long_is_found_by_the_sum_and_mended() {
    for sql in [
        "DELETE FROM memberships WHERE row_id = x'00000000000000000000000000000080'",
        "UPDATE memberships SET version = 9, sum = sum + 1 WHERE row_id = x'00000000000000000000000000000080'",
        "INSERT INTO memberships SELECT tbl, x'000000000000000000000000000000F0', bucket_id, 1, 77 FROM memberships
         WHERE row_id = x'00000000000000000000000000000080'",
    ] {
        let bench = bench().await;
        damage(&bench, sql);
        damage(&bench, "UPDATE cursors SET sum = sum + 1");
        news(&bench);
        let report = bench.phone.sync().await.expect("synced");
        assert!(report.complete);
        assert_eq!(bench.rows(), bench.server.visible());
        assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
        let asked = bench.server.heal_requests().len();
        assert_eq!((asked, report.rows_healed), (2, 1), "one range, and one look that all is well");
    }
}

#[tokio::test]
async fn a_scan_finds_a_rotten_row_and_the_next_sync_fetches_its_range_alone() {
    let bench = bench().await;
    damage(&bench, "UPDATE outlets SET fence_m = 9 WHERE code = 'S0120'");
    damage(&bench, "DELETE FROM outlets WHERE code = 'S0121'");
    let pending = bench.raise(7);
    let report = bench.phone.scan().expect("scanned");
    assert_eq!((report.rows, report.damaged), (40, 2));
    bench.server.script([Fault::TryLater]);
    bench.phone.sync().await.expect("synced");
    assert!(bench.task(pending).is_some(), "pending work is untouched");
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
    assert!(bench.server.requests().iter().all(|request| request.cursors.iter().all(|cursor| cursor.epoch != 0)));
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 0);
}

#[tokio::test]
async fn a_row_that_a_screen_could_not_read_is_mended_by_the_next_sync() {
    let bench = bench().await;
    damage(&bench, "UPDATE outlets SET class = '坏' WHERE code = 'S0120'");
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.server.heal_requests(), [], "nobody has looked at it yet");
    bench.phone.outlets().profile(outlet(120).id).expect_err("it cannot be read");
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.phone.outlets().profile(outlet(120).id).expect("mended").code, "S0120");
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn the_server_s_version_of_a_row_under_pending_work_is_looked_at_too() {
    let bench = bench().await;
    let id = bench.raise(1);
    bench.phone.sync().await.expect("synced");
    bench.close(id);
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 0);
    damage(&bench, "UPDATE shadows SET fields = json_set(fields, '$.note', '坏') WHERE fields IS NOT NULL");
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 1);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.server.last_seq(), 2);
}

#[tokio::test]
async fn healing_waits_for_a_pull_when_the_server_has_moved_on() {
    let bench = bench().await;
    damage(&bench, "UPDATE outlets SET fence_m = 9 WHERE code = 'S0120'");
    bench.phone.scan().expect("scanned");
    bench.server.put_at_heal(outlet(300));
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
}

#[tokio::test]
async fn a_sum_that_never_fits_costs_one_new_reading_a_day_and_is_told() {
    let bench = bench().await;
    bench.server.reckon_wrongly();
    let pending = bench.raise(1);
    let restarts = |bench: &Bench| {
        bench.server.requests().iter().flat_map(|request| &request.cursors).filter(|cursor| cursor.epoch == 0).count()
    };
    news(&bench);
    assert!(bench.phone.sync().await.expect("synced").complete);
    let (asked, read) = (bench.server.heal_requests().len(), restarts(&bench));
    assert!(read >= 1, "read anew");
    for _ in 0..5 {
        news(&bench);
        bench.clock.pass_ms(60_000);
        assert!(bench.phone.sync().await.expect("synced").complete);
    }
    assert_eq!((bench.server.heal_requests().len(), restarts(&bench)), (asked, read), "no endless loop");
    assert_eq!(bench.rows(), bench.server.visible());
    assert!(bench.task(pending).is_some());
    let told = bench.phone.status().expect("status").last_error.expect("told");
    assert_eq!(told.code, "bucket_differs");
    let health = bench.server.requests().pop().expect("asked").health;
    assert_eq!(health.last_error.as_deref(), Some("bucket_differs"));
    bench.clock.pass_ms(DAY_MS);
    bench.server.pass_ms(DAY_MS);
    news(&bench);
    bench.phone.sync().await.expect("synced");
    assert!(bench.server.heal_requests().len() > asked, "tried again the next day");
}

#[tokio::test]
async fn a_phone_of_before_the_sums_reckons_them_from_its_rows() {
    let bench = bench().await;
    damage(&bench, "UPDATE memberships SET sum = NULL");
    damage(&bench, "UPDATE cursors SET sum = NULL, row_count = 0");
    bench.phone.sync().await.expect("synced");
    news(&bench);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.server.heal_requests(), []);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn rows_of_every_range_are_healed_range_by_range() {
    let bench = bench().await;
    let id = RowId(OUTLET.0);
    let mut fields = outlet(OUTLET.0.as_u128()).into_row().to_json().expect("json");
    fields["name"] = json!("两处");
    bench.server.put_raw(&Bucket::Territory(TERRITORY), "outlets", id, Some(fields));
    bench.phone.sync().await.expect("synced");
    damage(&bench, "DELETE FROM outlets");
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 40);
    let report = bench.phone.sync().await.expect("synced");
    assert_eq!(report.rows_healed, 40);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(range_of(id), 0x0A);
}

#[tokio::test]
async fn a_phone_without_news_asks_in_a_few_bytes() {
    let mut bench = bench().await;
    let whole = bench.server.requests().len();
    for _ in 0..3 {
        assert!(bench.phone.sync().await.expect("synced").complete);
        bench.restart();
    }
    assert_eq!((bench.server.requests().len(), bench.server.standings_asked()), (whole, 3));
    news(&bench);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    bench.server.revoke(&Bucket::Territory(TERRITORY));
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows().len(), 0);
}

#[tokio::test]
async fn work_or_doubt_leads_to_a_whole_sync_and_so_does_a_server_of_before() {
    let bench = bench().await;
    bench.raise(1);
    bench.phone.sync().await.expect("synced");
    assert_eq!((bench.server.standings_asked(), bench.server.last_seq()), (0, 1));
    bench.phone.sync().await.expect("the health is told anew");
    damage(&bench, "UPDATE outlets SET fence_m = 9 WHERE code = 'S0120'");
    bench.phone.scan().expect("scanned");
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    bench.server.forget_standings();
    news(&bench);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}
