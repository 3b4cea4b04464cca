//! The server's doors for bytes: `/sync` and the headers of an upload.

use std::sync::{LazyLock, Mutex, PoisonError};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storewalk_server::{AppState, Config, app};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use crate::world;

struct House {
    runtime: tokio::runtime::Runtime,
    router: Router,
    /// Tokens of the one who sends rubbish and of a bystander.
    tokens: [String; 2],
    _folder: TempDir,
}

static HOUSE: LazyLock<Mutex<Option<House>>> = LazyLock::new(|| Mutex::new(build().ok()));

fn build() -> anyhow::Result<House> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut config = Config::default();
    config.storage.data_dir = folder.path().to_path_buf();
    (config.auth.argon2_memory_kib, config.auth.argon2_passes) = (8, 1);
    let state = AppState::open(config)?;
    let router = app(state.clone());
    let tokens = runtime.block_on(async {
        crate::field::load_with(&state, crate::simulation::world::rows()).await?;
        let mut tokens = Vec::new();
        for login in ["liwen", "wangqiang"] {
            let device = json!({
                "device_id": Uuid::from_u128(tokens.len() as u128 + 1), "name": "", "platform": "t", "app_version": "1",
            });
            let body = json!({ "login": login, "password": world::PASSWORD, "device": device });
            let request = Request::post("/session").header(header::CONTENT_TYPE, "application/json");
            let (_, grant) = ask(&router, request.body(Body::from(body.to_string()))?).await?;
            tokens.push(grant["access_token"].as_str().unwrap_or_default().to_owned());
        }
        anyhow::Ok([tokens.remove(0), tokens.remove(0)])
    })?;
    Ok(House { runtime, router, tokens, _folder: folder })
}

async fn ask(router: &Router, request: Request<Body>) -> anyhow::Result<(u16, Value)> {
    let answer = router.clone().oneshot(request).await?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// A body for `/sync`, or with a first byte `u` the headers of an upload, line by line: answered, or refused with a
/// stable code, never a failure of the server's.
///
/// # Panics
/// When that does not hold, or the server does not open.
pub fn door(bytes: &[u8]) {
    let house = HOUSE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(house) = house.as_ref() else { panic!("the server opens") };
    let Some((flag, rest)) = bytes.split_first() else { return };
    let Some(request) =
        (if *flag == b'u' { upload(rest, &house.tokens[0]) } else { sync(*flag, rest, &house.tokens[0]) })
    else {
        return;
    };
    let answer = house.runtime.block_on(ask(&house.router, request));
    let (status, body) = answer.unwrap_or_else(|error| panic!("an answer: {error}"));
    assert!(status < 500, "{status}: {body}");
    if status >= 400 && *flag != b'u' {
        let code = body["code"].as_str().unwrap_or_default();
        assert!(!code.is_empty() && code != "internal", "a refusal without a code: {status} {body}");
    }
}

fn sync(flag: u8, rest: &[u8], token: &str) -> Option<Request<Body>> {
    let request = Request::post("/sync")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let (request, body) = match flag {
        b'p' => (request.header(header::CONTENT_ENCODING, "zstd"), zstd::encode_all(rest, 1).ok()?),
        b'z' => (request.header(header::CONTENT_ENCODING, "zstd"), rest.to_vec()),
        _ => (request, rest.to_vec()),
    };
    request.body(Body::from(body)).ok()
}

fn upload(rest: &[u8], token: &str) -> Option<Request<Body>> {
    let mut lines = rest.split(|byte| *byte == b'\n');
    let path = std::str::from_utf8(lines.next()?).ok()?;
    let mut request = Request::builder()
        .method(if path == "/uploads" { "POST" } else { "PATCH" })
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    for name in ["tus-resumable", "upload-length", "upload-offset", "upload-metadata", "content-type"] {
        request = request.header(name, lines.next().unwrap_or_default());
    }
    request.body(Body::from(lines.next().unwrap_or_default().to_vec())).ok()
}

/// Whether a bystander's phone is still served, whole.
///
/// # Errors
/// When the server does not open.
pub fn is_still_served() -> anyhow::Result<bool> {
    let house = HOUSE.lock().unwrap_or_else(PoisonError::into_inner);
    let house = house.as_ref().ok_or_else(|| anyhow::anyhow!("the server opens"))?;
    let request = sync(b'-', b"{\"protocol\":1}", &house.tokens[1]).ok_or_else(|| anyhow::anyhow!("a request"))?;
    let (status, body) = house.runtime.block_on(ask(&house.router, request))?;
    Ok(status == 200 && body["is_complete"] == true && body["acked_seq"] == 0)
}
