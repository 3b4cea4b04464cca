//! `POST /sync/standing`: a question of a few bytes, and when its answer is no longer "the same".

use serde_json::{Value, json};
use storewalk_domain::outlet::Outlet;
use storewalk_server::admin::load_rows;

use crate::{
    fixture::{self, fresh, outlet_row, start_visit},
    phone::Phone,
    world::World,
};

async fn ask(world: &World, phone: &Phone, standing: &str) -> Value {
    let body = json!({ "standing": standing, "device_at": 7 });
    let reply = world.post("/sync/standing", Some(&phone.access), &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.len() < 80, "an answer of a few bytes: {reply:?}");
    reply.json()
}

/// The name that a complete answer gives.
async fn standing(world: &World, phone: &mut Phone) -> String {
    let answer = phone.sync(world, Vec::new()).await;
    assert!(answer.is_complete);
    let standing = answer.standing.expect("a name");
    assert!(standing.len() == 16 && standing.bytes().all(|digit| digit.is_ascii_hexdigit()), "{standing}");
    standing
}

#[tokio::test]
async fn it_is_the_same_until_anything_changes_that_the_phone_may_know() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let mut other = Phone::of(&world, "rep2").await;
    let name = standing(&world, &mut phone).await;
    let answer = ask(&world, &phone, &name).await;
    assert_eq!(answer, json!({ "server_at": fixture::now().0, "is_same": true }));
    // A colleague's work in another territory is no news.
    other.command(&world, start_visit(fresh(), 2)).await;
    assert_eq!(ask(&world, &phone, &name).await["is_same"], true);
    load_rows(&world.state, vec![Outlet { address: "新址".into(), ..outlet_row(1) }.into()]).await.expect("loaded");
    assert_eq!(ask(&world, &phone, &name).await["is_same"], false);
    let name = standing(&world, &mut phone).await;
    assert_eq!(ask(&world, &phone, &name).await["is_same"], true);
    // What its own device has sent moves it too: another phone of the same identity would have to know.
    phone.command(&world, start_visit(fresh(), 1)).await;
    assert_eq!(ask(&world, &phone, &name).await["is_same"], false);
}

#[tokio::test]
async fn a_changed_scope_a_restored_server_and_another_devices_name_are_not_the_same() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let name = standing(&world, &mut phone).await;
    let mut second = Phone::of(&world, "rep1").await;
    second.command(&world, start_visit(fresh(), 1)).await;
    let theirs = standing(&world, &mut second).await;
    assert_eq!(ask(&world, &phone, &theirs).await["is_same"], false, "devices stand apart by what they sent");
    for rubbish in ["", "0000000000000000", "ZZ"] {
        assert_eq!(ask(&world, &phone, rubbish).await["is_same"], false, "{rubbish}");
    }
    let name = {
        drop(name);
        standing(&world, &mut phone).await
    };
    world.state.store.write(|txn| txn.begin_life(4_711, 0)).await.expect("another life");
    assert_eq!(ask(&world, &phone, &name).await["is_same"], false);
    let name = standing(&world, &mut phone).await;
    let change = storewalk_server::service::dealers::Change {
        person: fixture::rep(1),
        dealer: fixture::dealer(2),
        wish: storewalk_server::service::dealers::Wish::Give,
        reason: "a new dealer".into(),
    };
    let changed = storewalk_server::service::dealers::change(&world.state, fixture::supervisor(), None, change).await;
    assert!(changed.expect("changed"));
    assert_eq!(ask(&world, &phone, &name).await["is_same"], false);
    let pulled = phone.sync(&world, Vec::new()).await;
    assert!(pulled.actor.dealers.contains(&fixture::dealer(2)), "and the pull brings it: {:?}", pulled.actor);
}

#[tokio::test]
async fn the_question_notes_that_the_phone_was_here_and_needs_a_token_and_a_readable_body() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let name = standing(&world, &mut phone).await;
    world.clock.advance(30 * 60_000);
    let phone = Phone { access: renewed(&world, &phone).await, ..phone };
    ask(&world, &phone, &name).await;
    let device = storewalk_domain::ids::DeviceId(phone.device);
    let seen = world.state.store.read(move |snapshot| snapshot.device(device)).await.expect("read").expect("enrolled");
    assert_eq!(seen.last_seen_at, Some(fixture::now().plus_ms(30 * 60_000)));
    assert_eq!(seen.health.expect("told").device_at.0, 7);

    let body = json!({ "standing": name, "device_at": 7 });
    let nobody = world.post("/sync/standing", None, &body).await;
    assert_eq!((nobody.status.as_u16(), nobody.code().as_str()), (401, "token_invalid"));
    for bad in [json!({}), json!({ "standing": 1, "device_at": 1 }), json!([]), json!("x")] {
        let refused = world.post("/sync/standing", Some(&phone.access), &bad).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "request_malformed"), "{bad}");
    }
    let large = json!({ "standing": "x".repeat(5_000), "device_at": 1 });
    let refused = world.post("/sync/standing", Some(&phone.access), &large).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (413, "body_too_large"));
}

/// The access token after the first one has run out.
async fn renewed(world: &World, phone: &Phone) -> String {
    let body = json!({ "refresh_token": phone.refresh, "nonce": "n", "device_id": phone.device });
    let grant = world.post("/session/refresh", None, &body).await.json();
    grant["access_token"].as_str().expect("a token").to_owned()
}
