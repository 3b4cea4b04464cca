//! More phones at once than can be served: the others are told when to come again, each at another time.

use std::{collections::BTreeSet, sync::Arc};

use storewalk_domain::sync::Bucket;
use storewalk_server::line::Line;

use crate::{
    phone::Phone,
    replica::get_segment,
    world::{Reply, World},
};

fn seconds(reply: &Reply) -> u64 {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (429, "too_many_requests"));
    reply.header("retry-after").parse().expect("seconds")
}

#[tokio::test]
async fn whoever_finds_the_line_full_is_told_when_to_come_again() {
    let world = World::tuned(|state| state.line = Line::of(0)).await;
    let phone = Phone::of(&world, "rep1").await;
    let mut waits = BTreeSet::new();
    for _ in 0..40 {
        waits.insert(seconds(&phone.send(&world, vec![]).await));
    }
    assert!(waits.len() > 2 && waits.iter().all(|wait| (2..=8).contains(wait)), "{waits:?}");
    let heal = world.post("/sync/heal", Some(&phone.access), &serde_json::json!({})).await;
    seconds(&heal);
}

#[tokio::test]
async fn a_place_in_line_is_free_again_when_its_request_is_answered() {
    let world = World::tuned(|state| state.line = Line::of(1)).await;
    let mut phone = Phone::of(&world, "rep1").await;
    for _ in 0..3 {
        phone.sync(&world, vec![]).await;
    }
    let refused = world.post("/sync", Some(&phone.access), &serde_json::json!({ "protocol": 9 })).await;
    assert_eq!(refused.code(), "server_outdated");
    phone.sync(&world, vec![]).await;
}

#[tokio::test]
async fn no_more_segments_are_sent_at_once_than_there_are_streams() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let manifest = storewalk_server::store::Manifest {
        epoch: 1,
        as_of: 1,
        built_at: storewalk_domain::time::Timestamp(1),
        segments: vec![storewalk_server::store::Segment {
            file: storewalk_wire::SegmentRef { hash: "ab".repeat(32), bytes: 9, unpacked_bytes: 9, rows: 1 },
            last: storewalk_server::store::RowKey {
                table: "products".into(),
                id: storewalk_domain::ids::RowId(uuid::Uuid::nil()),
            },
        }],
    };
    let put: Result<(), storewalk_server::store::StoreError> =
        world.state.store.write(move |txn| txn.put_manifest(&Bucket::Org, &manifest)).await;
    put.expect("put");
    let streams = Arc::clone(&world.state.segments.streams);
    let count = u32::try_from(streams.available_permits()).expect("few");
    let taken = streams.try_acquire_many_owned(count).expect("all of them");
    let name = "ab".repeat(32);
    seconds(&get_segment(&world, &phone.access, &Bucket::Org, &name, &[]).await);
    drop(taken);
    let lost = get_segment(&world, &phone.access, &Bucket::Org, &name, &[]).await;
    assert_eq!(lost.status, 404, "a file that is not there");
}
