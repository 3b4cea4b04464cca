//! Streams that say how far buckets have come, to those who may know, as long as they may.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use axum::{body::Body, http::Method};
use http_body_util::BodyExt;
use storewalk_domain::{outlet::Role, sync::Bucket};
use storewalk_server::{
    admin::{NewAccount, load_rows},
    service::pokes::{Pace, Pokes},
};
use tokio::time::timeout;

use crate::{
    fixture::{self, outlet_row, start_visit},
    phone::Phone,
    world::{World, account, bearing},
};

/// Long enough for any machine; never reached when all is well.
const PATIENCE: Duration = Duration::from_mins(1);

/// Pokes without a pause, and a heart that beats fast.
const RESTLESS: Pace = Pace { between: Duration::ZERO, heartbeat: Duration::from_millis(5) };

async fn world_at(pace: Pace, streams: usize) -> World {
    World::tuned(|state| state.pokes = Arc::new(Pokes::at(pace, streams))).await
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("in time")
}

/// An open stream.
struct Stream(Body);

impl Stream {
    async fn of(world: &World, phone: &Phone) -> Self {
        let response = world.open(bearing(Method::GET, "/poke", Some(&phone.access))).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response.into_body())
    }

    /// The next event; heartbeats are passed over. `None` at the end.
    async fn event(&mut self) -> Option<BTreeMap<Bucket, u64>> {
        loop {
            let frame = in_time(self.0.frame()).await?;
            let bytes = frame.expect("a frame").into_data().expect("data");
            let text = std::str::from_utf8(&bytes).expect("text");
            if text != ":\n\n" {
                let json = text.strip_prefix("data: ").and_then(|text| text.strip_suffix("\n\n")).expect("an event");
                return Some(serde_json::from_str(json).expect("heads"));
            }
        }
    }
}

fn territory(number: u128) -> Bucket {
    Bucket::Territory(fixture::territory(number))
}

#[tokio::test]
async fn a_stream_tells_the_heads_and_then_those_that_move() {
    let world = world_at(RESTLESS, 10).await;
    let mut phone = Phone::of(&world, "rep1").await;
    let pulled = phone.sync(&world, vec![]).await;
    let mut stream = Stream::of(&world, &phone).await;
    let first = stream.event().await.expect("heads");
    let heads: BTreeMap<Bucket, u64> = pulled.buckets.iter().map(|delta| (delta.bucket.clone(), delta.head)).collect();
    assert_eq!(first, heads);
    let mut other = Phone::of(&world, "rep2").await;
    other.command(&world, start_visit(fixture::fresh(), 2)).await;
    let mut own = Phone::of(&world, "rep1").await;
    own.command(&world, start_visit(fixture::fresh(), 1)).await;
    let moved = stream.event().await.expect("a poke");
    assert!(moved[&territory(1)] > heads[&territory(1)]);
    assert!(!moved.contains_key(&territory(2)), "not this person's");
}

#[tokio::test]
async fn a_stream_ends_with_the_session_or_with_the_scope() {
    let world = world_at(RESTLESS, 10).await;
    let (lost, kept) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep2").await);
    let mut stream = Stream::of(&world, &lost).await;
    let mut other = Stream::of(&world, &kept).await;
    assert!(stream.event().await.is_some() && other.event().await.is_some());
    let device = storewalk_domain::ids::DeviceId(lost.device);
    storewalk_server::admin::revoke_device(&world.state, device).await.expect("revoked");
    assert_eq!(stream.event().await, None);
    load_rows(&world.state, vec![storewalk_domain::outlet::Outlet { fence_m: 7, ..outlet_row(2) }.into()])
        .await
        .expect("changed");
    assert!(other.event().await.expect("the other one lives").contains_key(&territory(2)));
    let moved =
        NewAccount { user_id: fixture::rep(2), territories: vec![fixture::territory(1)], ..account("rep2", Role::Rep) };
    world.add(moved).await;
    // The change of account may itself be told before the scope is looked at again.
    while let Some(heads) = other.event().await {
        assert!(!heads.contains_key(&territory(2)));
    }
}

#[tokio::test]
async fn a_new_stream_of_a_device_takes_the_place_of_the_old_one() {
    let world = world_at(Pace::default(), 10).await;
    let phone = Phone::of(&world, "rep1").await;
    let mut old = Stream::of(&world, &phone).await;
    assert!(old.event().await.is_some());
    let mut new = Stream::of(&world, &phone).await;
    assert!(new.event().await.is_some());
    assert_eq!(old.event().await, None);
}

#[tokio::test]
async fn too_many_streams_are_asked_to_come_later() {
    let world = world_at(Pace::default(), 1).await;
    let (first, second) = (Phone::of(&world, "rep1").await, Phone::of(&world, "rep2").await);
    let stream = Stream::of(&world, &first).await;
    let refused = world.call(Method::GET, "/poke", Some(&second.access)).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "too_many_requests"));
    assert!((2..=8).contains(&refused.header("retry-after").parse::<u64>().expect("seconds")));
    drop(stream);
    assert!(Stream::of(&world, &second).await.event().await.is_some());
    assert_eq!(world.call(Method::GET, "/poke", None).await.status, 401);
}

#[tokio::test]
async fn every_stream_ends_when_the_server_stops() {
    let world = world_at(Pace::default(), 10).await;
    let phone = Phone::of(&world, "rep1").await;
    let mut stream = Stream::of(&world, &phone).await;
    assert!(stream.event().await.is_some());
    world.state.pokes.close();
    assert_eq!(stream.event().await, None);
    assert_eq!(
        Stream::of(&world, &phone).await.event().await.map(|_| ()),
        Some(()),
        "one that comes late is told once"
    );
}
