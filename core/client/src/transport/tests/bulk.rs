//! Segments and pokes.

use std::{collections::BTreeMap, sync::Arc};

use storewalk_domain::{outlet::Role, sync::Bucket, time::Timestamp};
use storewalk_wire::{ApiError, SegmentRef, SessionGrant, SyncApi, UserInfo};

use super::{OURS, answer, response, serve};
use crate::{ClientError, Config, Phone};

fn segment() -> SegmentRef {
    SegmentRef { hash: "ab".repeat(32), bytes: 10, unpacked_bytes: 100, rows: 1 }
}

async fn segment_with(bytes: Vec<u8>, offset: u64) -> (Result<Vec<u8>, ApiError>, String, u64) {
    let (api, asked) = serve(vec![bytes]).await;
    let bucket = Bucket::Audit("江城/东".into());
    let got = api.segment("token", &bucket, &segment(), offset).await;
    let head = asked.lock().expect("held").first().map(|request| request.0.clone()).unwrap_or_default();
    (got, head, api.traffic().down)
}

#[tokio::test]
async fn a_segment_is_asked_for_from_where_it_stands() {
    let range = format!("{OURS}content-range: bytes 4-9/10\r\n");
    let (got, head, down) = segment_with(answer("206 Partial Content", &range, b"456789"), 4).await;
    assert_eq!((got, down), (Ok(b"456789".to_vec()), 6));
    assert!(head.starts_with("get /base/segments/audit:%e6%b1%9f%e5%9f%8e%2f%e4%b8%9c/abab"), "{head}");
    assert!(head.contains("range: bytes=4-\r\n") && head.contains("authorization: bearer token"), "{head}");
    // A server that does not know of ranges sends the whole.
    let (got, _, _) = segment_with(answer("200 OK", OURS, b"0123456789"), 4).await;
    assert_eq!(got, Ok(b"456789".to_vec()));
    let (got, head, _) = segment_with(answer("200 OK", OURS, b"0123456789"), 0).await;
    assert_eq!(got, Ok(b"0123456789".to_vec()));
    assert!(!head.contains("range:"), "{head}");
}

#[tokio::test]
async fn a_segment_cut_short_is_as_good_as_its_bytes() {
    let mut cut = answer("200 OK", OURS, b"0123456789");
    cut.truncate(cut.len() - 3);
    let (got, _, _) = segment_with(cut, 0).await;
    assert_eq!(got, Ok(b"0123456".to_vec()));
    let mut bare = answer("200 OK", OURS, b"0123456789");
    bare.truncate(bare.len() - 10);
    let (got, _, _) = segment_with(bare, 0).await;
    assert!(matches!(got, Err(ApiError::NotTheServer(_))), "{got:?}");
}

#[tokio::test]
async fn what_is_no_segment_is_not_taken_for_one() {
    let other = format!("{OURS}content-range: bytes 0-9/10\r\n");
    let wrong = [
        answer("206 Partial Content", &other, b"0123456789"),
        answer("206 Partial Content", OURS, b"456789"),
        answer("200 OK", OURS, b"0123456789 and more"),
        answer("200 OK", "content-type: text/html\r\n", b"<html>log in</html>"),
    ];
    for bytes in wrong {
        let (got, _, _) = segment_with(bytes, 4).await;
        assert!(matches!(got, Err(ApiError::NotTheServer(_))), "{got:?}");
    }
}

#[tokio::test]
async fn a_poke_beyond_what_is_known_ends_the_wait() {
    let headers = format!("{OURS}content-type: text/event-stream\r\n");
    let known = BTreeMap::from([(Bucket::Org, 7)]);
    let wait = |body: &'static [u8], headers: String| {
        let known = known.clone();
        async move {
            let (api, _) = serve(vec![answer("200 OK", &headers, body)]).await;
            api.poke("token", &known).await
        }
    };
    assert_eq!(wait(b"data: {\"org\":7}\n\n:\n\ndata: {\"org\":8}\n\n", headers.clone()).await, Ok(()));
    assert_eq!(wait(b"data: {\"org\":7}\n\n", headers.clone()).await, Err(ApiError::Offline));
    assert_eq!(wait(b"data: {\"org\":8}", headers).await, Err(ApiError::Offline), "half a line says nothing");
    let html = wait(b"data: {\"org\":8}\n\n", "content-type: text/event-stream\r\n".into()).await;
    assert!(matches!(html, Err(ApiError::NotTheServer(_))), "{html:?}");
    let other = wait(b"data: {\"org\":8}\n\n", format!("{OURS}content-type: text/html\r\n")).await;
    assert!(matches!(other, Err(ApiError::NotTheServer(_))), "{other:?}");
}

fn grant() -> SessionGrant {
    let actor = response().actor;
    SessionGrant {
        access_token: "access".into(),
        access_expires_at: Timestamp(1),
        refresh_token: "refresh".into(),
        refresh_expires_at: Timestamp(1),
        device_number: 1,
        user: UserInfo { id: actor.user_id, code: "R001".into(), name: "李雯".into(), role: Role::Rep },
        actor,
        server_at: Timestamp(1),
        courier_key: None,
        parking_key: None,
        receipt_key: None,
        protocols: None,
    }
}

#[tokio::test]
async fn pokes_that_are_held_back_leave_the_next_attempt_as_it_was() {
    let stream = format!("{OURS}content-type: text/event-stream\r\n");
    let signed_in = serde_json::to_vec(&grant()).expect("json");
    let answers = vec![
        answer("200 OK", OURS, &signed_in),
        answer("200 OK", &stream, b":\n\n"),
        answer("200 OK", "content-type: text/html\r\n", b"<html>log in here</html>"),
        answer("200 OK", &stream, b"data: {\"org\":3}\n\n"),
    ];
    let (api, asked) = serve(answers).await;
    let dir = tempfile::tempdir().expect("a folder");
    let config = Config { api: Some(Arc::new(api)), ..Config::new(dir.path(), "http://storewalk.example") };
    let phone = Phone::open(config).expect("opened").phone;
    phone.sign_in("liwen", "right").await.expect("signed in");
    let planned = phone.status().expect("a status").next_attempt_at;
    assert!(matches!(phone.follow().await, Err(ClientError::Offline)));
    assert!(matches!(phone.follow().await, Err(ClientError::NotTheServer)));
    let status = phone.status().expect("a status");
    assert_eq!((status.next_attempt_at, status.failures), (planned, 0));
    phone.follow().await.expect("there is news");
    let asked = asked.lock().expect("held");
    assert!(asked[1].0.starts_with("get /base/poke ") && asked[1].0.contains("bearer access"), "{}", asked[1].0);
}
