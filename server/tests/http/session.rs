//! Signing in, staying signed in, and being sent away.

use axum::http::Method;
use serde_json::{Value, json};
use storewalk_domain::{
    outlet::Role,
    time::{DAY_MS, HOUR_MS},
};
use storewalk_server::admin::NewAccount;

use crate::{
    fixture::{self, fresh},
    phone::{Phone, sign_in_body},
    world::{PASSWORD, Reply, World, account},
};

async fn refresh(world: &World, phone: &Phone, token: &str, nonce: &str) -> Reply {
    let body = json!({ "refresh_token": token, "nonce": nonce, "device_id": phone.device });
    world.post("/session/refresh", None, &body).await
}

fn token(grant: &Value, name: &str) -> String {
    grant[name].as_str().expect("a token").to_owned()
}

async fn is_signed_in(world: &World, token: &str) -> bool {
    let body = json!({ "protocol": 1, "health": { "unsent_commands": 0, "unsent_photos": 0, "oldest_unsent_at": null,
        "last_error": null, "device_at": 0, "app_version": "" } });
    let reply = world.post("/sync", Some(token), &body).await;
    match reply.status.as_u16() {
        200 => true,
        401 => {
            assert_eq!(reply.code(), "token_invalid");
            false
        }
        other => panic!("{other}: {reply:?}"),
    }
}

#[tokio::test]
async fn a_person_signs_in_whatever_the_case_of_the_name() {
    let world = World::new().await;
    let reply = world.post("/session", None, &sign_in_body(" REP1 ", PASSWORD, fresh())).await;
    assert_eq!(reply.status, 200);
    let grant = reply.json();
    assert_eq!(grant["user"]["code"], "REP1");
    assert_eq!(grant["actor"]["territories"], json!([fixture::territory(1)]));
    assert_eq!(grant["device_number"], 1);
    assert_eq!(grant["access_expires_at"].as_i64(), Some(fixture::now().0 + HOUR_MS / 4));
    assert_eq!(Phone::of(&world, "rep2").await.number, 2);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for (login, password) in [("rep1", "wrong password"), ("nobody", PASSWORD), ("", ""), ("rep1", &"x".repeat(5_000))]
    {
        let reply = world.post("/session", None, &sign_in_body(login, password, fresh())).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "sign_in_failed"));
        let mut body = reply.json();
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn too_many_attempts_are_sent_away_until_time_has_passed() {
    let world = World::new().await;
    let mut last = 0;
    for _ in 0..11 {
        let reply = world.post("/session", None, &sign_in_body("rep1", "wrong password", fresh())).await;
        last = reply.status.as_u16();
        if last == 429 {
            assert_eq!(reply.code(), "too_many_requests");
            assert_eq!(reply.header("retry-after"), "6");
        }
    }
    assert_eq!(last, 429);
    let others = world.post("/session", None, &sign_in_body("rep2", PASSWORD, fresh())).await;
    assert_eq!(others.status, 200);
    world.clock.advance(7_000);
    let again = world.post("/session", None, &sign_in_body("rep1", PASSWORD, fresh())).await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn a_device_of_another_person_is_refused() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let reply = world.post("/session", None, &sign_in_body("rep2", PASSWORD, phone.device)).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "device_unknown"));
    let again = Phone::on(&world, "rep1", phone.device).await;
    assert_eq!(again.number, phone.number);
    assert!(!is_signed_in(&world, &phone.access).await, "the earlier session ended");
    assert!(is_signed_in(&world, &again.access).await);
}

#[tokio::test]
async fn an_access_token_ends_after_a_quarter_of_an_hour() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    world.clock.advance(15 * 60_000 - 1);
    assert!(is_signed_in(&world, &phone.access).await);
    world.clock.advance(1);
    assert!(!is_signed_in(&world, &phone.access).await);
}

#[tokio::test]
async fn tokens_that_are_none_are_refused() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let half = &phone.access[..20];
    for wrong in ["", "x", half, phone.refresh.as_str(), &format!("{}0", phone.access), &"swa_".repeat(1_000)] {
        assert!(!is_signed_in(&world, wrong).await, "{wrong}");
    }
    let reply = world.call(Method::POST, "/sync", None).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "token_invalid"));
    assert_eq!(reply.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn each_refresh_token_is_spent_once_and_a_lost_reply_is_given_again() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    world.clock.advance(HOUR_MS);
    let first = refresh(&world, &phone, &phone.refresh, "n1").await.json();
    world.clock.advance(HOUR_MS);
    let again = refresh(&world, &phone, &phone.refresh, "n1").await.json();
    for name in ["access_token", "refresh_token", "access_expires_at", "refresh_expires_at"] {
        assert_eq!(first[name], again[name], "{name}");
    }
    let next = refresh(&world, &phone, &token(&again, "refresh_token"), "n2").await;
    assert_eq!(next.status, 200);
    assert!(is_signed_in(&world, &token(&next.json(), "access_token")).await);
}

#[tokio::test]
async fn a_second_party_with_the_same_token_ends_the_session() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let grant = refresh(&world, &phone, &phone.refresh, "mine").await.json();
    let thief = refresh(&world, &phone, &phone.refresh, "theirs").await;
    assert_eq!((thief.status.as_u16(), thief.code().as_str()), (401, "refresh_reused"));
    assert!(!is_signed_in(&world, &token(&grant, "access_token")).await);
    let after = refresh(&world, &phone, &token(&grant, "refresh_token"), "n2").await;
    assert_eq!((after.status.as_u16(), after.code().as_str()), (401, "token_invalid"));
}

#[tokio::test]
async fn a_late_repetition_of_an_exchange_gets_no_grant_and_ends_nothing() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let grant = refresh(&world, &phone, &phone.refresh, "n1").await.json();
    assert!(is_signed_in(&world, &token(&grant, "access_token")).await);
    let replay = refresh(&world, &phone, &phone.refresh, "n1").await;
    assert_eq!(replay.code(), "refresh_reused");
    assert!(is_signed_in(&world, &token(&grant, "access_token")).await, "the honest phone works on");
    let next = refresh(&world, &phone, &token(&grant, "refresh_token"), "n2").await;
    assert_eq!(next.status, 200);
    assert_eq!(refresh(&world, &phone, &phone.refresh, "n1").await.code(), "refresh_reused");
    assert!(is_signed_in(&world, &token(&next.json(), "access_token")).await);
    assert_eq!(refresh(&world, &phone, &phone.refresh, "another").await.code(), "refresh_reused");
    assert!(!is_signed_in(&world, &token(&next.json(), "access_token")).await, "another nonce is another party");
}

#[tokio::test]
async fn a_refresh_token_of_another_device_or_after_sixty_days_is_refused() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let body = json!({ "refresh_token": phone.refresh, "nonce": "n", "device_id": fresh() });
    assert_eq!(world.post("/session/refresh", None, &body).await.code(), "device_unknown");
    for nonce in ["", &"n".repeat(200)] {
        assert_eq!(refresh(&world, &phone, &phone.refresh, nonce).await.code(), "request_malformed");
    }
    world.clock.advance(60 * DAY_MS);
    assert_eq!(refresh(&world, &phone, &phone.refresh, "n").await.code(), "token_invalid");
}

#[tokio::test]
async fn signing_out_ends_both_tokens() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let reply = world.call(Method::POST, "/session/sign-out", Some(&phone.access)).await;
    assert_eq!(reply.status, 204);
    assert!(!is_signed_in(&world, &phone.access).await);
    assert_eq!(refresh(&world, &phone, &phone.refresh, "n").await.code(), "token_invalid");
}

#[tokio::test]
async fn a_revoked_device_is_out_at_once_and_for_good() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let revoke = |device| storewalk_server::admin::revoke_device(&world.state, storewalk_domain::ids::DeviceId(device));
    revoke(phone.device).await.expect("revoked");
    assert!(!is_signed_in(&world, &phone.access).await);
    assert_eq!(refresh(&world, &phone, &phone.refresh, "n").await.code(), "token_invalid");
    let again = world.post("/session", None, &sign_in_body("rep1", PASSWORD, phone.device)).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (403, "device_unknown"));
    assert!(revoke(fresh()).await.is_err());
    assert_ne!(Phone::of(&world, "rep1").await.number, phone.number, "a new phone gets a new number");
}

#[tokio::test]
async fn a_short_password_or_a_taken_name_makes_no_account() {
    let world = World::new().await;
    let create = |new| storewalk_server::admin::create_account(&world.state, new);
    let short = NewAccount { password: "short".into(), ..account("new", Role::Rep) };
    assert_eq!(create(short).await.expect_err("too short").at, "password");
    let taken = account("Rep1", Role::Rep);
    assert_eq!(create(taken).await.expect_err("taken").at, "login");
    assert_eq!(create(account(" ", Role::Rep)).await.expect_err("empty").at, "login");
}

fn marked(device: uuid::Uuid, mark: u128, earlier: &[u128]) -> Value {
    let id = uuid::Uuid::from_u128;
    let earlier: Vec<_> = earlier.iter().map(|mark| id(*mark)).collect();
    let mut body = sign_in_body("rep1", PASSWORD, device);
    body["marks"] = json!({ "mark": id(mark), "earlier": earlier });
    body
}

#[tokio::test]
async fn a_copy_of_a_phone_is_told_so_at_its_sign_in_and_the_other_ones_session_goes_on() {
    let world = World::new().await;
    let sign_in = async |body: Value| world.post("/session", None, &body).await;
    let device = fresh();
    assert_eq!(sign_in(marked(device, 1, &[])).await.status, 200);
    // The answer was lost: the same mark again. Then the next one, which knows the first.
    assert_eq!(sign_in(marked(device, 1, &[])).await.status, 200);
    let first = sign_in(marked(device, 2, &[1])).await.json();
    // The copy knows the first mark and not the second.
    let refused = sign_in(marked(device, 3, &[1])).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "device_copied"));
    assert!(is_signed_in(&world, &token(&first, "access_token")).await, "nothing happened to the other one");

    let copy = fresh();
    let mut body = marked(copy, 3, &[]);
    body["copy_of"] = json!({ "device_id": device, "last_seq": 900 });
    let second = sign_in(body.clone()).await.json();
    assert_ne!(second["device_number"], first["device_number"]);
    assert!(is_signed_in(&world, &token(&first, "access_token")).await);
    assert!(is_signed_in(&world, &token(&second, "access_token")).await);
    assert_eq!(sign_in(body).await.json()["device_number"], second["device_number"], "asked again, the same device");
    assert_eq!(sign_in(marked(copy, 4, &[3, 1])).await.status, 200);
    // Without a past nothing is proven, and an older release names none at all.
    assert_eq!(sign_in(marked(device, 9, &[])).await.status, 200);
    assert_eq!(sign_in(sign_in_body("rep1", PASSWORD, device)).await.status, 200);
}

#[tokio::test]
async fn nobody_becomes_a_copy_of_somebody_elses_phone() {
    let world = World::new().await;
    let of_rep2 = Phone::of(&world, "rep2").await.device;
    for original in [of_rep2, fresh()] {
        let mut body = marked(fresh(), 1, &[]);
        body["copy_of"] = json!({ "device_id": original, "last_seq": 0 });
        let refused = world.post("/session", None, &body).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "device_unknown"));
    }
}
