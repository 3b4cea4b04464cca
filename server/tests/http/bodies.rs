//! Bodies, methods and paths that are not what was asked for.

use axum::{
    body::{Body, Bytes},
    http::{Method, header},
};
use futures::stream;
use serde_json::{Value, json};
use storewalk_wire::MAX_BATCH_BYTES;

use crate::{
    phone::Phone,
    world::{Reply, World, bearing, json_request},
};

async fn sync_raw(world: &World, token: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
    let request = bearing(Method::POST, "/sync", Some(token));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    world.send(request.body(body.into()).expect("a request")).await
}

const JSON: (&str, &str) = ("content-type", "application/json");
const ZSTD: (&str, &str) = ("content-encoding", "zstd");

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_its_place() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    for body in ["", "{", "null", "[]", "{}", "{\"protocol\":\"1\"}", "\u{0}", "{\"protocol\":1}x", "{\"protocol\":-1}"]
    {
        let reply = sync_raw(&world, &token, &[JSON], body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "request_malformed"), "{body}");
    }
    let reply = sync_raw(&world, &token, &[JSON], "{\"protocol\":1,\"cursors\":[{\"bucket\":\"terr:x\"}]}").await;
    assert_eq!(reply.json()["at"], "cursors[0].bucket");
    let deep = format!("{{\"protocol\":1,\"commands\":{}", "[".repeat(1_000_000));
    assert_eq!(sync_raw(&world, &token, &[JSON], deep).await.code(), "request_malformed");
    let reply = sync_raw(&world, &token, &[JSON], "{\"protocol\":2}").await;
    assert_eq!(reply.code(), "server_outdated");
}

#[tokio::test]
async fn another_content_type_or_encoding_is_refused() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    let cases: [&[(&str, &str)]; 4] =
        [&[], &[("content-type", "text/plain")], &[("content-type", "")], &[JSON, ("content-encoding", "gzip")]];
    for headers in cases {
        let reply = sync_raw(&world, &token, headers, "{}").await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (415, "content_type"), "{headers:?}");
    }
    let charset = [("content-type", "application/json; charset=utf-8"), ("content-encoding", "identity")];
    let body = r#"{"protocol":1}"#;
    assert_eq!(sync_raw(&world, &token, &charset, body).await.status, 200);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_or_not() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    let large = vec![b' '; MAX_BATCH_BYTES + 1];
    let reply = sync_raw(&world, &token, &[JSON], large.clone()).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "body_too_large"));
    let chunks = large.chunks(100_000).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)));
    let unannounced = Body::from_stream(stream::iter(chunks.collect::<Vec<_>>()));
    assert_eq!(sync_raw(&world, &token, &[JSON], unannounced).await.code(), "body_too_large");
    let lying = sync_raw(&world, &token, &[JSON, ("content-length", "999999999999")], "{}").await;
    assert_eq!(lying.code(), "body_too_large");
}

#[tokio::test]
async fn a_bomb_is_stopped_at_the_limit_and_rubbish_is_no_frame() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    let bomb = zstd::encode_all(&vec![b' '; 256 * 1024 * 1024][..], 3).expect("packed");
    assert!(bomb.len() < 100_000);
    let reply = sync_raw(&world, &token, &[JSON, ZSTD], bomb).await;
    assert_eq!(reply.code(), "body_too_large");
    let body = zstd::encode_all(&br#"{"protocol":1}"#[..], 3).expect("packed");
    for cut in [0, 1, 5, body.len() - 1] {
        let reply = sync_raw(&world, &token, &[JSON, ZSTD], body[..cut].to_vec()).await;
        assert_eq!(reply.code(), "request_malformed", "{cut}");
    }
    let reply = sync_raw(&world, &token, &[JSON, ZSTD, ("accept-encoding", "gzip, zstd")], body).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-encoding")), (200, "zstd"));
    let plain = zstd::decode_all(&reply.body[..]).expect("a frame");
    assert_eq!(serde_json::from_slice::<Value>(&plain).expect("json")["is_complete"], true);
}

#[tokio::test]
async fn an_answer_to_work_may_rest_on_the_text_of_the_request() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    let command = json!({
        "seq": 1, "command_id": uuid::Uuid::from_u128(7), "schema": 1,
        "command": { "kind": "a kind that no release knows", "args": {} },
        "captured": { "device_at": 1, "monotonic_ms": 1, "boot_id": "b", "anchor": null },
    });
    let text = json!({ "protocol": 1, "commands": [command] }).to_string();
    let accept = ("accept-encoding", "zstd, zstd-request");
    let packed = zstd::encode_all(text.as_bytes(), 3).expect("packed");
    let reply = sync_raw(&world, &token, &[JSON, ZSTD, accept], packed).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-encoding")), (200, "zstd-request"));
    let mut plain = Vec::new();
    let mut decoder = zstd::Decoder::with_ref_prefix(&reply.body[..], text.as_bytes()).expect("a frame");
    std::io::Read::read_to_end(&mut decoder, &mut plain).expect("over this text");
    let answer: Value = serde_json::from_slice(&plain).expect("json");
    assert_eq!(answer["results"][0]["verdict"]["result"], "refused");
    assert!(zstd::decode_all(&reply.body[..]).is_err(), "without the text it is nothing");
    // The same work again, as text and from a phone of before; and without work.
    let known = sync_raw(&world, &token, &[JSON, accept], text.clone()).await;
    assert_eq!(known.header("content-encoding"), "zstd-request");
    let before = sync_raw(&world, &token, &[JSON, ("accept-encoding", "zstd")], text.clone()).await;
    assert_eq!(before.header("content-encoding"), "zstd");
    let idle = sync_raw(&world, &token, &[JSON, accept], r#"{"protocol":1}"#).await;
    assert_eq!(idle.header("content-encoding"), "zstd");
}

#[tokio::test]
async fn a_body_that_breaks_off_changes_nothing() {
    let world = World::new().await;
    let token = Phone::of(&world, "rep1").await.access;
    let parts = [Ok(Bytes::from_static(b"{\"protocol\":1")), Err(std::io::Error::other("the line died"))];
    let reply = sync_raw(&world, &token, &[JSON], Body::from_stream(stream::iter(parts))).await;
    assert_eq!(reply.code(), "request_malformed");
}

#[tokio::test]
async fn paths_and_methods_that_are_not_offered_are_problems_too() {
    let world = World::new().await;
    for path in ["/nowhere", "/sync/more", "/photos/x", "/uploads/a/b/c", "/%00", "/..%2f..%2fetc/passwd"] {
        let reply = world.call(Method::GET, path, None).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"), "{path}");
    }
    for (method, path) in [(Method::GET, "/sync"), (Method::DELETE, "/session"), (Method::PUT, "/health")] {
        let reply = world.call(method, path, None).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (405, "method_not_allowed"), "{path}");
        assert!(!reply.header("allow").is_empty());
    }
}

#[tokio::test]
async fn a_refusal_speaks_the_language_asked_for() {
    let world = World::new().await;
    let body = json!({});
    for (asked, words) in [("zh-CN", "请求无法识别"), ("en-GB", "The request cannot be read")] {
        let mut request = json_request(Method::POST, "/session", None, &body);
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, asked.parse().expect("a header"));
        assert_eq!(world.send(request).await.json()["title"], words);
    }
}

#[tokio::test]
async fn health_says_that_the_server_can_serve() {
    let world = World::new().await;
    let reply = world.call(Method::GET, "/health", None).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["status"]), (200, &json!("ok")));
}
