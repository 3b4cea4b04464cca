//! Rows reach only those they belong to, and pages join up to the whole.

use std::collections::BTreeSet;

use serde_json::Value;
use storewalk_domain::{
    catalog::{MustStock, Product},
    ids::{MustStockId, ProductId, TerritoryId},
    outlet::{Outlet, OutletClass, Role},
    quantity::PackRule,
    sync::{Bucket, Row, Table, buckets_of},
    text::Localized,
};
use storewalk_server::admin::{NewAccount, load_rows};
use storewalk_wire::{Cursor, SyncResponse};
use uuid::Uuid;

use crate::{
    fixture::{self, fresh, outlet_row, start_visit, submit_order},
    phone::{Phone, buckets, rows},
    world::{World, account},
};

/// Every row of an answer travels in the bucket it came with.
fn assert_in_scope(response: &SyncResponse, scope: &[Bucket]) {
    for delta in &response.buckets {
        assert!(scope.contains(&delta.bucket), "{}", delta.bucket);
        for entry in &delta.entries {
            let Some(fields) = &entry.row else { continue };
            let table: Table = entry.table.parse().expect("a table");
            let row = Row::from_json(table, fields.clone()).expect("a row");
            assert!(buckets_of(&row).contains(&delta.bucket), "{} in {}", entry.table, delta.bucket);
        }
    }
}

async fn work_everywhere(world: &World) {
    for number in 1..=2 {
        let mut rep = Phone::of(world, &format!("rep{number}")).await;
        rep.command(world, start_visit(fresh(), number)).await;
        // A refusal of one's own.
        rep.command(world, start_visit(fresh(), 3 - number)).await;
        let mut dealer = Phone::of(world, &format!("dealer{number}")).await;
        let order = submit_order(fresh(), &format!("{}-1", dealer.number), number, 10);
        dealer.command(world, order).await;
    }
}

#[tokio::test]
async fn everybody_gets_their_own_rows_and_no_others() {
    let world = World::new().await;
    work_everywhere(&world).await;
    for number in 1..=2 {
        let dealer = Bucket::Dealer(fixture::dealer(number));
        let territory = Bucket::Territory(fixture::territory(number));
        let rep = Phone::of(&world, &format!("rep{number}")).await.sync(&world, vec![]).await;
        assert_in_scope(&rep, &[Bucket::Org, territory.clone(), Bucket::User(fixture::rep(number))]);
        assert_eq!((rows(&rep, "outlets").len(), rows(&rep, "visits").len(), rows(&rep, "refusals").len()), (1, 1, 1));
        assert_eq!((rows(&rep, "orders").len(), rows(&rep, "dealers").len()), (0, 0));
        let buyer = Phone::of(&world, &format!("dealer{number}")).await.sync(&world, vec![]).await;
        assert_in_scope(&buyer, &[Bucket::Org, dealer, Bucket::User(fixture::buyer(number))]);
        assert_eq!((rows(&buyer, "orders").len(), rows(&buyer, "dealers").len()), (1, 1));
        assert_eq!((rows(&buyer, "outlets").len(), rows(&buyer, "visits").len()), (0, 0));
    }
    let boss = Phone::of(&world, "boss").await.sync(&world, vec![]).await;
    assert_in_scope(&boss, &[Bucket::Org, Bucket::User(fixture::supervisor()), Bucket::Audit(fixture::REGION.into())]);
}

#[tokio::test]
async fn a_cursor_in_anothers_bucket_brings_nothing_but_its_removal() {
    let world = World::new().await;
    work_everywhere(&world).await;
    let mut phone = Phone::of(&world, "dealer2").await;
    let foreign = [
        Bucket::Dealer(fixture::dealer(1)),
        Bucket::Territory(fixture::territory(1)),
        Bucket::User(fixture::buyer(1)),
        Bucket::Audit(fixture::REGION.into()),
        Bucket::Dealer(storewalk_domain::ids::DealerId(Uuid::nil())),
    ];
    let epoch = world.state.store.read(|snapshot| snapshot.epoch()).await.expect("an epoch");
    phone.cursors = foreign.iter().map(|bucket| Cursor { bucket: bucket.clone(), epoch, position: 0 }).collect();
    let response = phone.sync(&world, vec![]).await;
    assert!(foreign.iter().all(|bucket| !buckets(&response).contains(bucket)));
    let gone: BTreeSet<_> = response.gone.iter().map(|gone| gone.bucket.clone()).collect();
    assert_eq!(gone, foreign.into_iter().collect());
    assert_eq!(rows(&response, "orders").len(), 1);
}

#[tokio::test]
async fn a_phone_that_has_everything_gets_nothing() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    assert!(phone.sync(&world, vec![]).await.is_complete);
    let idle = phone.sync(&world, vec![]).await;
    assert!(idle.is_complete && idle.buckets.is_empty() && idle.gone.is_empty());
}

#[tokio::test]
async fn an_outlet_that_moves_leaves_one_territory_and_enters_the_other() {
    let world = World::new().await;
    let (mut north, mut south) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep2").await);
    north.sync(&world, vec![]).await;
    south.sync(&world, vec![]).await;
    let moved = Outlet { territory_id: fixture::territory(2), ..outlet_row(1) };
    load_rows(&world.state, vec![moved.into()]).await.expect("moved");
    let left = north.sync(&world, vec![]).await;
    let removed: Vec<_> = left.buckets.iter().flat_map(|delta| &delta.entries).collect();
    assert_eq!((removed.len(), removed[0].row.is_none(), removed[0].version), (1, true, 2));
    let came = south.sync(&world, vec![]).await;
    assert_eq!(rows(&came, "outlets")[0]["code"], "S1");
    let fresh = Phone::of(&world, "rep1").await.sync(&world, vec![]).await;
    assert!(rows(&fresh, "outlets").is_empty(), "a new phone is not told of what it never had");
}

#[tokio::test]
async fn rows_put_as_they_were_do_not_move() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    load_rows(&world.state, fixture::rows()).await.expect("loaded again");
    assert!(phone.sync(&world, vec![]).await.buckets.is_empty());
}

#[tokio::test]
async fn a_person_who_changes_territory_is_told_at_the_next_sync() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    let moved =
        NewAccount { user_id: fixture::rep(1), territories: vec![fixture::territory(2)], ..account("rep1", Role::Rep) };
    world.add(moved).await;
    let response = phone.sync(&world, vec![]).await;
    assert_eq!(response.gone[0].bucket, Bucket::Territory(fixture::territory(1)));
    assert_eq!(response.actor.territories, [fixture::territory(2)]);
    assert_eq!(rows(&response, "outlets")[0]["code"], "S2");
}

#[tokio::test]
async fn a_cursor_of_another_life_or_from_the_future_starts_again() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    phone.sync(&world, vec![]).await;
    let good = phone.cursors.clone();
    for spoil in [|cursor: &mut Cursor| cursor.epoch += 1, |cursor: &mut Cursor| cursor.position += 1_000_000] {
        phone.cursors = good.clone();
        phone.cursors.iter_mut().for_each(spoil);
        let response = phone.sync(&world, vec![]).await;
        assert!(response.buckets.iter().all(|delta| delta.is_restart));
        assert_eq!((rows(&response, "outlets").len(), rows(&response, "products").len()), (1, 1));
        assert_eq!(phone.cursors.len(), good.len());
    }
    // A bucket that never had a row starts again too, with nothing in it.
    let territories = vec![fixture::territory(9)];
    world.add(NewAccount { user_id: fixture::rep(1), territories, ..account("rep1", Role::Rep) }).await;
    let empty = Bucket::Territory(fixture::territory(9));
    phone.cursors = vec![Cursor { bucket: empty.clone(), epoch: 1, position: 5 }];
    let response = phone.sync(&world, vec![]).await;
    let delta = response.buckets.iter().find(|delta| delta.bucket == empty).expect("told");
    assert!(delta.is_restart && delta.entries.is_empty() && delta.position == 0);
}

#[tokio::test]
async fn pages_are_bounded_and_join_up_to_the_whole() {
    let world = World::new().await;
    let products = (0..7_000_u128).map(|number| {
        Row::from(Product {
            id: ProductId(Uuid::from_u128(1_000_000 + number)),
            code: format!("X{number}"),
            gtin: None,
            name: Localized::same("𠮷".repeat(3)),
            is_hero: false,
            pack: PackRule::SINGLE,
            min_retail: None,
            suggested_retail: None,
            is_active: true,
        })
    });
    load_rows(&world.state, products.collect()).await.expect("loaded");
    let mut phone = Phone::of(&world, "rep1").await;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut pages = 0;
    loop {
        let page = phone.sync(&world, vec![]).await;
        pages += 1;
        let count: usize = page.buckets.iter().map(|delta| delta.entries.len()).sum();
        assert!(count <= storewalk_wire::MAX_PAGE_ROWS);
        let ids = rows(&page, "products").into_iter().filter_map(|row| row["id"].as_str()).map(str::to_owned);
        seen.extend(ids);
        if page.is_complete {
            break;
        }
        if pages == 1 {
            // A row that changes between two pages comes again, later.
            let line = MustStock {
                id: MustStockId(Uuid::from_u128(9)),
                class: OutletClass::A,
                product_id: ProductId(Uuid::from_u128(1_000_000)),
            };
            load_rows(&world.state, vec![line.into()]).await.expect("loaded");
        }
    }
    assert_eq!((pages, seen.len()), (2, 7_001));
    assert!(phone.sync(&world, vec![]).await.buckets.is_empty());
}

#[tokio::test]
async fn wide_rows_make_smaller_pages() {
    let world = World::new().await;
    let wide = (0..40_u128).map(|number| {
        Row::from(Outlet {
            id: storewalk_domain::ids::OutletId(Uuid::from_u128(2_000_000 + number)),
            address: "街".repeat(100_000),
            ..outlet_row(1)
        })
    });
    load_rows(&world.state, wide.collect()).await.expect("loaded");
    let mut phone = Phone::of(&world, "rep1").await;
    let (mut pages, mut outlets) = (0, 0);
    loop {
        let page = phone.sync(&world, vec![]).await;
        pages += 1;
        outlets += rows(&page, "outlets").len();
        if page.is_complete {
            break;
        }
    }
    assert_eq!(outlets, 41);
    assert!((3..=6).contains(&pages), "{pages}");
}

#[tokio::test]
async fn the_answer_and_the_rows_are_of_one_moment() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    for _ in 0..3 {
        let visit = fresh();
        let command = phone.envelope(&start_visit(visit, 1));
        let response = phone.sync(&world, vec![command]).await;
        assert_eq!(response.acked_seq, phone.seq);
        let has_row = rows(&response, "visits").iter().any(|row: &&Value| row["id"] == visit.to_string());
        let is_applied = matches!(response.results[0].verdict, storewalk_wire::CommandVerdict::Applied);
        assert_eq!(has_row, is_applied);
    }
    assert_ne!(fixture::territory(1), TerritoryId(Uuid::nil()));
}
