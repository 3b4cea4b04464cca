//! Large buckets travel as files that are shared, resumed and guarded.

use axum::http::Method;
use storewalk_domain::{
    catalog::Product,
    ids::ProductId,
    outlet::{Outlet, Role},
    quantity::PackRule,
    sync::{Bucket, Change, Row, Table},
    text::Localized,
};
use storewalk_server::{
    admin::{NewAccount, load_rows},
    service::{changes::Moves, segments, upkeep},
    store::StoreError,
};
use storewalk_wire::{Snapshot, SyncResponse};
use uuid::Uuid;

use crate::{
    fixture::{self, outlet_row},
    phone::Phone,
    replica::{Replica, get_segment},
    world::{World, account},
};

const HOUR_MS: i64 = 3_600_000;

fn products(numbers: std::ops::Range<u128>, name: &str) -> Vec<Row> {
    let product = |number| Product {
        id: ProductId(Uuid::from_u128(1_000_000 + number)),
        code: format!("X{number}"),
        gtin: None,
        name: Localized::same(name),
        is_hero: false,
        pack: PackRule::SINGLE,
        min_retail: None,
        suggested_retail: None,
        is_active: true,
    };
    numbers.map(|number| Row::from(product(number))).collect()
}

async fn remove(world: &World, numbers: std::ops::Range<u128>) {
    let id = |number: u128| ProductId(Uuid::from_u128(1_000_000 + number)).row();
    let gone: Vec<Change> = numbers.map(|number| Change::Remove { table: Table::Products, id: id(number) }).collect();
    let removed: Result<(), StoreError> = world
        .state
        .store
        .write(move |txn| {
            let mut moves = Moves::default();
            moves.apply(txn, &gone)?;
            moves.publish(txn)
        })
        .await;
    removed.expect("removed");
}

/// The files an answer names for the organisation's bucket.
fn snapshot_of(answers: &[SyncResponse]) -> Option<Snapshot> {
    let deltas = answers.iter().flat_map(|answer| &answer.buckets);
    deltas.filter(|delta| delta.bucket == Bucket::Org).find_map(|delta| delta.snapshot.clone())
}

fn rows_sent(answers: &[SyncResponse]) -> usize {
    answers.iter().flat_map(|answer| &answer.buckets).map(|delta| delta.entries.len()).sum()
}

/// A field with enough products for files.
async fn large() -> World {
    let world = World::new().await;
    load_rows(&world.state, products(0..5_000, "one")).await.expect("loaded");
    world
}

#[tokio::test]
async fn a_new_phone_gets_a_large_bucket_in_files_and_its_rows_once() {
    let world = large().await;
    let mut phone = Replica::of(&world, "rep1").await;
    let answers = phone.pull(&world).await;
    let snapshot = snapshot_of(&answers).expect("in bulk");
    let rows: u64 = snapshot.segments.iter().map(|segment| segment.rows).sum();
    assert_eq!(rows, phone.buckets[&Bucket::Org].len() as u64);
    assert!(rows > 5_000 && snapshot.segments.len() >= 2);
    // The territory's outlet and the like; nothing of what the files hold.
    assert!(rows_sent(&answers) < 20, "{}", rows_sent(&answers));
    assert!(phone.ask(&world).await.buckets.is_empty(), "nothing more is due");
}

#[tokio::test]
async fn a_phone_that_knows_no_files_gets_pages_and_no_sums() {
    let world = large().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let page = phone.sync(&world, vec![]).await;
    assert!(page.buckets.iter().all(|delta| delta.snapshot.is_none() && delta.sum.is_none()));
    assert!(page.buckets.iter().any(|delta| delta.entries.len() > 4_000));
}

#[tokio::test]
async fn what_changed_and_left_since_the_files_were_made_follows_them() {
    let world = large().await;
    let mut early = Replica::of(&world, "rep1").await;
    let first = snapshot_of(&early.pull(&world).await).expect("in bulk");
    load_rows(&world.state, products(10..40, "two")).await.expect("changed");
    load_rows(&world.state, products(9_000..9_010, "new")).await.expect("added");
    remove(&world, 100..130).await;
    let mut late = Replica::of(&world, "rep2").await;
    let answers = late.pull(&world).await;
    assert_eq!(snapshot_of(&answers), Some(first), "the files still serve");
    let removals = answers.iter().flat_map(|answer| &answer.buckets).flat_map(|delta| &delta.entries);
    assert_eq!(removals.filter(|entry| entry.row.is_none()).count(), 30);
    early.pull(&world).await;
    assert_eq!(early.buckets[&Bucket::Org], late.buckets[&Bucket::Org]);
}

#[tokio::test]
async fn a_change_in_one_place_makes_one_or_two_files_anew() {
    let world = large().await;
    let mut phone = Replica::of(&world, "rep1").await;
    let first = snapshot_of(&phone.pull(&world).await).expect("in bulk");
    load_rows(&world.state, products(10..12, "two")).await.expect("changed");
    segments::build(&world.state, &Bucket::Org).await.expect("built");
    // A restored server: every bucket starts again, what is held is not fetched again.
    phone.phone.cursors.iter_mut().for_each(|cursor| cursor.epoch += 1);
    phone.fetched.clear();
    let second = snapshot_of(&phone.pull(&world).await).expect("in bulk");
    assert_ne!(first, second);
    assert!((1..=2).contains(&phone.fetched.len()), "{} of {}", phone.fetched.len(), second.segments.len());
}

#[tokio::test]
async fn files_that_are_old_are_made_anew_and_those_of_no_use_are_not_named() {
    let world = large().await;
    Replica::of(&world, "rep1").await.pull(&world).await;
    load_rows(&world.state, products(0..3_000, "two")).await.expect("changed");
    let mut phone = Replica::of(&world, "rep1").await;
    let answers = phone.pull(&world).await;
    let head = answers[0].buckets.iter().find(|delta| delta.bucket == Bucket::Org).expect("told").head;
    assert_eq!(snapshot_of(&answers).expect("in bulk").as_of, head);
}

#[tokio::test]
async fn phones_that_start_together_have_the_files_built_once() {
    let world = large().await;
    let mut phones = Vec::new();
    for _ in 0..6 {
        phones.push(Replica::of(&world, "rep1").await);
    }
    let answers = futures::future::join_all(phones.iter().map(|phone| phone.ask(&world))).await;
    let named: Vec<_> = answers.iter().map(|answer| snapshot_of(std::slice::from_ref(answer))).collect();
    assert!(named[0].is_some() && named.iter().all(|snapshot| *snapshot == named[0]), "{named:?}");
    let folder = world.state.config.storage.data_dir.join("segments");
    let files = std::fs::read_dir(folder).expect("listed").count();
    assert_eq!(files, named[0].as_ref().expect("in bulk").segments.len());
}

#[tokio::test]
async fn a_file_cut_short_is_gone_on_with() {
    let world = large().await;
    let mut phone = Replica::of(&world, "rep1").await;
    let snapshot = snapshot_of(&phone.pull(&world).await).expect("in bulk");
    let file = &snapshot.segments[0];
    let access = phone.phone.access.clone();
    let get = |range: String| {
        let (world, access) = (&world, access.clone());
        async move { get_segment(world, &access, &Bucket::Org, &file.hash, &[("range", &range)]).await }
    };
    let whole = get_segment(&world, &access, &Bucket::Org, &file.hash, &[]).await;
    assert_eq!((whole.status.as_u16(), whole.body.len() as u64), (200, file.bytes));
    assert_eq!(whole.header("etag"), format!("\"{}\"", file.hash));
    assert!(whole.header("cache-control").contains("private") && whole.header("cache-control").contains("immutable"));
    let rest = get("bytes=100-".into()).await;
    assert_eq!((rest.status.as_u16(), &rest.body[..]), (206, &whole.body[100..]));
    assert_eq!(rest.header("content-range"), format!("bytes 100-{}/{}", file.bytes - 1, file.bytes));
    let last = get(format!("bytes={}-", file.bytes - 1)).await;
    assert_eq!((last.status.as_u16(), last.body.len()), (206, 1));
    let beyond = get(format!("bytes={}-", file.bytes)).await;
    assert_eq!((beyond.status.as_u16(), beyond.code().as_str()), (416, "range_not_satisfiable"));
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", file.bytes));
    let known = [("if-none-match", whole.header("etag"))];
    assert_eq!(get_segment(&world, &access, &Bucket::Org, &file.hash, &known).await.status, 304);
}

#[tokio::test]
async fn a_link_is_no_right() {
    let world = World::new().await;
    let outlets = (0..1_200_u128).map(|number| {
        let id = storewalk_domain::ids::OutletId(Uuid::from_u128(3_000_000 + number));
        Row::from(Outlet { id, ..outlet_row(1) })
    });
    load_rows(&world.state, outlets.collect()).await.expect("loaded");
    let territory = Bucket::Territory(fixture::territory(1));
    let mut phone = Replica::of(&world, "rep1").await;
    phone.pull(&world).await;
    let hash = phone.fetched.first().expect("fetched").clone();
    let ask = |token: String, bucket: Bucket, hash: String| {
        let world = &world;
        async move { get_segment(world, &token, &bucket, &hash, &[]).await }
    };
    let mine = phone.phone.access.clone();
    assert_eq!(ask(mine.clone(), territory.clone(), hash.clone()).await.status, 200);
    let other = Phone::of(&world, "rep2").await.access;
    let foreign = ask(other.clone(), territory.clone(), hash.clone()).await;
    assert_eq!((foreign.status.as_u16(), foreign.code().as_str()), (403, "not_permitted"));
    let elsewhere = ask(other, Bucket::Org, hash.clone()).await;
    assert_eq!((elsewhere.status.as_u16(), elsewhere.code().as_str()), (404, "not_found"));
    for name in ["0".repeat(64), "..%2F..%2Fstorewalk.sqlite".into(), hash.to_uppercase(), "x".into()] {
        assert_eq!(ask(mine.clone(), territory.clone(), name.clone()).await.status, 404, "{name}");
    }
    let nowhere = world.call(Method::GET, &format!("/segments/planet:1/{hash}"), Some(&mine)).await;
    assert_eq!(nowhere.code(), "not_found");
    assert_eq!(world.call(Method::GET, &format!("/segments/org/{hash}"), None).await.status, 401);
    // The territory goes to somebody else.
    let moved =
        NewAccount { user_id: fixture::rep(1), territories: vec![fixture::territory(2)], ..account("rep1", Role::Rep) };
    world.add(moved).await;
    assert_eq!(ask(mine.clone(), territory.clone(), hash.clone()).await.status, 403);
    // The phone is lost.
    let device = storewalk_domain::ids::DeviceId(phone.phone.device);
    storewalk_server::admin::revoke_device(&world.state, device).await.expect("revoked");
    assert_eq!(ask(mine, territory, hash).await.status, 401);
}

#[tokio::test]
async fn a_replaced_file_can_still_be_fetched_for_a_day() {
    let world = large().await;
    let mut phone = Replica::of(&world, "rep1").await;
    let first = snapshot_of(&phone.pull(&world).await).expect("in bulk");
    load_rows(&world.state, products(0..5_000, "two")).await.expect("changed");
    segments::build(&world.state, &Bucket::Org).await.expect("built");
    let access = Phone::of(&world, "rep1").await.access;
    let old = &first.segments[1].hash;
    world.clock.advance(10 * 60_000);
    upkeep::run(&world.state).await.expect("done");
    assert_eq!(get_segment(&world, &access, &Bucket::Org, old, &[]).await.status, 200);
    world.clock.advance(25 * HOUR_MS);
    upkeep::run(&world.state).await.expect("done");
    let access = Phone::of(&world, "rep1").await.access;
    assert_eq!(get_segment(&world, &access, &Bucket::Org, old, &[]).await.status, 404);
    let folder = world.state.config.storage.data_dir.join("segments");
    assert!(!folder.join(old).exists());
    Replica::of(&world, "rep1").await.pull(&world).await;
}

#[tokio::test]
async fn a_damaged_file_is_never_sent_and_is_made_anew() {
    let world = large().await;
    let mut phone = Replica::of(&world, "rep1").await;
    let snapshot = snapshot_of(&phone.pull(&world).await).expect("in bulk");
    let name = &snapshot.segments[0].hash;
    let path = world.state.config.storage.data_dir.join("segments").join(name);
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[50] ^= 1;
    std::fs::write(&path, bytes).expect("spoilt");
    let reply = get_segment(&world, &phone.phone.access, &Bucket::Org, name, &[]).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"));
    let mut fresh = Replica::of(&world, "rep1").await;
    let again = snapshot_of(&fresh.pull(&world).await).expect("in bulk");
    assert_eq!(again.segments, snapshot.segments, "the same rows are the same files");
}
