//! A phone whose rows differ gets those ranges again, and nothing else.

use storewalk_domain::{
    outlet::Outlet,
    sync::{Bucket, Row},
};
use storewalk_server::admin::load_rows;
use storewalk_wire::{Checksum, HealResponse, RANGES, RangeSum, range_of};
use uuid::Uuid;

use crate::{
    fixture::{self, outlet_row},
    replica::{Held, Replica},
    world::{Reply, World},
};

fn outlets(count: u128, address: &str) -> Vec<Row> {
    let outlet = |number| Outlet {
        id: storewalk_domain::ids::OutletId(Uuid::from_u128(3_000_000 + number)),
        address: address.into(),
        ..outlet_row(1)
    };
    (0..count).map(|number| Row::from(outlet(number))).collect()
}

fn bucket() -> Bucket {
    Bucket::Territory(fixture::territory(1))
}

async fn ask(world: &World, replica: &Replica, request: &impl serde::Serialize) -> Reply {
    let body = serde_json::to_value(request).expect("json");
    world.post("/sync/heal", Some(&replica.phone.access), &body).await
}

async fn healed(world: &World, replica: &Replica) -> HealResponse {
    let reply = ask(world, replica, &replica.complaint(&bucket())).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_slice(&reply.body).expect("an answer")
}

/// Takes the ranges in: what is not among the entries goes.
fn take(replica: &mut Replica, response: &HealResponse) {
    let rows = replica.buckets.get_mut(&bucket()).expect("held");
    rows.retain(|key, _| !response.ranges.contains(&range_of(key.1)));
    for entry in &response.entries {
        assert!(response.ranges.contains(&range_of(entry.id)));
        let fields = entry.row.as_ref().and_then(serde_json::Value::as_object).expect("a row").clone();
        rows.insert((entry.table.clone(), entry.id), Held { version: entry.version, fields });
    }
}

async fn field(count: u128, address: &str) -> (World, Replica) {
    let world = World::new().await;
    load_rows(&world.state, outlets(count, address)).await.expect("loaded");
    let mut replica = Replica::of(&world, "rep1").await;
    replica.pull(&world).await;
    (world, replica)
}

#[tokio::test]
async fn one_damaged_row_is_healed_by_its_range_alone() {
    let (world, mut replica) = field(2_000, "x").await;
    let sound = replica.sum(&bucket());
    let rows = replica.buckets.get_mut(&bucket()).expect("held");
    let held = rows.values_mut().nth(700).expect("a row");
    held.fields.insert("fence_m".into(), 9_999.into());
    assert_ne!(replica.sum(&bucket()), sound);
    let response = healed(&world, &replica).await;
    assert_eq!((response.ranges.len(), response.is_complete), (1, true));
    assert!(response.entries.len() < 20, "{}", response.entries.len());
    take(&mut replica, &response);
    assert_eq!(replica.sum(&bucket()), sound);
    let again = healed(&world, &replica).await;
    assert!(again.ranges.is_empty() && again.entries.is_empty() && again.is_complete);
}

#[tokio::test]
async fn a_row_too_many_and_one_too_few_are_healed() {
    let (world, mut replica) = field(300, "x").await;
    let sound = replica.sum(&bucket());
    let rows = replica.buckets.get_mut(&bucket()).expect("held");
    let (key, held) = rows.pop_first().expect("a row");
    let stray = storewalk_domain::ids::RowId(Uuid::from_u128(77 << 8));
    rows.insert((key.0, stray), held);
    let response = healed(&world, &replica).await;
    assert!((1..=2).contains(&response.ranges.len()));
    take(&mut replica, &response);
    assert_eq!(replica.sum(&bucket()), sound);
}

#[tokio::test]
async fn a_phone_that_lost_everything_asks_until_it_is_whole() {
    // Wide rows: an answer ends at its bytes long before its rows.
    let (world, mut replica) = field(600, &"街".repeat(8_000)).await;
    let sound = replica.sum(&bucket());
    replica.buckets.get_mut(&bucket()).expect("held").clear();
    let mut answers = 0;
    loop {
        let response = healed(&world, &replica).await;
        answers += 1;
        take(&mut replica, &response);
        if response.is_complete {
            break;
        }
        assert!(!response.ranges.is_empty() && answers < 20, "every answer brings it forward");
    }
    assert_eq!(replica.sum(&bucket()), sound);
    assert!(answers >= 3, "{answers}");
}

#[tokio::test]
async fn a_phone_that_is_not_at_the_head_is_told_the_head_and_no_more() {
    let (world, replica) = field(300, "x").await;
    load_rows(&world.state, outlets(1, "y")).await.expect("changed");
    let mut request = replica.complaint(&bucket());
    request.ranges = vec![RangeSum { rows: 1, checksum: Checksum(1) }; RANGES];
    let reply = ask(&world, &replica, &request).await;
    let response: HealResponse = serde_json::from_slice(&reply.body).expect("an answer");
    assert_eq!(response.position, request.position + 1);
    assert!(response.ranges.is_empty() && response.entries.is_empty() && response.is_complete);
    request.position += 1;
    request.epoch += 1;
    let reply = ask(&world, &replica, &request).await;
    let response: HealResponse = serde_json::from_slice(&reply.body).expect("an answer");
    assert!(response.ranges.is_empty() && response.entries.is_empty());
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_its_place() {
    let (world, replica) = field(3, "x").await;
    for count in [0, 1, 255, 257] {
        let mut request = replica.complaint(&bucket());
        request.ranges = vec![RangeSum::default(); count];
        let reply = ask(&world, &replica, &request).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "request_malformed"));
        assert_eq!(reply.json()["at"], "ranges");
        assert!(reply.json()["detail"].as_str().expect("a detail").contains("256"));
    }
    let mut request = replica.complaint(&bucket());
    request.bucket = Bucket::Territory(fixture::territory(2));
    let reply = ask(&world, &replica, &request).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "not_permitted"));
    assert_eq!(reply.json()["at"], "bucket");
    let body = serde_json::to_value(replica.complaint(&bucket())).expect("json");
    assert_eq!(world.post("/sync/heal", None, &body).await.status, 401);
    assert_eq!(ask(&world, &replica, &serde_json::json!({ "bucket": 7 })).await.code(), "request_malformed");
}

#[tokio::test]
async fn a_wrong_sum_of_the_servers_own_is_set_right_and_no_phone_heals_for_ever() {
    let (world, mut replica) = field(300, "x").await;
    let row = storewalk_domain::ids::RowId(Uuid::from_u128(3_000_000));
    // A fault of the server: it says a sum that is not its row's.
    let spoilt: Result<u64, storewalk_server::store::StoreError> = world
        .state
        .store
        .write(move |txn| {
            let table = storewalk_domain::sync::Table::Outlets;
            let version = txn.row_version(table, row)?;
            let checksum = Checksum(1);
            let wrong = storewalk_server::store::Move { table, id: row, version, is_removed: false, checksum };
            txn.append(&bucket(), &[wrong])
        })
        .await;
    spoilt.expect("spoilt");
    let delta = replica.ask(&world).await.buckets.into_iter().find(|delta| delta.bucket == bucket()).expect("told");
    assert_ne!(delta.sum, Some(replica.sum(&bucket())));
    let cursor = replica.phone.cursors.iter_mut().find(|cursor| cursor.bucket == bucket()).expect("a cursor");
    cursor.position = delta.position;
    let response = healed(&world, &replica).await;
    assert_eq!(response.ranges.len(), 1);
    take(&mut replica, &response);
    assert!(healed(&world, &replica).await.ranges.is_empty(), "now both sides agree");
}
