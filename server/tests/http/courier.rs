//! Parcels: a queue that a colleague carries in, each record once, whatever else happens.

use axum::{body::Body, http::Method};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::Value;
use storewalk_domain::ids::{DeviceId, PhotoId, UserId};
use storewalk_wire::{
    CommandVerdict, CourierKey, DeviceKey, Envelope, MAX_PARCEL_BYTES, Parcel, ParcelContent, UploadRequest, Variant,
    seal_parcel,
};
use uuid::Uuid;

use crate::{
    fixture::{self, attach_photo, fresh, jpeg, sha256, start_visit, submit_order},
    phone::{Phone, rows, sign_in_body},
    world::{PASSWORD, Reply, World, bearing},
};

/// A phone whose network is dead, with the key it packs parcels with.
struct Silent {
    phone: Phone,
    user: UserId,
    key: DeviceKey,
    seals_to: CourierKey,
}

impl Silent {
    async fn of(world: &World, login: &str, user: UserId) -> Self {
        let key = DeviceKey::from_seed(rand::random());
        let mut phone = Phone::of(world, login).await;
        let mut body = sign_in_body(login, PASSWORD, phone.device);
        body["device"]["parcel_key"] = Value::from(key.public());
        let grant = world.post("/session", None, &body).await.json();
        grant["access_token"].as_str().expect("a token").clone_into(&mut phone.access);
        let seals_to = serde_json::from_value(grant["courier_key"].clone()).expect("a key");
        Self { phone, user, key, seals_to }
    }

    fn pack(&self, number: u32, content: ParcelContent, bytes: &[u8]) -> Vec<u8> {
        let parcel = Parcel {
            device_id: DeviceId(self.phone.device),
            user_id: self.user,
            packed_at: fixture::now(),
            number,
            of: number,
            content,
        };
        seal_parcel(&parcel, bytes, &self.seals_to, &self.key).expect("sealed")
    }

    fn commands(&self, number: u32, commands: &[Envelope]) -> Vec<u8> {
        self.pack(number, ParcelContent::Commands { commands: commands.to_vec() }, b"")
    }

    fn piece(&self, number: u32, photo: Uuid, whole: &[u8], offset: usize, length: usize) -> Vec<u8> {
        let upload = UploadRequest {
            photo_id: PhotoId(photo),
            variant: Variant::Original,
            size_bytes: whole.len() as u64,
            sha256: sha256(whole),
        };
        let bytes = &whole[offset..offset + length];
        self.pack(number, ParcelContent::Photo { upload, offset: offset as u64 }, bytes)
    }
}

async fn hand_in(world: &World, carrier: &Phone, file: Vec<u8>) -> Reply {
    let request = bearing(Method::POST, "/courier", Some(&carrier.access))
        .header("content-type", "application/octet-stream")
        .body(Body::from(file));
    world.send(request.expect("a request")).await
}

async fn fate(world: &World, carrier: &Phone, file: &[u8]) -> String {
    let reply = hand_in(world, carrier, file.to_vec()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["fate"].as_str().expect("a fate").to_owned()
}

#[tokio::test]
async fn a_queue_arrives_once_in_its_authors_name_however_often_it_is_carried() {
    let world = World::new().await;
    let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
    let carrier = Phone::of(&world, "rep2").await;
    let commands: Vec<Envelope> = (0..3).map(|_| silent.phone.envelope(&start_visit(fresh(), 1))).collect();
    let file = silent.commands(1, &commands);
    for _ in 0..3 {
        assert_eq!(fate(&world, &carrier, &file).await, "taken");
    }
    // The old phone revives and syncs too: it learns the verdicts, and nothing is there twice.
    let revived = silent.phone.sync(&world, commands.clone()).await;
    assert!(revived.results.iter().all(|result| result.is_duplicate && result.verdict == CommandVerdict::Applied));
    let visits = rows(&revived, "visits");
    assert_eq!(visits.len(), 3);
    assert!(visits.iter().all(|visit| visit["rep_id"] == fixture::rep(1).to_string()));
    assert_eq!(fate(&world, &carrier, &file).await, "taken", "and once more after it");
    // The carrier gained nothing.
    let mut carrier = carrier;
    assert!(rows(&carrier.sync(&world, vec![]).await, "visits").is_empty());
}

#[tokio::test]
async fn parcels_and_the_phone_itself_in_any_order_leave_each_record_once() {
    for seed in 0..12 {
        let mut rng = StdRng::seed_from_u64(seed);
        let world = World::new().await;
        let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
        let carriers = [Phone::of(&world, "rep2").await, Phone::of(&world, "dealer1").await];
        let visit = fresh();
        let picture = jpeg(u8::try_from(seed).expect("small"));
        let photo = fresh();
        let mut commands = vec![
            silent.phone.envelope(&start_visit(visit, 1)),
            silent.phone.envelope(&attach_photo(photo, visit, &picture)),
            // Not this rep's dealer: refused, and kept once.
            silent.phone.envelope(&submit_order(fresh(), "x-1", 2, 10)),
        ];
        commands.extend((0..rng.random_range(0..4)).map(|_| silent.phone.envelope(&start_visit(fresh(), 1))));
        let cut = rng.random_range(1..commands.len());
        let half = rng.random_range(1..picture.len());
        let mut files = vec![
            silent.commands(1, &commands[..cut]),
            silent.commands(2, &commands[cut..]),
            silent.piece(3, photo, &picture, 0, half),
            silent.piece(4, photo, &picture, half, picture.len() - half),
        ];
        files.extend(files.clone());
        files.shuffle(&mut rng);
        let revives_at = rng.random_range(0..=files.len());
        for (place, file) in files.iter().enumerate() {
            if place == revives_at {
                silent.phone.sync(&world, commands.clone()).await;
            }
            fate(&world, &carriers[place % 2], file).await;
        }
        silent.phone.cursors.clear();
        let end = silent.phone.sync(&world, commands.clone()).await;
        assert_eq!(end.acked_seq, commands.len() as u64, "seed {seed}");
        assert!(end.results.iter().all(|result| result.is_duplicate), "seed {seed}");
        let refused = end.results.iter().filter(|result| matches!(result.verdict, CommandVerdict::Refused { .. }));
        assert_eq!((refused.count(), rows(&end, "refusals").len()), (1, 1), "seed {seed}");
        assert_eq!(rows(&end, "visits").len(), commands.len() - 2, "seed {seed}");
        let received = rows(&end, "photos")[0]["status"].clone();
        assert_eq!(received, "received", "seed {seed}: the whole photo came by parcel");
        let waiting = world.state.store.read(|snapshot| snapshot.kept_parcels(None)).await.expect("read");
        assert!(waiting.is_empty(), "seed {seed}: {waiting:?}");
    }
}

#[tokio::test]
async fn a_parcel_of_a_barred_account_is_kept_until_the_account_is_let_in_again() {
    let world = World::new().await;
    let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
    let carrier = Phone::of(&world, "rep2").await;
    let command = silent.phone.envelope(&start_visit(fresh(), 1));
    let file = silent.commands(1, &[command]);
    bar(&world, fixture::rep(1), true).await;
    assert_eq!(fate(&world, &carrier, &file).await, "kept");
    assert_eq!(fate(&world, &carrier, &file).await, "kept");
    let kept = world.state.store.read(|snapshot| snapshot.kept_parcels(Some(fixture::REGION))).await.expect("read");
    assert_eq!((kept.len(), kept[0].reason.as_str(), kept[0].items), (1, "account_barred", 1));
    bar(&world, fixture::rep(1), false).await;
    let hash = kept[0].hash;
    let fate = storewalk_server::service::courier::retry(&world.state, hash).await.expect("retried");
    assert_eq!(fate, storewalk_wire::ParcelFate::Taken);
    let left = world.state.store.read(|snapshot| snapshot.kept_parcels(None)).await.expect("read");
    assert!(left.is_empty());
    let again = storewalk_server::service::courier::retry(&world.state, hash).await.expect_err("gone");
    assert_eq!(again.code.as_str(), "not_found");
}

#[tokio::test]
async fn a_parcel_of_a_revoked_device_is_kept_and_not_lost() {
    let world = World::new().await;
    let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
    let carrier = Phone::of(&world, "rep2").await;
    let command = silent.phone.envelope(&start_visit(fresh(), 1));
    let file = silent.commands(1, &[command]);
    let device = DeviceId(silent.phone.device);
    let revoke = move |txn: &mut dyn storewalk_server::store::StoreTxn| {
        let device = txn.device(device)?.expect("enrolled");
        txn.put_device(&storewalk_server::store::Device { is_revoked: true, ..device })
    };
    world.state.store.write(revoke).await.expect("revoked");
    assert_eq!(fate(&world, &carrier, &file).await, "kept");
    let kept = world.state.store.read(|snapshot| snapshot.kept_parcels(None)).await.expect("read");
    assert_eq!(kept[0].reason.as_str(), "device_revoked");
}

#[tokio::test]
async fn no_device_fills_the_server_with_parcels_that_wait_and_what_is_refused_is_taken_later() {
    let world = World::new().await;
    let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
    let carrier = Phone::of(&world, "rep2").await;
    let first = silent.phone.envelope(&start_visit(fresh(), 1));
    bar(&world, fixture::rep(1), true).await;
    let mut files = Vec::new();
    for number in 1..=257 {
        files.push(silent.commands(number, std::slice::from_ref(&first)));
    }
    let last = files.pop().expect("packed");
    for file in &files {
        assert_eq!(fate(&world, &carrier, file).await, "kept");
    }
    let refused = hand_in(&world, &carrier, last.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "parcels_waiting"));
    assert_eq!(refused.json()["at"], "body");
    assert!(refused.json()["detail"].as_str().is_some_and(|told| told.starts_with("256 parcels of ")), "{refused:?}");
    assert_eq!(fate(&world, &carrier, &files[7]).await, "kept", "one that waits may come again");
    // Another device has room of its own.
    let mut other = Silent::of(&world, "dealer1", fixture::buyer(1)).await;
    let command = other.phone.envelope(&start_visit(fresh(), 1));
    bar(&world, fixture::buyer(1), true).await;
    assert_eq!(fate(&world, &carrier, &other.commands(1, &[command])).await, "kept");
    // The account is let in again: the one that was sent away is taken, and all that waited with it.
    bar(&world, fixture::rep(1), false).await;
    assert_eq!(fate(&world, &carrier, &last).await, "taken");
    let device = DeviceId(silent.phone.device);
    let left = world.state.store.read(move |snapshot| snapshot.kept_parcels_of(device)).await.expect("read");
    assert!(left.is_empty(), "{} wait", left.len());
}

async fn bar(world: &World, user: UserId, is_disabled: bool) {
    let change = move |txn: &mut dyn storewalk_server::store::StoreTxn| {
        let account = txn.account(user)?.expect("known");
        txn.put_account(&storewalk_server::store::Account { is_disabled, ..account })
    };
    world.state.store.write(change).await.expect("changed");
}

#[tokio::test]
async fn every_broken_parcel_is_refused_by_name_and_leaves_nothing() {
    let world = World::new().await;
    let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
    let carrier = Phone::of(&world, "rep2").await;
    let command = silent.phone.envelope(&start_visit(fresh(), 1));
    let good = silent.commands(1, std::slice::from_ref(&command));
    let code = async |file: Vec<u8>| hand_in(&world, &carrier, file).await.code();
    assert_eq!(code(b"a picture of a cat".to_vec()).await, "parcel_unknown");
    assert_eq!(code(Vec::new()).await, "parcel_unknown");
    assert_eq!(code(good[..good.len() / 2].to_vec()).await, "parcel_truncated");
    let mut tampered = good.clone();
    *tampered.last_mut().expect("bytes") ^= 1;
    assert_eq!(code(tampered).await, "parcel_tampered");
    let mut newer = good.clone();
    newer[8] = 9;
    assert_eq!(code(newer).await, "parcel_version");
    assert_eq!(code(vec![0; MAX_PARCEL_BYTES + 1]).await, "parcel_too_large");
    let elsewhere = World::new().await;
    let foreign = Silent::of(&elsewhere, "rep1", fixture::rep(1)).await;
    assert_eq!(code(foreign.commands(1, std::slice::from_ref(&command))).await, "parcel_other_server");
    // A key of the right server, and a device nobody has heard of.
    let stranger = Silent { seals_to: silent.seals_to.clone(), ..foreign };
    assert_eq!(code(stranger.commands(1, std::slice::from_ref(&command))).await, "parcel_signature");
    let backwards = Envelope { seq: 0, ..command };
    assert_eq!(code(silent.commands(1, &[backwards])).await, "parcel_unreadable");
    assert_eq!(code(silent.pack(1, ParcelContent::Commands { commands: vec![] }, b"extra")).await, "parcel_unreadable");
    let nobody = bearing(Method::POST, "/courier", None).header("content-type", "application/octet-stream");
    assert_eq!(world.send(nobody.body(Body::from(good)).expect("a request")).await.code(), "token_invalid");
    let kept = world.state.store.read(|snapshot| snapshot.kept_parcels(None)).await.expect("read");
    assert!(kept.is_empty());
    silent.phone.seq = 0;
    assert_eq!(silent.phone.sync(&world, vec![]).await.acked_seq, 0);
}

#[tokio::test]
async fn a_parcel_with_any_byte_changed_is_refused_and_never_a_failure_of_ours() {
    let world = World::new().await;
    let mut silent = Silent::of(&world, "rep1", fixture::rep(1)).await;
    let carrier = Phone::of(&world, "rep2").await;
    let command = silent.phone.envelope(&start_visit(fresh(), 1));
    let good = silent.commands(1, &[command]);
    for seed in 0..300 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut bad = good.clone();
        match rng.random_range(0..4) {
            0 => bad.truncate(rng.random_range(0..good.len())),
            1 => bad.extend((0..rng.random_range(1..50)).map(|_| rng.random::<u8>())),
            2 => {
                let at = rng.random_range(0..bad.len());
                bad[at] ^= 1 << rng.random_range(0..8);
            }
            _ => {
                let at = rng.random_range(0..bad.len());
                bad.drain(at..(at + rng.random_range(1..9)).min(good.len()));
            }
        }
        let reply = hand_in(&world, &carrier, bad).await;
        assert!(reply.status.is_client_error(), "seed {seed}: {reply:?}");
        assert!(reply.code().starts_with("parcel_"), "seed {seed}: {reply:?}");
    }
}

#[tokio::test]
async fn the_parking_key_is_the_persons_on_that_device_and_survives_a_second_sign_in() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let key = async |login: &str, device: Uuid| {
        let grant = world.post("/session", None, &sign_in_body(login, PASSWORD, device)).await.json();
        grant["parking_key"].as_str().expect("a key").to_owned()
    };
    let first = key("rep1", phone.device).await;
    assert_eq!((first.len(), key("rep1", phone.device).await == first), (64, true));
    assert_ne!(key("rep1", fresh()).await, first);
    assert_ne!(key("rep2", fresh()).await, first);
    let mut rubbish = sign_in_body("rep1", PASSWORD, phone.device);
    rubbish["device"]["parcel_key"] = Value::from("XYZ");
    let refused = world.post("/session", None, &rubbish).await;
    assert_eq!((refused.code().as_str(), refused.json()["at"].as_str()), ("request_malformed", Some("parcel_key")));
}
