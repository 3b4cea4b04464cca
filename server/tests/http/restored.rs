//! A server put back from a backup, and phones that were copied.

use serde_json::{Value, json};
use storewalk_domain::ids::{DeviceId, IdSource};
use storewalk_server::{clock::RandomIds, life};
use storewalk_wire::{CommandVerdict, Envelope};

use crate::{
    fixture::{fresh, start_visit},
    phone::{Phone, sign_in_body},
    world::{PASSWORD, World},
};

async fn sign_in(world: &World, login: &str, device: uuid::Uuid, number: Option<u64>) -> Value {
    let mut body = sign_in_body(login, PASSWORD, device);
    if let Some(number) = number {
        body["device"]["number"] = json!(number);
    }
    world.post("/session", None, &body).await.json()
}

#[tokio::test]
async fn a_phone_the_restored_server_has_forgotten_keeps_the_number_its_orders_carry() {
    let world = World::new().await;
    let known = Phone::of(&world, "rep1").await;
    assert_eq!(sign_in(&world, "rep1", fresh(), Some(7)).await["device_number"], 2, "no claim without a restore");
    let folder = world.state.config.storage.data_dir.clone();
    life::restore(world.state.store.as_ref(), &folder, &RandomIds).expect("another life");
    let forgotten = fresh();
    assert_eq!(sign_in(&world, "rep1", forgotten, Some(7)).await["device_number"], 7);
    assert_eq!(sign_in(&world, "rep1", forgotten, Some(9)).await["device_number"], 7, "a known phone keeps its own");
    let taken = sign_in(&world, "rep2", fresh(), Some(7)).await["device_number"].as_u64().expect("a number");
    let beyond = sign_in(&world, "rep2", fresh(), Some(4_000_000_000)).await["device_number"].as_u64();
    let fresh_one = Phone::of(&world, "rep2").await.number;
    assert!(taken > 7 && beyond > Some(taken) && Some(fresh_one) > beyond, "{taken} {beyond:?} {fresh_one}");
    assert!(fresh_one < 4_000_000_000 && known.number == 1);
}

#[tokio::test]
async fn after_a_restore_every_bucket_is_read_again_from_the_start() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let first = phone.sync(&world, vec![]).await;
    assert!(phone.sync(&world, vec![]).await.buckets.is_empty());
    let folder = world.state.config.storage.data_dir.clone();
    life::restore(world.state.store.as_ref(), &folder, &RandomIds).expect("another life");
    let again = phone.sync(&world, vec![]).await;
    assert_eq!(again.buckets.len(), first.buckets.iter().filter(|delta| delta.head > 0).count());
    assert!(again.buckets.iter().all(|delta| delta.is_restart));
    assert!(again.buckets.iter().zip(&first.buckets).all(|(now, then)| now.epoch != then.epoch));
}

fn copy_body(copy: uuid::Uuid, of: uuid::Uuid, last_seq: u64) -> Value {
    json!({
        "device": { "device_id": copy, "name": "copy", "platform": "android", "app_version": "0.1.0", "number": 1 },
        "copied_from": of,
        "last_seq": last_seq,
    })
}

#[tokio::test]
async fn a_copied_phone_gets_an_identity_of_its_own_and_both_work_on() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let before = phone.envelope(&start_visit(fresh(), 1));
    phone.sync(&world, vec![before.clone()]).await;
    let copy_id = fresh();
    // The first phone works on after it was copied.
    assert_eq!(phone.command(&world, start_visit(fresh(), 1)).await, CommandVerdict::Applied);

    let reply = world.post("/session/copy", Some(&phone.access), &copy_body(copy_id, phone.device, 1)).await;
    let lost = reply.json();
    // The answer was lost: the copy asks again.
    let grant = world.post("/session/copy", Some(&phone.access), &copy_body(copy_id, phone.device, 1)).await.json();
    assert_eq!((lost["device_number"].as_u64(), grant["device_number"].as_u64()), (Some(2), Some(2)));
    let mut copy = Phone {
        device: copy_id,
        access: grant["access_token"].as_str().expect("a token").to_owned(),
        refresh: String::new(),
        number: 2,
        seq: 1,
        cursors: Vec::new(),
    };
    // What both had captured before they parted is done once, whatever number it comes under.
    let unsent = start_visit(fresh(), 1);
    let known = Envelope { seq: 2, ..before };
    let fresh_one = Envelope { seq: 3, ..crate::phone::envelope(3, &serde_json::to_value(&unsent).expect("json")) };
    let answer = copy.sync(&world, vec![known, fresh_one]).await;
    assert_eq!(answer.acked_seq, 3);
    assert!(answer.results[0].is_duplicate && !answer.results[1].is_duplicate, "{:?}", answer.results);
    assert_eq!(phone.command(&world, start_visit(fresh(), 1)).await, CommandVerdict::Applied, "the other works on");
    let of = world.state.store.read(move |snapshot| snapshot.copied_from(DeviceId(copy_id))).await;
    let of: Result<_, storewalk_server::store::StoreError> = of;
    assert_eq!(of.expect("read"), Some(DeviceId(phone.device)));
}

#[tokio::test]
async fn only_the_session_of_the_copied_device_may_ask_and_only_for_a_new_identity() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let other = Phone::of(&world, "rep1").await;
    let foreign = Phone::of(&world, "rep2").await;
    for (token, copy, of) in [
        (&foreign.access, fresh(), phone.device),
        (&phone.access, other.device, phone.device),
        (&phone.access, foreign.device, phone.device),
        (&phone.access, phone.device, phone.device),
    ] {
        let reply = world.post("/session/copy", Some(token), &copy_body(copy, of, 0)).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "device_unknown"));
    }
    let reply = world.post("/session/copy", None, &copy_body(fresh(), phone.device, 0)).await;
    assert_eq!(reply.status.as_u16(), 401);
}

#[tokio::test]
async fn where_the_phone_stood_at_capture_is_kept_with_an_accepted_command() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let mut envelope = phone.envelope(&start_visit(fresh(), 1));
    envelope.seen.insert(storewalk_domain::sync::Bucket::Org, 12);
    let (command, user) = (envelope.command_id, crate::fixture::rep(1));
    phone.sync(&world, vec![envelope.clone()]).await;
    let stored: Result<_, storewalk_server::store::StoreError> =
        world.state.store.read(move |snapshot| snapshot.command_of(user, command)).await;
    assert_eq!(stored.expect("read").expect("kept").seen, envelope.seen);
    // The same number for another command stays refused.
    let forged =
        Envelope { command: serde_json::to_value(start_visit(RandomIds.next_id(), 2)).expect("json"), ..envelope };
    assert_eq!(phone.send(&world, vec![forged]).await.code(), "sequence_reused");
}
