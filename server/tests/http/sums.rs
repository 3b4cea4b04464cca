//! A phone that adds up what it holds always gets the server's sum, whatever moved meanwhile.

use storewalk_domain::{
    outlet::Outlet,
    sync::{Bucket, Row},
};
use storewalk_server::admin::load_rows;
use uuid::Uuid;

use crate::{
    fixture::{self, outlet_row, start_visit},
    replica::Replica,
    world::World,
};

fn outlets(territory: u128, numbers: std::ops::Range<u128>, address: &str) -> Vec<Row> {
    let outlet = |number| Outlet {
        id: storewalk_domain::ids::OutletId(Uuid::from_u128(3_000_000 + number)),
        territory_id: fixture::territory(territory),
        address: address.into(),
        ..outlet_row(1)
    };
    numbers.map(|number| Row::from(outlet(number))).collect()
}

async fn load(world: &World, rows: Vec<Row>) {
    load_rows(&world.state, rows).await.expect("loaded");
}

#[tokio::test]
async fn a_row_that_leaves_and_comes_back_between_two_pulls_is_one_entry_with_its_present_fields() {
    let world = World::new().await;
    load(&world, outlets(1, 0..3, "before")).await;
    let mut phone = Replica::of(&world, "rep1").await;
    phone.pull(&world).await;
    load(&world, outlets(2, 1..2, "elsewhere")).await;
    load(&world, outlets(1, 1..2, "after")).await;
    let answers = phone.pull(&world).await;
    let entries: Vec<_> = answers.iter().flat_map(|answer| &answer.buckets).flat_map(|delta| &delta.entries).collect();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].version, &entries[0].row.as_ref().expect("there")["address"]), (3, &"after".into()));
}

#[tokio::test]
async fn sums_agree_after_every_kind_of_move() {
    let world = World::new().await;
    let (mut north, mut south) = (Replica::of(&world, "rep1").await, Replica::of(&world, "rep2").await);
    for round in 0..6_u128 {
        load(&world, outlets(1 + round % 2, round * 3..round * 5 + 4, &format!("round {round}"))).await;
        let visit = north.phone.envelope(&start_visit(fixture::fresh(), 1));
        assert_eq!(north.phone.send(&world, vec![visit]).await.status, 200);
        // Every pull compares each bucket's sum with the rows held.
        north.pull(&world).await;
        if round % 2 == 1 {
            south.pull(&world).await;
        }
    }
    let territory = Bucket::Territory(fixture::territory(1));
    assert!(north.buckets[&territory].keys().any(|key| key.0 == "visits"));
}

#[tokio::test]
async fn ten_thousand_rows_that_change_at_once_come_whole_and_in_pages() {
    let world = World::new().await;
    load(&world, outlets(1, 0..10_000, "before")).await;
    let mut phone = Replica::of(&world, "rep1").await;
    phone.pull(&world).await;
    load(&world, outlets(1, 0..10_000, "after")).await;
    let answers = phone.pull(&world).await;
    assert!(answers.len() >= 2);
    for answer in &answers {
        let rows: usize = answer.buckets.iter().map(|delta| delta.entries.len()).sum();
        assert!(rows <= storewalk_wire::MAX_PAGE_ROWS);
    }
    let rows = &phone.buckets[&Bucket::Territory(fixture::territory(1))];
    assert_eq!(rows.values().filter(|held| held.fields.get("address") == Some(&"after".into())).count(), 10_000);
}
