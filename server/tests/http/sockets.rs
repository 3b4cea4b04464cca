//! Real sockets: lines that die, stall or outlive the server.

use std::{future::Future, time::Duration};

use storewalk_domain::ids::PhotoId;
use storewalk_server::serve_on;
use storewalk_wire::Variant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

use crate::{fixture::jpeg, uploads::Shot, world::World};

/// Long enough for any machine; never reached when all is well.
const PATIENCE: Duration = Duration::from_mins(1);

struct Listening {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn listen(world: &World) -> Listening {
    listen_as(world.state.clone()).await
}

async fn listen_as(state: storewalk_server::AppState) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(serve_on(listener, state, async move { drop(stopped.await) }));
    Listening { address, stop, ended }
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.expect("in time")
}

/// Begins to append and sends `sent` bytes of the body.
async fn begin_append(server: &Listening, shot: &Shot, sent: usize) -> TcpStream {
    let mut line = TcpStream::connect(server.address).await.expect("a line");
    let head = format!(
        "PATCH {} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: {}\r\n\r\n",
        shot.place("original"),
        shot.phone.access,
        shot.bytes.len()
    );
    line.write_all(head.as_bytes()).await.expect("sent");
    line.write_all(&shot.bytes[..sent]).await.expect("sent");
    line
}

/// Waits until the server holds this many bytes.
async fn held(world: &World, shot: &Shot, count: u64) {
    in_time(async {
        while world.state.blobs.received(PhotoId(shot.photo), Variant::Original).expect("the disk") < count {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_line_that_dies_leaves_what_it_brought() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(21)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let server = listen(&world).await;
    let line = begin_append(&server, &shot, 500).await;
    held(&world, &shot, 500).await;
    drop(line);
    let asked = in_time(shot.ask(&world, "original")).await;
    assert_eq!(asked.header("upload-offset"), "500");
    assert_eq!(shot.append(&world, "original", 500, shot.bytes[500..].to_vec()).await.status, 204);
}

#[tokio::test]
async fn a_line_that_only_seems_alive_is_taken_over() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(22)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let server = listen(&world).await;
    let _stalled = begin_append(&server, &shot, 300).await;
    held(&world, &shot, 300).await;
    let rest = in_time(shot.append(&world, "original", 300, shot.bytes[300..].to_vec())).await;
    assert_eq!(rest.status, 204);
}

#[tokio::test]
async fn a_line_whose_bytes_still_come_is_left_alone() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(24)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let server = listen(&world).await;
    let mut living = begin_append(&server, &shot, 300).await;
    held(&world, &shot, 300).await;
    let mut intruder = std::pin::pin!(shot.append(&world, "original", 300, shot.bytes[300..].to_vec()));
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let mut sent = 300;
    let refused = in_time(async {
        loop {
            tokio::select! {
                reply = &mut intruder => break reply,
                _ = ticks.tick() => {
                    living.write_all(&shot.bytes[sent..=sent]).await.expect("sent");
                    sent += 1;
                }
            }
        }
    })
    .await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (423, "upload_locked"));
    living.write_all(&shot.bytes[sent..]).await.expect("sent");
    let mut answer = [0; 12];
    in_time(living.read_exact(&mut answer)).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 204");
}

#[tokio::test]
async fn a_sender_that_is_refused_while_it_sends_hears_why() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(25)).await;
    let server = listen(&world).await;
    for _ in 0..10 {
        let mut line = TcpStream::connect(server.address).await.expect("a line");
        let head = format!(
            "PATCH {} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer nobody\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
             content-type: application/offset+octet-stream\r\ncontent-length: 600000\r\n\r\n",
            shot.place("original")
        );
        line.write_all(head.as_bytes()).await.expect("sent");
        // The answer is on its way before most of the body is.
        line.readable().await.expect("an answer");
        for _ in 0..60 {
            line.write_all(&[7; 10_000]).await.expect("nobody hangs up on a sender for a moment");
        }
        let mut answer = [0; 12];
        in_time(line.read_exact(&mut answer)).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 401");
    }
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_it_began() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(23)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let server = listen(&world).await;
    let mut line = begin_append(&server, &shot, 400).await;
    held(&world, &shot, 400).await;
    server.stop.send(()).expect("told");
    line.write_all(&shot.bytes[400..]).await.expect("sent");
    let mut answer = Vec::new();
    in_time(line.read_to_end(&mut answer)).await.expect("an answer");
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 204"), "{answer:?}");
    in_time(server.ended).await.expect("no panic").expect("a clean end");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_those_who_listen_for_pokes() {
    let world = World::new().await;
    let phone = crate::phone::Phone::of(&world, "rep1").await;
    let server = listen(&world).await;
    let mut line = TcpStream::connect(server.address).await.expect("a line");
    let head = format!("GET /poke HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {}\r\n\r\n", phone.access);
    line.write_all(head.as_bytes()).await.expect("sent");
    let mut begun = [0; 12];
    in_time(line.read_exact(&mut begun)).await.expect("an answer");
    assert_eq!(&begun, b"HTTP/1.1 200");
    server.stop.send(()).expect("told");
    in_time(line.read_to_end(&mut Vec::new())).await.expect("the end of the stream");
    in_time(server.ended).await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn a_request_that_is_no_http_does_not_disturb_the_others() {
    let world = World::new().await;
    let server = listen(&world).await;
    let mut rubbish = TcpStream::connect(server.address).await.expect("a line");
    rubbish.write_all(b"\x16\x03\x01 hello\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    in_time(rubbish.read_to_end(&mut answer)).await.ok();
    let mut line = TcpStream::connect(server.address).await.expect("a line");
    line.write_all(b"GET /health HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    in_time(line.read_to_end(&mut answer)).await.expect("an answer");
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"), "{answer:?}");
}

#[tokio::test]
async fn a_line_that_never_says_what_it_wants_is_hung_up_on() {
    let world = World::new().await;
    let mut config = storewalk_server::Config::clone(&world.state.config);
    config.server.header_seconds = 1;
    let server = listen_as(storewalk_server::AppState { config: config.into(), ..world.state.clone() }).await;
    let mut silent = TcpStream::connect(server.address).await.expect("a line");
    let mut slow = TcpStream::connect(server.address).await.expect("a line");
    slow.write_all(b"GET /health HTTP/1.1\r\nhost: te").await.expect("sent");
    for line in [&mut silent, &mut slow] {
        let mut answer = Vec::new();
        // Hung up on, with or without a word.
        in_time(line.read_to_end(&mut answer)).await.ok();
        assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"), "{answer:?}");
    }
}
