//! The HTTP client against a server that says whatever the test wants, byte for byte.

mod bulk;

use std::sync::{Arc, Mutex};

use storewalk_domain::{
    ids::PhotoId,
    outlet::Role,
    sync::{Actor, Policies},
    time::Timestamp,
};
use storewalk_wire::{
    ANSWER_CODING, ApiError, ErrorCode, PROTOCOL, SignInRequest, SyncApi, SyncRequest, SyncResponse, UploadRequest,
    Variant,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use super::HttpApi;
use crate::{Config, Phone};

/// One request: its head in lower case, and its body.
type Request = (String, Vec<u8>);

/// Answers each connection in turn with the next of these bytes; keeps what was asked.
async fn serve(answers: Vec<Vec<u8>>) -> (HttpApi, Arc<Mutex<Vec<Request>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let request = read(&mut stream).await;
            seen.lock().expect("held").push(request);
            stream.write_all(&answer).await.expect("written");
            stream.shutdown().await.expect("ended");
        }
    });
    (HttpApi::new(&format!("http://{address}/base")).expect("an address"), asked)
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        bytes.extend(Some(stream.read_u8().await.expect("a head")));
        if bytes.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8(bytes).expect("text").to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().expect("a length"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    (head, body)
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

const OURS: &str = "storewalk-protocol: 1\r\n";

fn request() -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        capabilities: Vec::new(),
        commands: Vec::new(),
        cursors: Vec::new(),
        health: storewalk_wire::DeviceHealth::default(),
    }
}

fn response() -> SyncResponse {
    SyncResponse {
        server_at: Timestamp(1),
        results: Vec::new(),
        acked_seq: 7,
        actor: Actor {
            user_id: storewalk_domain::ids::UserId(Uuid::from_u128(1)),
            role: Role::Rep,
            territories: Vec::new(),
            dealers: Vec::new(),
        },
        policies: Policies::default(),
        buckets: Vec::new(),
        gone: Vec::new(),
        is_complete: true,
        receipt: None,
        standing: None,
        protocols: None,
        withheld: None,
    }
}

fn packed() -> Vec<u8> {
    zstd::encode_all(serde_json::to_vec(&response()).expect("json").as_slice(), 3).expect("packed")
}

async fn sync_with(bytes: Vec<u8>) -> Result<SyncResponse, ApiError> {
    let (api, _) = serve(vec![bytes]).await;
    api.sync("token", &request()).await
}

#[tokio::test]
async fn a_sync_travels_compressed_both_ways_and_is_counted() {
    let headers = format!("{OURS}content-encoding: zstd\r\n");
    let (api, asked) = serve(vec![answer("200 OK", &headers, &packed())]).await;
    assert_eq!(api.sync("token-1", &request()).await, Ok(response()));
    let asked = asked.lock().expect("held");
    let (head, body) = &asked[0];
    assert!(head.starts_with("post /base/sync http/1.1"), "{head}");
    for line in ["authorization: bearer token-1", "content-encoding: zstd", "storewalk-protocol: 1"] {
        assert!(head.contains(line), "{line} in {head}");
    }
    let sent: SyncRequest = serde_json::from_slice(&zstd::decode_all(body.as_slice()).expect("zstd")).expect("json");
    assert_eq!(sent, request());
    let traffic = api.traffic();
    assert_eq!((traffic.up, traffic.down), (body.len() as u64, packed().len() as u64));
}

#[tokio::test]
async fn what_came_too_slowly_is_the_lines_fault_and_not_the_works() {
    let told = sync_with(answer("408 Request Timeout", OURS, b"{}")).await;
    assert_eq!(told, Err(ApiError::Timeout));
}

#[tokio::test]
async fn an_answer_may_rest_on_the_words_of_its_request_and_on_those_alone() {
    let headers = format!("{OURS}content-encoding: {ANSWER_CODING}\r\n");
    let resting_on = |asked: &SyncRequest| {
        let asked = serde_json::to_vec(asked).expect("json");
        let mut encoder = zstd::Encoder::with_ref_prefix(Vec::new(), 3, &asked).expect("a frame");
        encoder.include_checksum(true).expect("a checksum");
        serde_json::to_writer(&mut encoder, &response()).expect("json");
        encoder.finish().expect("packed")
    };
    let ours = resting_on(&request());
    assert_eq!(sync_with(answer("200 OK", &headers, &ours)).await, Ok(response()));
    let policies = serde_json::to_string(&response()).expect("json");
    let other = SyncRequest { capabilities: vec![policies], ..request() };
    let error = sync_with(answer("200 OK", &headers, &resting_on(&other))).await.expect_err("of another request");
    assert!(matches!(error, ApiError::NotTheServer(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_compression_is_read_too() {
    let plain = serde_json::to_vec(&response()).expect("json");
    assert_eq!(sync_with(answer("200 OK", OURS, &plain)).await, Ok(response()));
}

#[tokio::test]
async fn a_captive_portal_is_not_the_server() {
    let page = b"<html>Welcome! Log in to use this network.</html>";
    let portals = [
        answer("200 OK", "content-type: text/html\r\n", page),
        answer("302 Found", "location: http://portal.example/\r\n", b""),
        answer("401 Unauthorized", "content-type: text/html\r\n", page),
        answer("502 Bad Gateway", "", b""),
        answer("200 OK", OURS, page),
    ];
    for portal in portals {
        let error = sync_with(portal).await.expect_err("no answer");
        assert!(matches!(error, ApiError::NotTheServer(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_body_cut_anywhere_is_no_answer() {
    let headers = format!("{OURS}content-encoding: zstd\r\n");
    let whole = answer("200 OK", &headers, &packed());
    let body_at = whole.len() - packed().len();
    for cut in [body_at, body_at + 1, body_at + packed().len() / 2, whole.len() - 1] {
        let error = sync_with(whole[..cut].to_vec()).await.expect_err("cut");
        assert!(matches!(error, ApiError::NotTheServer(_)), "at {cut}: {error:?}");
    }
    let mut garbled = whole;
    let middle = body_at + packed().len() / 2;
    garbled[middle..].iter_mut().for_each(|byte| *byte ^= 0x55);
    assert!(matches!(sync_with(garbled).await, Err(ApiError::NotTheServer(_))));
}

#[tokio::test]
async fn nobody_there_is_offline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let api = HttpApi::new(&format!("http://{address}")).expect("an address");
    assert_eq!(api.sync("token", &request()).await, Err(ApiError::Offline));
}

#[tokio::test]
async fn a_line_that_breaks_before_the_answer_or_speaks_no_http_is_offline() {
    assert_eq!(sync_with(Vec::new()).await, Err(ApiError::Offline));
    assert_eq!(sync_with(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()).await, Err(ApiError::Offline));
}

#[tokio::test]
async fn a_busy_server_says_how_long_to_wait() {
    let asked = answer("429 Too Many Requests", &format!("{OURS}retry-after: 17\r\n"), b"");
    assert_eq!(sync_with(asked).await, Err(ApiError::Busy { retry_after_ms: Some(17_000) }));
    let silent = answer("503 Service Unavailable", OURS, b"");
    assert_eq!(sync_with(silent).await, Err(ApiError::Busy { retry_after_ms: None }));
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_a_code_of_tomorrow_is_still_a_refusal() {
    for (name, code) in [("token_invalid", ErrorCode::TokenInvalid), ("moon_phase", ErrorCode::Unknown)] {
        let body = serde_json::json!({
            "type": format!("urn:storewalk:problem:{name}"), "title": "…", "status": 401, "code": name,
        });
        let bytes = answer("401 Unauthorized", OURS, body.to_string().as_bytes());
        match sync_with(bytes).await {
            Err(ApiError::Refused(body)) => assert_eq!(body.code, code),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_photo_is_created_found_and_added_to_by_the_rules_of_tus() {
    let photo = PhotoId(Uuid::from_u128(7));
    let upload = UploadRequest { photo_id: photo, variant: Variant::Original, size_bytes: 10, sha256: "ab".into() };
    let created = answer("201 Created", &format!("{OURS}location: /uploads/x\r\n"), b"");
    let found = b"HTTP/1.1 200 OK\r\nconnection: close\r\nstorewalk-protocol: 1\r\nupload-offset: 4\r\n\r\n".to_vec();
    let added = format!("HTTP/1.1 204 No Content\r\nconnection: close\r\n{OURS}upload-offset: 10\r\n\r\n").into_bytes();
    let (api, asked) = serve(vec![created, found, added]).await;
    let state = api.create_upload("token", &upload).await.expect("created");
    assert_eq!((state.offset, state.is_complete), (4, false));
    let state = api.append_upload("token", &upload, 4, b"456789".to_vec()).await.expect("added");
    assert_eq!((state.offset, state.is_complete), (10, true));
    let asked = asked.lock().expect("held");
    let heads: Vec<&str> = asked.iter().map(|(head, _)| head.lines().next().expect("a line")).collect();
    let place = format!("/base/uploads/{photo}/original");
    let expected =
        ["post /base/uploads http/1.1".to_owned(), format!("head {place} http/1.1"), format!("patch {place} http/1.1")];
    assert_eq!(heads, expected);
    assert!(asked[0].0.contains("upload-length: 10"));
    // The head is in lower case here, base64 with it.
    assert!(asked[0].0.contains("upload-metadata: photo_id "), "{}", asked[0].0);
    assert!(asked[2].0.contains("upload-offset: 4"));
    assert!(asked[2].0.contains("content-type: application/offset+octet-stream"));
    assert_eq!(asked[2].1, b"456789");
}

#[tokio::test]
async fn a_small_photo_goes_along_with_its_announcement_in_one_request() {
    let photo = PhotoId(Uuid::from_u128(7));
    let upload = UploadRequest { photo_id: photo, variant: Variant::Thumbnail, size_bytes: 3, sha256: "ab".into() };
    let created = || answer("201 Created", &format!("{OURS}upload-offset: 3\r\n"), b"");
    let without_offset = answer("201 Created", OURS, b"");
    let (api, asked) = serve(vec![created(), without_offset]).await;
    let state = api.begin_upload("token", &upload, b"abc".to_vec()).await.expect("taken");
    assert_eq!((state.offset, state.is_complete), (3, true));
    // A server that does not say what became of the bytes has not taken them.
    assert!(matches!(api.begin_upload("token", &upload, b"abc".to_vec()).await, Err(ApiError::NotTheServer(_))));
    let asked = asked.lock().expect("held");
    assert_eq!((asked.len(), asked[0].1.as_slice()), (2, b"abc".as_slice()));
    assert!(asked[0].0.starts_with("post /base/uploads http/1.1"), "{}", asked[0].0);
    assert!(asked[0].0.contains("upload-length: 3") && asked[0].0.contains("upload-metadata: photo_id "));
    assert!(asked[0].0.contains("content-type: application/offset+octet-stream"));
}

#[tokio::test]
async fn a_photo_the_server_has_whole_is_complete_at_once() {
    let upload = UploadRequest {
        photo_id: PhotoId(Uuid::nil()),
        variant: Variant::Thumbnail,
        size_bytes: 3,
        sha256: "ab".into(),
    };
    let (api, _) = serve(vec![answer("201 Created", &format!("{OURS}upload-offset: 3\r\n"), b"")]).await;
    assert!(api.create_upload("token", &upload).await.expect("found").is_complete);
}

#[tokio::test]
async fn an_offset_beyond_the_photo_does_not_complete_it() {
    let photo_id = PhotoId(Uuid::nil());
    let upload = UploadRequest { photo_id, variant: Variant::Thumbnail, size_bytes: 3, sha256: "ab".into() };
    let beyond = || answer("201 Created", &format!("{OURS}upload-offset: 4\r\n"), b"");
    let (api, _) = serve(vec![beyond(), beyond(), beyond()]).await;
    let states = [
        api.create_upload("token", &upload).await,
        api.begin_upload("token", &upload, b"abc".to_vec()).await,
        api.append_upload("token", &upload, 0, b"abc".to_vec()).await,
    ];
    for state in states {
        let state = state.expect("an answer of ours");
        assert_eq!((state.offset, state.is_complete), (4, false));
    }
}

#[tokio::test]
async fn a_password_is_never_in_what_is_logged_of_a_request() {
    let request = SignInRequest {
        login: "liwen".into(),
        password: "geheim".into(),
        device: storewalk_wire::DeviceInfo {
            device_id: storewalk_domain::ids::DeviceId(Uuid::nil()),
            name: String::new(),
            platform: "test".into(),
            app_version: "1".into(),
            parcel_key: None,
            number: None,
        },
        marks: None,
        copy_of: None,
    };
    assert!(!format!("{request:?}").contains("geheim"));
}

#[test]
fn an_address_that_is_none_is_refused_when_the_core_is_opened() {
    for address in ["", "storewalk.example", "ftp://storewalk.example", "http://"] {
        let dir = tempfile::tempdir().expect("a folder");
        let error = Phone::open(Config::new(dir.path(), address)).expect_err("refused");
        assert_eq!(error.code(), "internal", "{address}");
    }
    assert!(HttpApi::new("https://storewalk.example/").is_ok());
}
