//! Removals are forgotten after ninety days, and a phone that was away longer starts those buckets again.

use storewalk_domain::{
    outlet::Outlet,
    sync::{Bucket, Row},
};
use storewalk_server::{admin::load_rows, service::upkeep};
use uuid::Uuid;

use crate::{
    fixture::{self, outlet_row},
    phone::Phone,
    replica::Replica,
    world::World,
};

const DAY_MS: i64 = 24 * 3_600_000;

/// Outlets of a territory.
fn outlets(territory: u128, numbers: std::ops::Range<u128>) -> Vec<Row> {
    let outlet = |number| Outlet {
        id: storewalk_domain::ids::OutletId(Uuid::from_u128(3_000_000 + number)),
        territory_id: fixture::territory(territory),
        ..outlet_row(1)
    };
    numbers.map(|number| Row::from(outlet(number))).collect()
}

async fn days_pass(world: &World, days: i64) {
    world.clock.advance(days * DAY_MS);
    upkeep::run(&world.state).await.expect("done");
}

/// Signs the phone in again: tokens do not last that long.
async fn sign_in_again(world: &World, replica: &mut Replica) {
    let phone = Phone::on(world, "rep1", replica.phone.device).await;
    replica.phone = Phone { cursors: std::mem::take(&mut replica.phone.cursors), ..phone };
}

async fn floor_of(world: &World, number: u128) -> u64 {
    let bucket = Bucket::Territory(fixture::territory(number));
    let head = world.state.store.read(move |snapshot| snapshot.bucket_head(&bucket)).await;
    head.expect("read").expect("begun").floor
}

#[tokio::test]
async fn a_phone_that_was_away_longer_than_removals_are_kept_starts_that_bucket_again() {
    let world = World::new().await;
    load_rows(&world.state, outlets(1, 0..20)).await.expect("loaded");
    let mut away = Replica::of(&world, "rep1").await;
    away.pull(&world).await;
    load_rows(&world.state, outlets(2, 5..8)).await.expect("three move away");
    days_pass(&world, 1).await;
    assert_eq!(floor_of(&world, 1).await, 0, "only noted so far");
    days_pass(&world, 89).await;
    assert_eq!(floor_of(&world, 1).await, 0, "not yet ninety days");
    days_pass(&world, 2).await;
    let floor = floor_of(&world, 1).await;
    assert!(floor > 0);
    assert_eq!(floor_of(&world, 2).await, 0, "nothing was removed there");
    load_rows(&world.state, outlets(1, 20..21)).await.expect("news");
    sign_in_again(&world, &mut away).await;
    let answers = away.pull(&world).await;
    let deltas: Vec<_> = answers.iter().flat_map(|answer| &answer.buckets).collect();
    let restarted: Vec<_> = deltas.iter().filter(|delta| delta.is_restart).map(|delta| &delta.bucket).collect();
    assert_eq!(restarted, [&Bucket::Territory(fixture::territory(1))], "that bucket and no other");
    let rows = &away.buckets[&Bucket::Territory(fixture::territory(1))];
    assert_eq!(rows.keys().filter(|key| key.0 == "outlets").count(), 1 + 20 - 3 + 1);
}

#[tokio::test]
async fn a_phone_that_saw_the_removals_goes_on_as_before() {
    let world = World::new().await;
    load_rows(&world.state, outlets(1, 0..20)).await.expect("loaded");
    let mut phone = Replica::of(&world, "rep1").await;
    phone.pull(&world).await;
    load_rows(&world.state, outlets(2, 5..8)).await.expect("three move away");
    phone.pull(&world).await;
    days_pass(&world, 1).await;
    days_pass(&world, 91).await;
    assert!(floor_of(&world, 1).await > 0);
    load_rows(&world.state, outlets(1, 20..21)).await.expect("news");
    sign_in_again(&world, &mut phone).await;
    let answers = phone.pull(&world).await;
    assert!(answers.iter().flat_map(|answer| &answer.buckets).all(|delta| !delta.is_restart));
}

#[tokio::test]
async fn files_older_than_the_floor_are_not_named() {
    let world = World::new().await;
    load_rows(&world.state, outlets(1, 0..1_200)).await.expect("loaded");
    let territory = Bucket::Territory(fixture::territory(1));
    Replica::of(&world, "rep1").await.pull(&world).await;
    load_rows(&world.state, outlets(2, 5..8)).await.expect("three move away");
    days_pass(&world, 1).await;
    days_pass(&world, 91).await;
    let mut fresh = Replica::of(&world, "rep1").await;
    let answers = fresh.pull(&world).await;
    let delta = answers.iter().flat_map(|answer| &answer.buckets).find(|delta| delta.bucket == territory);
    let snapshot = delta.and_then(|delta| delta.snapshot.as_ref()).expect("in bulk");
    assert!(snapshot.as_of >= floor_of(&world, 1).await);
    assert_eq!(fresh.buckets[&territory].keys().filter(|key| key.0 == "outlets").count(), 1 + 1_200 - 3);
}
