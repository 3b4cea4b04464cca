//! Receipts: what is signed, for whom, and what they do not cover.

use serde_json::Value;
use storewalk_domain::ids::{DeviceId, PhotoId};
use storewalk_wire::{
    PhotoReceipt, ReceiptKey, SyncRequest, SyncResponse, UploadRequest, Variant, batch_text, photo_text,
};

use crate::{
    fixture::{fresh, jpeg, now, sha256, start_visit},
    phone::{Phone, sign_in_body},
    uploads::Shot,
    world::{PASSWORD, Reply, World},
};

async fn key_of(world: &World) -> ReceiptKey {
    let reply = world.post("/session", None, &sign_in_body("rep2", PASSWORD, fresh())).await;
    serde_json::from_value(reply.json()["receipt_key"].clone()).expect("a key")
}

async fn send(world: &World, phone: &Phone, request: &SyncRequest) -> SyncResponse {
    let reply = world.post("/sync", Some(&phone.access), &serde_json::to_value(request).expect("json")).await;
    serde_json::from_slice(&reply.body).expect("an answer")
}

#[tokio::test]
async fn every_answered_command_has_a_receipt_that_the_phone_can_check_and_a_repeated_one_has_it_again() {
    let world = World::new().await;
    let key = key_of(&world).await;
    let mut phone = Phone::of(&world, "rep1").await;
    let (visit, other) = (fresh(), fresh());
    let mut request = SyncRequest {
        protocol: 1,
        capabilities: vec!["receipts".into()],
        commands: vec![
            phone.envelope(&start_visit(visit, 1)),
            phone.envelope(&start_visit(visit, 1)),
            phone.envelope(&start_visit(other, 2)),
        ],
        cursors: Vec::new(),
        health: storewalk_wire::DeviceHealth::default(),
    };
    for _ in 0..2 {
        let response = send(&world, &phone, &request).await;
        let receipt = response.receipt.expect("signed");
        assert_eq!(receipt.key, key, "the key of the sign-in");
        let text = batch_text(&key, DeviceId(phone.device), now(), &request.commands, &response.results);
        let text = text.expect("every result answers a command");
        assert!(key.has_signed(&text, &receipt.signature), "{text}");
        let words: Vec<&str> = text.lines().skip(4).filter_map(|line| line.rsplit(' ').next()).collect();
        assert_eq!(words, ["applied", "refused", "refused"], "a refusal has a receipt too");
        assert!(!key.has_signed(&text.replace("refused", "applied"), &receipt.signature));
    }
    request.capabilities.clear();
    assert_eq!(send(&world, &phone, &request).await.receipt, None, "an older phone is told nothing new");
}

fn receipt_of(reply: &Reply) -> PhotoReceipt {
    PhotoReceipt::from_text(reply.header("storewalk-receipt")).expect("a receipt")
}

#[tokio::test]
async fn a_photo_has_a_receipt_when_all_its_bytes_are_held_and_not_before() {
    let world = World::new().await;
    let key = key_of(&world).await;
    let shot = Shot::of(&world, jpeg(41)).await;
    let upload = UploadRequest {
        photo_id: PhotoId(shot.photo),
        variant: Variant::Original,
        size_bytes: shot.bytes.len() as u64,
        sha256: sha256(&shot.bytes),
    };
    assert_eq!(shot.create(&world, "original", &shot.bytes).await.header("storewalk-receipt"), "");
    let half = shot.append(&world, "original", 0, shot.bytes[..100].to_vec()).await;
    assert_eq!((half.status.as_u16(), half.header("storewalk-receipt")), (204, ""));
    let last = shot.append(&world, "original", 100, shot.bytes[100..].to_vec()).await;
    let again = shot.create(&world, "original", &shot.bytes).await;
    let asked = shot.ask(&world, "original").await;
    for reply in [last, again, asked] {
        let receipt = receipt_of(&reply);
        let text = photo_text(&key, DeviceId(shot.phone.device), receipt.at, &upload);
        assert!(receipt.key == key && key.has_signed(&text, &receipt.signature), "{reply:?}");
    }
}

#[tokio::test]
async fn bytes_that_were_delivered_before_are_taken_up_for_another_photo_and_a_known_hash_alone_is_no_right() {
    let world = World::new().await;
    let first = Shot::of(&world, jpeg(42)).await;
    first.deliver(&world).await;
    let second = Shot::of(&world, jpeg(42)).await;
    let created = second.create(&world, "original", &second.bytes).await;
    assert_eq!(created.header("upload-offset"), second.bytes.len().to_string(), "nothing travels twice");
    receipt_of(&created);
    let place = format!("/photos/{}/original", second.photo);
    let shown = world.call(axum::http::Method::GET, &place, Some(&second.phone.access)).await;
    assert_eq!(shown.body.as_ref(), second.bytes);

    let mut thief = Phone::of(&world, "rep2").await;
    let (visit, photo) = (fresh(), fresh());
    thief.command(&world, start_visit(visit, 2)).await;
    thief.command(&world, crate::fixture::attach_photo(photo, visit, &first.bytes)).await;
    let theirs = Shot { phone: thief, photo, bytes: first.bytes.clone() };
    let created = theirs.create(&world, "original", &theirs.bytes).await;
    assert_eq!((created.header("upload-offset"), created.header("storewalk-receipt")), ("0", ""));
}

#[tokio::test]
async fn a_command_under_the_identity_of_another_one_is_refused_at_the_console_too() {
    let world = World::new().await;
    let mut dealer = Phone::of(&world, "dealer1").await;
    let mut orders = Vec::new();
    for count in 1..=2 {
        let order = fresh();
        dealer.command(&world, crate::fixture::submit_order(order, &format!("{}-{count}", dealer.number), 1, 20)).await;
        orders.push(storewalk_domain::ids::OrderId(order));
    }
    let command_id = storewalk_domain::ids::CommandId(fresh());
    let cancel = |order_id| {
        let command = storewalk_domain::sync::CancelOrder { order_id }.into();
        storewalk_server::service::execute(&world.state, crate::fixture::buyer(1), command, command_id)
    };
    assert_eq!(cancel(orders[0]).await.expect("decided"), storewalk_wire::CommandVerdict::Applied);
    let other = cancel(orders[1]).await.expect("decided");
    assert_eq!(crate::phone::refusal_codes(&other), ["id_taken"]);
    let seen = dealer.sync(&world, vec![]).await;
    let states: Vec<&Value> = crate::phone::rows(&seen, "orders").into_iter().map(|row| &row["status"]).collect();
    assert_eq!(states.iter().filter(|status| **status == "cancelled").count(), 1, "{states:?}");
}
