//! Rubbish at every door: never a 5xx, never a panic.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request},
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{phone::Phone, uploads::Shot, world::World};

const ROUNDS: u64 = 1_500;

const METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];

const HEADERS: [(&str, &[&str]); 10] = [
    ("range", &["bytes=0-", "bytes=-1", "bytes=99999999999999999999-", "x"]),
    ("content-type", &["application/json", "application/offset+octet-stream", "text/html", "", "a/b;c=\"d"]),
    ("content-encoding", &["zstd", "gzip", "identity", "zstd, zstd"]),
    ("tus-resumable", &["1.0.0", "2", ""]),
    ("upload-offset", &["0", "1", "18446744073709551615", "-1", "x"]),
    ("upload-length", &["0", "5", "99999999999999999999", ""]),
    ("upload-metadata", &["photo_id", "photo_id AAAA,variant b3JpZ2luYWw=,sha256 AAAA", ",,,", " "]),
    ("x-http-method-override", &["PATCH", "DELETE", "HEAD", "🦀"]),
    ("accept-language", &["zh", "en;q=x", ";;;", "q=1"]),
    ("cookie", &["storewalk_console=swc_x", "storewalk_console=", "=;=", "a"]),
];

fn value(rng: &mut StdRng, depth: u32) -> Value {
    const TEXTS: [&str; 8] =
        ["", "visit.start", "org", "terr:", "\u{0}", "𠮷", "00000000-0000-0000-0000-000000000001", "-0"];
    const NAMES: [&str; 12] = [
        "protocol", "commands", "cursors", "health", "seq", "command", "kind", "args", "bucket", "device", "login",
        "id",
    ];
    match rng.random_range(0..if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => json!(rng.random::<bool>()),
        2 => json!([i64::MIN, -1, 0, 1, i64::MAX].choose(rng)),
        3 => json!([f64::MIN_POSITIVE, 1e308, -0.0, 0.1].choose(rng)),
        4 => json!(TEXTS.choose(rng)),
        5 => (0..rng.random_range(0..4)).map(|_| value(rng, depth - 1)).collect(),
        _ => {
            let pairs = (0..rng.random_range(0..6))
                .map(|_| ((*NAMES.choose(rng).expect("some")).to_owned(), value(rng, depth - 1)));
            Value::Object(pairs.collect::<Vec<_>>().into_iter().collect())
        }
    }
}

/// A request for a sync with something wrong in it.
fn nearly_right(rng: &mut StdRng) -> Value {
    let mut body = json!({
        "protocol": 1,
        "commands": [{
            "seq": 1, "command_id": Uuid::from_u128(rng.random()), "schema": 1,
            "command": { "kind": "visit.start", "args": { "visit_id": Uuid::from_u128(1) } },
            "captured": { "device_at": 0, "monotonic_ms": 0, "boot_id": "", "anchor": null },
        }],
        "cursors": [{ "bucket": "org", "epoch": 1, "position": 1 }],
    });
    let places = [
        "/protocol",
        "/commands",
        "/commands/0",
        "/commands/0/seq",
        "/commands/0/command",
        "/commands/0/command/kind",
        "/commands/0/command/args",
        "/commands/0/captured",
        "/cursors/0/bucket",
        "/cursors/0/position",
    ];
    let place = places.choose(rng).expect("some");
    let spoilt = value(rng, 3);
    if let Some(target) = body.pointer_mut(place) {
        *target = spoilt;
    }
    body
}

fn body(rng: &mut StdRng) -> Vec<u8> {
    match rng.random_range(0..5) {
        0 => Vec::new(),
        1 => (0..rng.random_range(1..300)).map(|_| rng.random()).collect(),
        2 => zstd::encode_all(value(rng, 3).to_string().as_bytes(), 1).expect("packed"),
        3 => nearly_right(rng).to_string().into_bytes(),
        _ => value(rng, 4).to_string().into_bytes(),
    }
}

fn request(rng: &mut StdRng, token: &str, photo: Uuid) -> Request<Body> {
    let paths = [
        "/sync".to_owned(),
        "/sync/heal".to_owned(),
        format!("/segments/org/{}", "ab".repeat(32)),
        "/segments/terr:x/%ff".to_owned(),
        "/session".to_owned(),
        "/session/refresh".to_owned(),
        "/session/sign-out".to_owned(),
        "/health".to_owned(),
        "/uploads".to_owned(),
        "/courier".to_owned(),
        format!("/uploads/{photo}/original"),
        format!("/uploads/{photo}/thumbnail"),
        format!("/photos/{photo}/original"),
        "/photos/%ff/original".to_owned(),
        "/console".to_owned(),
        "/console/photos?page=x".to_owned(),
        "/console/sign-in".to_owned(),
    ];
    let mut request = Request::new(Body::from(body(rng)));
    *request.method_mut() = METHODS.choose(rng).expect("some").clone();
    *request.uri_mut() = paths.choose(rng).expect("some").parse().expect("a path");
    // Signing out would end the game early.
    if rng.random_bool(0.7) && request.uri() != "/session/sign-out" {
        let bearer = format!("Bearer {token}").parse().expect("a header");
        request.headers_mut().insert("authorization", bearer);
    }
    for (name, values) in HEADERS {
        if rng.random_bool(0.5) {
            let value = HeaderValue::from_bytes(values.choose(rng).expect("some").as_bytes()).expect("a header");
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    request
}

#[tokio::test]
async fn rubbish_is_never_answered_with_a_failure_of_ours() {
    let world = World::new().await;
    let shot = Shot::of(&world, crate::fixture::jpeg(1)).await;
    for seed in 0..ROUNDS {
        let mut rng = StdRng::seed_from_u64(seed);
        let request = request(&mut rng, &shot.phone.access, shot.photo);
        let told = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
        let reply = world.send(request).await;
        assert!(!reply.status.is_server_error(), "seed {seed}: {told} → {reply:?}");
    }
    let mut phone = Phone::of(&world, "rep2").await;
    assert!(phone.sync(&world, vec![]).await.is_complete, "the server still serves");
}
