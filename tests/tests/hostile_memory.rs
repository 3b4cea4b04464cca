//! What bodies sent in bad faith cost the server: its process is fed with them, and the kernel says what it held at most.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use storewalk_client::{HttpApi, SystemClock};
use storewalk_domain::ids::DeviceId;
use storewalk_server::{AppState, Config};
use storewalk_tests::{field::Handset, figures::served::Served, world};
use storewalk_wire::{DeviceInfo, SignInRequest, SyncApi};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use uuid::Uuid;

/// Most memory the server may ever have held, in bytes.
const MOST: u64 = 200 * 1024 * 1024;

/// Long enough for any machine; never reached when all is well.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many lines at once.
const AT_ONCE: usize = 32;

const MIB: usize = 1024 * 1024;

/// A body in bad faith.
#[derive(Clone, Copy, Debug)]
enum Body {
    /// Announced and sent in full, far beyond any limit.
    Oversized,
    /// Without an end and without an announcement.
    Endless,
    /// 512 MiB of nothing, as zstd packs it: some kilobytes.
    Bomb,
    /// Bytes at random.
    Random,
}

const BODIES: [Body; 4] = [Body::Oversized, Body::Endless, Body::Bomb, Body::Random];

/// A door, and what a body for it is said to be.
struct Door {
    method: &'static str,
    path: String,
    kind: &'static str,
    headers: String,
}

fn doors(token: &str, form: &str) -> Vec<Door> {
    let bearer = format!("authorization: Bearer {token}\r\n");
    let own = format!("cookie: {form}\r\nsec-fetch-site: same-origin\r\n");
    let door = |method, path: &str, kind, headers: &str| Door {
        method,
        path: path.to_owned(),
        kind,
        headers: headers.to_owned(),
    };
    let photo = Uuid::from_u128(77);
    vec![
        door("POST", "/sync", "application/json", &bearer),
        door("POST", "/sync/heal", "application/json", &bearer),
        door("POST", "/sync/standing", "application/json", &bearer),
        door("POST", "/session", "application/json", ""),
        door("POST", "/session/refresh", "application/json", ""),
        door("POST", "/session/copy", "application/json", &bearer),
        door("POST", "/courier", "application/octet-stream", &bearer),
        door("POST", "/uploads", "application/json", &format!("{bearer}tus-resumable: 1.0.0\r\n")),
        door(
            "PATCH",
            &format!("/uploads/{photo}/original"),
            "application/offset+octet-stream",
            &format!("{bearer}tus-resumable: 1.0.0\r\nupload-offset: 0\r\n"),
        ),
        door("POST", "/console/sign-in", "application/x-www-form-urlencoded", &own),
        door("POST", &format!("/console/attention/{photo}"), "application/x-www-form-urlencoded", &own),
        door("POST", "/console/handover/outlet", "application/x-www-form-urlencoded", &own),
        door("POST", "/console/courier", "multipart/form-data; boundary=x", &own),
    ]
}

fn bomb() -> anyhow::Result<Vec<u8>> {
    let mut packed = zstd::Encoder::new(Vec::new(), 3)?;
    let nothing = vec![b'0'; MIB];
    for _ in 0..512 {
        std::io::Write::write_all(&mut packed, &nothing)?;
    }
    Ok(packed.finish()?)
}

/// Bytes that look like nothing, the same for the same seed.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// Sends one body to one door; the status it got, or nothing when the line was closed first.
async fn send(address: &str, door: &Door, body: Body, bomb: &[u8], seed: u64) -> anyhow::Result<Option<u16>> {
    let mut line = TcpStream::connect(address).await?;
    let (length, packing, mut left) = match body {
        Body::Oversized => (Some(64 * MIB), "", 64 * MIB),
        Body::Endless => (None, "", 64 * MIB),
        Body::Bomb => (Some(bomb.len()), "content-encoding: zstd\r\n", bomb.len()),
        Body::Random => (Some(48 * 1024), "", 48 * 1024),
    };
    let length =
        length.map_or("transfer-encoding: chunked\r\n".to_owned(), |bytes| format!("content-length: {bytes}\r\n"));
    let Door { method, path, kind, headers } = door;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncontent-type: {kind}\r\n{packing}\
         {headers}{length}\r\n"
    );
    line.write_all(head.as_bytes()).await?;
    let part = noise(seed, 64 * 1024);
    let (mut reader, mut writer) = line.split();
    let writing = async {
        while left > 0 {
            let count = left.min(part.len());
            let bytes = if let Body::Bomb = body { &bomb[bomb.len() - left..][..count] } else { &part[..count] };
            if let Body::Endless = body {
                writer.write_all(format!("{count:x}\r\n").as_bytes()).await?;
            }
            writer.write_all(bytes).await?;
            if let Body::Endless = body {
                writer.write_all(b"\r\n").await?;
            }
            left -= count;
        }
        std::future::pending::<std::io::Result<()>>().await
    };
    let mut answer = Vec::new();
    let reading = async {
        let mut part = [0; 4096];
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            let read = reader.read(&mut part).await?;
            if read == 0 {
                break;
            }
            answer.extend_from_slice(&part[..read]);
        }
        std::io::Result::Ok(())
    };
    // A server that will not read on may answer, or close the line under the one who still writes.
    let ended = timeout(PATIENCE, async {
        tokio::select! { read = reading => read, written = writing => written }
    });
    drop(ended.await.with_context(|| format!("{method} {path} {body:?} got no answer"))?);
    let status = String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(status)
}

/// Lines that send the beginning of a large body and then nothing, held open until all are there.
async fn stall(address: &str, doors: &[Door]) -> anyhow::Result<Vec<TcpStream>> {
    let mut lines = Vec::new();
    for number in 0..200 {
        let Door { method, path, kind, headers } = &doors[number % doors.len()];
        let mut line = TcpStream::connect(address).await?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncontent-type: {kind}\r\n{headers}\
             content-length: 4000000\r\n\r\n"
        );
        line.write_all(head.as_bytes()).await?;
        // Some doors answer before that much has come, and close.
        let _ = line.write_all(&vec![b' '; 128 * 1024]).await;
        lines.push(line);
    }
    Ok(lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_in_bad_faith_are_refused_and_cost_the_server_less_than_200_mb() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut config = Config::default();
    config.storage.data_dir = dir.path().join("server");
    (config.auth.argon2_memory_kib, config.auth.argon2_passes) = (8, 1);
    let state = AppState::open(config)?;
    storewalk_tests::field::load_world(&state).await?;
    drop(state);
    let server = Served::start_program(Path::new(env!("CARGO_BIN_EXE_torture")), &dir.path().join("server")).await?;
    let (token, cookie) = sign_in(&server.url).await?;
    let address = server.url.trim_start_matches("http://").to_owned();
    let (doors, bomb) = (Arc::new(doors(&token, &cookie)), Arc::new(bomb()?));

    let mut asked = JoinSet::new();
    let mut outcomes = Vec::new();
    let mut seed = 0;
    for place in 0..doors.len() {
        for body in BODIES {
            for _ in 0..4 {
                seed += 1;
                if asked.len() >= AT_ONCE {
                    outcomes.extend(asked.join_next().await.transpose()?);
                }
                let (address, doors, bomb) = (address.clone(), Arc::clone(&doors), Arc::clone(&bomb));
                asked.spawn(async move {
                    let door = &doors[place];
                    let status = send(&address, door, body, &bomb, seed).await;
                    (format!("{} {} {body:?}", door.method, door.path), status)
                });
            }
        }
    }
    while let Some(outcome) = asked.join_next().await {
        outcomes.push(outcome?);
    }
    let mut answered = 0;
    for (what, status) in outcomes {
        let Some(status) = status.with_context(|| what.clone())? else { continue };
        ensure!((400..500).contains(&status), "{what}: {status}");
        answered += 1;
    }
    ensure!(answered > doors.len() * 4, "only {answered} answers");

    let stalled = stall(&address, &doors).await?;
    // While they hang, a phone works as ever.
    let clock = Arc::new(SystemClock::new());
    let mut li = Handset::new("liwen", dir.path().join("li"), &server.url, &clock).await?;
    li.raise(world::outlet("S0101"), "照常")?;
    li.sync().await?;
    drop(stalled);

    let (_, held) = server.memory()?;
    ensure!(held < MOST, "the server held {} MB at most", held / 1_000_000);
    Ok(())
}

/// An access token of a phone, and the cookie of a supervisor at the console.
async fn sign_in(url: &str) -> anyhow::Result<(String, String)> {
    let device = DeviceInfo {
        device_id: DeviceId(Uuid::from_u128(5)),
        name: String::new(),
        platform: "test".to_owned(),
        app_version: "1".to_owned(),
        parcel_key: None,
        number: None,
    };
    let (login, password) = ("wangqiang".to_owned(), world::PASSWORD.to_owned());
    let request = SignInRequest { login, password, device, marks: None, copy_of: None };
    let grant = HttpApi::new(url)?.sign_in(&request).await?;

    let address = url.trim_start_matches("http://");
    let form = format!("login=zhaomin&password={}", world::PASSWORD);
    let mut line = TcpStream::connect(address).await?;
    let head = format!(
        "POST /console/sign-in HTTP/1.1\r\nhost: {address}\r\norigin: {url}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    line.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    line.read_to_string(&mut answer).await?;
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).context("a cookie")?;
    let cookie = cookie.split(';').next().context("a cookie")?.to_owned();
    Ok((grant.access_token, cookie))
}
