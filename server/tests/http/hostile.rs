//! A phone that is broken or means harm: it gets an exact refusal, and nobody else notices.

use axum::{
    body::Body,
    http::{Method, header},
};
use serde_json::{Value, json};
use storewalk_domain::{
    ids::VisitId,
    sync::{Command, FinishVisit},
};
use storewalk_wire::{CommandVerdict, MAX_BATCH_BYTES};
use uuid::Uuid;

use crate::{
    fixture::{self, attach_photo, fresh, start_visit, submit_order},
    phone::{Phone, refusal_codes, rows},
    world::{Reply, World, bearing},
};

async fn packed(world: &World, token: &str, body: Vec<u8>) -> Reply {
    let request = bearing(Method::POST, "/sync", Some(token))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "zstd");
    world.send(request.body(Body::from(body)).expect("a request")).await
}

async fn plain(world: &World, token: &str, body: String) -> Reply {
    let request = bearing(Method::POST, "/sync", Some(token)).header(header::CONTENT_TYPE, "application/json");
    world.send(request.body(Body::from(body)).expect("a request")).await
}

fn request_with(command: &Value) -> Value {
    json!({
        "protocol": 1,
        "commands": [{
            "seq": 1, "command_id": fresh(), "schema": 1, "command": command,
            "captured": { "device_at": 0, "monotonic_ms": 0, "boot_id": "b", "anchor": null },
        }],
    })
}

fn finish(visit: Uuid) -> Command {
    FinishVisit { visit_id: VisitId(visit), fix: None }.into()
}

#[tokio::test]
async fn whatever_names_what_is_anothers_is_refused_and_the_other_notices_nothing() {
    let world = World::new().await;
    let mut owner = Phone::of(&world, "rep2").await;
    let visit = fresh();
    assert_eq!(owner.command(&world, start_visit(visit, 2)).await, CommandVerdict::Applied);
    owner.sync(&world, Vec::new()).await;

    let mut thief = Phone::of(&world, "rep1").await;
    let attempts = [
        ("an outlet of another territory", start_visit(fresh(), 2)),
        ("the identity of another's visit", start_visit(visit, 1)),
        ("another's visit", finish(visit)),
        ("another's visit, by a photo", attach_photo(fresh(), visit, b"bytes")),
        ("a dealer one does not act for", submit_order(fresh(), "9-000001", 2, 1)),
        ("what is nowhere", finish(fresh())),
    ];
    let count = attempts.len();
    for (what, command) in attempts {
        let verdict = thief.command(&world, command).await;
        assert!(!refusal_codes(&verdict).is_empty(), "{what}");
    }
    let seen = owner.sync(&world, Vec::new()).await;
    assert!(seen.buckets.is_empty(), "nothing of the owner's has moved: {:?}", seen.buckets);
    thief.cursors.clear();
    let held = thief.sync(&world, Vec::new()).await;
    assert!(rows(&held, "visits").is_empty(), "refused and yet there: {:?}", rows(&held, "visits"));
    assert_eq!(rows(&held, "refusals").len(), count, "every refusal is kept for its author");
    owner.cursors.clear();
    let whole = owner.sync(&world, Vec::new()).await;
    let visits = rows(&whole, "visits");
    assert_eq!(visits.len(), 1);
    assert_eq!((&visits[0]["id"], &visits[0]["status"]), (&json!(visit), &json!("in_progress")));
    assert!(rows(&whole, "photos").is_empty());
}

#[tokio::test]
async fn numbers_at_the_end_of_what_can_be_counted_wait_or_are_refused() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    let with_seq = |seq: &str| {
        let body = request_with(&json!({ "kind": "visit.start", "args": {} })).to_string();
        body.replacen("\"seq\":1,", &format!("\"seq\":{seq},"), 1)
    };
    let far = plain(&world, &token, with_seq("9007199254740991")).await;
    assert_eq!((far.status.as_u16(), far.json()["results"].as_array().map(Vec::len)), (200, Some(0)), "a gap waits");
    for seq in ["0", "9007199254740992", "18446744073709551615", "18446744073709551616", "-1", "1.5", "\"1\"", "1e400"]
    {
        let reply = plain(&world, &token, with_seq(seq)).await;
        assert_eq!(reply.code(), "request_malformed", "{seq}");
    }
    for (epoch, position) in [(0, u64::MAX), (u64::MAX, 0), (u64::MAX, u64::MAX), (1, i64::MAX as u64 + 1)] {
        let body = json!({ "protocol": 1, "cursors": [{ "bucket": "org", "epoch": epoch, "position": position }] });
        let reply = plain(&world, &token, body.to_string()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json()["buckets"][0]["is_restart"], true, "a cursor of nowhere starts again");
    }
    let mut phone = Phone::of(&world, "rep1").await;
    assert_eq!(phone.command(&world, start_visit(fresh(), 1)).await, CommandVerdict::Applied);
}

#[tokio::test]
async fn a_frame_cut_at_any_place_is_no_request() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let command = serde_json::to_value(start_visit(fresh(), 1)).expect("json");
    let frame = zstd::encode_all(request_with(&command).to_string().as_bytes(), 3).expect("packed");
    for cut in (0..frame.len()).step_by(7).chain([frame.len() - 1]) {
        let reply = packed(&world, &phone.access, frame[..cut].to_vec()).await;
        assert_eq!(reply.code(), "request_malformed", "cut at {cut} of {}", frame.len());
    }
    assert_eq!(phone.sync(&world, Vec::new()).await.acked_seq, 0, "nothing of it was done");
    let twice = [frame.clone(), frame].concat();
    assert_eq!(packed(&world, &phone.access, twice).await.code(), "request_malformed", "one frame, one request");
}

#[tokio::test]
async fn depth_breadth_and_length_without_measure_are_refused_or_kept_as_a_refusal() {
    let world = World::new().await;
    let mut phone = Phone::of(&world, "rep1").await;
    let token = phone.access.clone();
    let body_of = |text: &str| request_with(&json!("HERE")).to_string().replace("\"HERE\"", text);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let digits = "9".repeat(400_000);
    for (what, text) in [("deep", deep.as_str()), ("no number", "1e"), ("cut", "{\"kind\":\"visit.start\"")] {
        assert_eq!(plain(&world, &token, body_of(text)).await.code(), "request_malformed", "{what}");
    }
    let announced = bearing(Method::POST, "/sync", Some(&token))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, "1073741824");
    let reply = world.send(announced.body(Body::from("{")).expect("a request")).await;
    assert_eq!(reply.code(), "body_too_large", "a gigabyte is refused before it is sent");
    let bomb = zstd::encode_all(&*vec![b' '; 16 * MAX_BATCH_BYTES], 3).expect("packed");
    assert_eq!(packed(&world, &token, bomb).await.code(), "body_too_large");
    // A number beyond every float, and a kind that goes on for ever: a command like any other, refused by name.
    let odd = [
        json!({ "kind": "x".repeat(300_000), "args": {} }),
        json!({ "kind": "order.cancel", "args": { "order_id": "\u{0}".repeat(1_000) } }),
        json!({ "kind": "visit.start", "args": Value::Array(vec![Value::Null; 100_000]) }),
    ];
    for command in odd {
        phone.seq += 1;
        let answer = phone.sync(&world, vec![crate::phone::envelope(phone.seq, &command)]).await;
        assert!(matches!(answer.results[0].verdict, CommandVerdict::Refused { .. }), "{:?}", answer.results);
    }
    let reply = plain(&world, &token, body_of(&digits)).await;
    assert!(reply.status.is_success() || reply.status.is_client_error(), "{reply:?}");
    assert_eq!(phone.sync(&world, Vec::new()).await.acked_seq, phone.seq, "the phone goes on");
}

#[tokio::test]
async fn a_phone_that_claims_every_bucket_is_told_to_let_go_of_them_and_sees_nothing() {
    let world = World::new().await;
    let phone = Phone::of(&world, "rep1").await;
    let cursors: Vec<Value> = (0..10_000_u128)
        .map(|number| json!({ "bucket": format!("user:{}", Uuid::from_u128(number + (1 << 100))), "epoch": 1, "position": 0 }))
        .chain([2, 3].map(
            |number| json!({ "bucket": format!("terr:{}", fixture::territory(number)), "epoch": 1, "position": 0 }),
        ))
        .collect();
    let reply = plain(&world, &phone.access, json!({ "protocol": 1, "cursors": cursors }).to_string()).await;
    let answer = reply.json();
    assert_eq!(answer["gone"].as_array().map(Vec::len), Some(10_002));
    let foreign = json!(format!("terr:{}", fixture::territory(2)));
    let told: Vec<&Value> =
        answer["buckets"].as_array().expect("buckets").iter().map(|delta| &delta["bucket"]).collect();
    assert!(!told.is_empty() && !told.contains(&&foreign), "{told:?}");
    assert!(!answer["buckets"].to_string().contains(&fixture::outlet(2).to_string()), "nothing of another's territory");
}

#[tokio::test]
async fn ten_thousand_small_requests_leave_the_others_served() {
    let world = World::new().await;
    let mut honest = Phone::of(&world, "rep2").await;
    let nuisance = Phone::of(&world, "rep1").await;
    for number in 0..10_000_u32 {
        let reply = match number % 4 {
            0 => world.call(Method::GET, "/health", None).await,
            1 => world.call(Method::POST, "/sync", Some("swa_nobody")).await,
            2 => world.call(Method::POST, "/sync", Some(&nuisance.access)).await,
            _ => world.call(Method::HEAD, &format!("/uploads/{}/original", fresh()), Some(&nuisance.access)).await,
        };
        assert!(!reply.status.is_server_error(), "{reply:?}");
        if number % 1_000 == 0 {
            let answer = honest.sync(&world, Vec::new()).await;
            assert!(answer.is_complete, "after {number} of them");
        }
    }
    assert_eq!(honest.command(&world, start_visit(fresh(), 2)).await, CommandVerdict::Applied);
}
