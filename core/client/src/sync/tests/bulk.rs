//! Rows that come in files.

use std::{collections::BTreeSet, fs};

use serde_json::json;
use storewalk_domain::{
    ids::{CountyId, RowId, TerritoryId},
    outlet::{County, Outlet},
    sync::{Bucket, Entity},
    text::Localized,
};
use uuid::Uuid;

use crate::{
    ClientError,
    sync::testing::{Bench, OUTLET, SegmentFault, TERRITORY, outlet},
};

/// A territory of 40 outlets that comes in four files, and a phone that has none of it.
async fn bench() -> Bench {
    let bench = Bench::signed_in().await;
    for number in 101..140 {
        bench.server.put(outlet(number));
    }
    bench.server.set_segment_rows(10);
    bench
}

fn files(bench: &Bench) -> usize {
    fs::read_dir(bench.dir.path().join("segments")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_territory_comes_in_files_and_nothing_shows_before_the_last() {
    let mut bench = bench().await;
    bench.server.script_segments([SegmentFault::None, SegmentFault::None, SegmentFault::Offline]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Offline)));
    assert_eq!(bench.rows().len(), 0);
    bench.restart();
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.rows().len(), 40);
    let asked = bench.server.segment_requests();
    let distinct: BTreeSet<_> = asked.iter().collect();
    assert_eq!((asked.len(), distinct.len()), (4, 4), "no file is fetched twice");
    assert_eq!(bench.count("SELECT count(*) FROM staged_segments"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
    assert_eq!(bench.server.heal_requests(), []);
}

#[tokio::test]
async fn the_catalogue_shows_while_the_territory_is_still_on_its_way() {
    let mut bench = bench().await;
    for number in 0..15 {
        bench.server.put(County {
            id: CountyId(Uuid::from_u128(0xC0_0000 + number)),
            code: format!("C{number}"),
            name: Localized::new("县", "County"),
            region_code: "jiangcheng".into(),
        });
    }
    bench.server.grant(Bucket::Org);
    bench.server.script_segments([SegmentFault::None, SegmentFault::None, SegmentFault::Offline]);
    assert!(matches!(bench.phone.sync().await, Err(ClientError::Offline)));
    assert_eq!(bench.count("SELECT count(*) FROM counties"), 15);
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 0);
    bench.restart();
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.server.segment_requests().len(), 6);
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
}

#[tokio::test]
async fn nothing_is_published_early_over_pending_work() {
    let bench = bench().await;
    bench.server.put(County {
        id: CountyId(Uuid::from_u128(0xC0_0000)),
        code: "C0".into(),
        name: Localized::new("县", "County"),
        region_code: "jiangcheng".into(),
    });
    bench.phone.sync().await.expect("synced");
    bench.raise(1);
    let (other, extra) = (Bucket::Territory(TerritoryId(Uuid::from_u128(0x7F))), Uuid::from_u128(0xE0));
    let fields = outlet(0xE0).into_row().to_json().expect("json");
    bench.server.put_raw(&other, "outlets", RowId(extra), Some(fields));
    bench.server.grant(other);
    bench.server.grant(Bucket::Org);
    bench.server.script_segments([SegmentFault::None, SegmentFault::Offline]);
    bench.phone.sync().await.expect_err("offline");
    assert_eq!(bench.count("SELECT count(*) FROM counties"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM outbox WHERE state = 'pending'"), 1);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.count("SELECT count(*) FROM counties"), 1);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_file_that_breaks_off_is_gone_on_with_where_it_broke() {
    let mut bench = bench().await;
    bench.server.script_segments([SegmentFault::Half, SegmentFault::Half, SegmentFault::Offline]);
    bench.phone.sync().await.expect_err("offline");
    bench.restart();
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    let asked = bench.server.segment_requests();
    let offsets: Vec<u64> = asked.iter().filter(|(hash, _)| *hash == asked[0].0).map(|(_, offset)| *offset).collect();
    assert_eq!(offsets.len(), 3);
    assert!(offsets[0] == 0 && offsets[0] < offsets[1] && offsets[1] < offsets[2], "{offsets:?}");
}

#[tokio::test]
async fn a_file_that_arrives_wrong_is_fetched_again_and_at_last_done_without() {
    let bench = bench().await;
    bench.server.script_segments([SegmentFault::Flipped]);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.server.segment_requests().len(), 5);

    let bench = self::bench().await;
    bench.server.script_segments([SegmentFault::Flipped; 64]);
    assert!(bench.phone.sync().await.expect("synced in pages").complete);
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.server.segment_requests().len(), 6, "twice three times, then pages");
    assert_eq!(files(&bench), 0);
}

#[tokio::test]
async fn a_bucket_taken_away_while_its_files_travel_leaves_nothing() {
    let bench = bench().await;
    bench.server.script_segments([SegmentFault::None, SegmentFault::Offline]);
    bench.phone.sync().await.expect_err("offline");
    bench.server.revoke(&Bucket::Territory(TERRITORY));
    bench.server.script_segments([SegmentFault::Gone; 64]);
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows().len(), 0);
    assert_eq!(bench.count("SELECT count(*) FROM staged_segments"), 0);
}

#[tokio::test]
async fn a_file_the_server_no_longer_has_leads_to_a_new_list() {
    let bench = bench().await;
    bench.server.script_segments([SegmentFault::None, SegmentFault::Gone]);
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert_eq!(bench.server.segment_requests().len(), 5, "the first is kept, the second asked for twice");
}

#[tokio::test]
async fn a_file_that_rots_on_the_drive_is_not_used() {
    let bench = bench().await;
    bench.server.script_segments([SegmentFault::None, SegmentFault::None, SegmentFault::Offline]);
    bench.phone.sync().await.expect_err("offline");
    let folder = bench.dir.path().join("segments");
    let path = fs::read_dir(folder).expect("a folder").next().expect("a file").expect("readable").path();
    let mut bytes = fs::read(&path).expect("read");
    bytes[20] ^= 1;
    fs::write(&path, bytes).expect("written");
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows(), bench.server.visible());
}

#[tokio::test]
async fn a_bucket_that_starts_again_in_files_forgets_what_is_no_longer_in_it() {
    let bench = bench().await;
    bench.phone.sync().await.expect("synced");
    let task = bench.raise(1);
    bench
        .server
        .restore_from((120..150).map(|number| outlet(number).into_row()).chain([outlet(OUTLET.0.as_u128()).into()]));
    bench.phone.sync().await.expect("synced");
    assert_eq!(bench.rows(), bench.server.visible());
    assert!(bench.task(task).is_some(), "the work is not lost");
    assert_eq!(bench.count("SELECT count(*) FROM memberships WHERE bucket_id < 0"), 0);
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
}

#[tokio::test]
async fn rows_of_a_newer_release_in_a_file_are_kept_apart_and_stop_nothing() {
    let bench = bench().await;
    let bucket = Bucket::Territory(TERRITORY);
    let (robot, newer, unreadable) = (Uuid::from_u128(900), Uuid::from_u128(901), Uuid::from_u128(902));
    bench.server.put_raw(&bucket, "robots", RowId(robot), Some(json!({ "id": robot, "arms": 3 })));
    let mut fields = outlet(901).into_row().to_json().expect("json");
    fields["drone_pad"] = json!({ "size": [4, 4.5], "a": null });
    bench.server.put_raw(&bucket, "outlets", RowId(newer), Some(fields.clone()));
    let mut odd = outlet(902).into_row().to_json().expect("json");
    odd["class"] = json!("Z");
    bench.server.put_raw(&bucket, "outlets", RowId(unreadable), Some(odd));
    assert!(bench.phone.sync().await.expect("synced").complete);
    assert_eq!(bench.rows()[&("outlets".to_owned(), RowId(newer))], fields);
    assert_eq!(bench.count("SELECT count(*) FROM unknown_rows"), 2);
    assert_eq!(bench.count("SELECT count(*) FROM outlets"), 41);
    assert_eq!(bench.count("SELECT count(*) FROM cursors WHERE is_doubtful"), 0);
    assert_eq!(bench.phone.scan().expect("scanned").damaged, 0);
}

#[tokio::test]
async fn what_comes_in_files_and_what_comes_in_pages_is_the_same() {
    let (files, pages) = (bench().await, Bench::signed_in().await);
    for number in 101..140 {
        pages.server.put(outlet(number));
    }
    for bench in [&files, &pages] {
        bench.phone.sync().await.expect("synced");
        bench.server.put(Outlet { name: "改名".into(), ..outlet(110) });
        bench.phone.sync().await.expect("synced");
    }
    assert_eq!(files.rows(), pages.rows());
    let sum = "SELECT abs(sum % 1000003) + row_count FROM cursors WHERE bucket LIKE 't%'";
    assert_eq!(files.count(sum), pages.count(sum));
}
