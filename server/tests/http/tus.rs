//! The protocol's extensions: checksums, bytes with the creation, uploads that end by themselves.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::{FutureExt, StreamExt, stream};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use storewalk_domain::{ids::PhotoId, time::HOUR_MS};
use storewalk_server::service::upkeep;
use storewalk_wire::Variant;

use crate::{
    fixture::{jpeg, sha256},
    phone::Phone,
    uploads::{Shot, create, files, tus},
    world::{Reply, World, bearing},
};

/// An append with more headers.
async fn append_with(world: &World, shot: &Shot, offset: usize, body: impl Into<Body>, more: &[(&str, &str)]) -> Reply {
    let request = bearing(Method::PATCH, &shot.place("original"), Some(&shot.phone.access))
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", offset)
        .header("content-type", "application/offset+octet-stream");
    let request = more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    world.send(request.body(body.into()).expect("a request")).await
}

/// A creation that brings bytes along.
async fn create_with(world: &World, shot: &Shot, body: impl Into<Body>, more: &[(&str, &str)]) -> Reply {
    let encode = |text: &str| STANDARD.encode(text);
    let (photo, hash) = (encode(&shot.photo.to_string()), encode(&sha256(&shot.bytes)));
    let request = bearing(Method::POST, "/uploads", Some(&shot.phone.access))
        .header("tus-resumable", "1.0.0")
        .header("upload-length", shot.bytes.len())
        .header("upload-metadata", format!("photo_id {photo},variant b3JpZ2luYWw=,sha256 {hash},filename c2hlbGY="))
        .header("content-type", "application/offset+octet-stream");
    let request = more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    world.send(request.body(body.into()).expect("a request")).await
}

fn cut(bytes: &[u8]) -> Body {
    let parts = [Ok(Bytes::copy_from_slice(bytes)), Err(std::io::Error::other("the line died"))];
    Body::from_stream(stream::iter(parts))
}

#[tokio::test]
async fn a_part_whose_checksum_is_wrong_leaves_the_upload_where_it_was() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(31)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let (head, tail) = shot.bytes.split_at(300);
    let sha1 = |bytes: &[u8]| format!("sha1 {}", STANDARD.encode(Sha1::digest(bytes)));
    let sha256 = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)));
    for checksum in [sha1(tail), sha256(tail)] {
        let reply = append_with(&world, &shot, 0, head.to_vec(), &[("upload-checksum", &checksum)]).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (460, "checksum_mismatch"));
        assert_eq!((reply.header("upload-offset"), &reply.json()["at"]), ("0", &"upload-checksum".into()));
    }
    let right = append_with(&world, &shot, 0, head.to_vec(), &[("upload-checksum", &sha1(head))]).await;
    assert_eq!((right.status.as_u16(), right.header("upload-offset")), (204, "300"));
    let reply = append_with(&world, &shot, 300, tail.to_vec(), &[("upload-checksum", &sha256(head))]).await;
    assert_eq!((reply.status.as_u16(), reply.header("upload-offset")), (460, "300"));
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "300");
    for rubbish in ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 ???", ""] {
        let reply = append_with(&world, &shot, 300, tail.to_vec(), &[("upload-checksum", rubbish)]).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["at"]), (400, &"upload-checksum".into()), "{rubbish}");
    }
    let last = append_with(&world, &shot, 300, tail.to_vec(), &[("upload-checksum", &sha256(tail))]).await;
    assert_eq!(last.status, 204);
    assert_eq!(shot.row(&world).await["status"], "received");
}

#[tokio::test]
async fn of_a_part_with_a_checksum_that_was_cut_short_nothing_counts() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(32)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let checksum = format!("sha1 {}", STANDARD.encode(Sha1::digest(&shot.bytes)));
    let reply = append_with(&world, &shot, 0, cut(&shot.bytes[..200]), &[("upload-checksum", &checksum)]).await;
    assert_eq!((reply.status.as_u16(), reply.header("upload-offset")), (400, "0"));
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "0");
    assert!(!world.state.blobs.growing().unproven(PhotoId(shot.photo), Variant::Original).exists());
    // Without one, what came before the line died stays.
    append_with(&world, &shot, 0, cut(&shot.bytes[..200]), &[]).await;
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "200");
}

#[tokio::test]
async fn what_had_arrived_when_somebody_else_called_is_kept() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(33)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let (uploads, photo, bytes) = (Arc::clone(&world.state.uploads), PhotoId(shot.photo), shot.bytes.clone());
    let arrived = stream::iter([0, 100, 200]).map(move |from| {
        if from == 0 {
            // The call is heard at once, whether or not the caller waits for its turn.
            assert!(uploads.take(photo, Variant::Original).now_or_never().is_none());
        }
        Ok::<_, std::io::Error>(Bytes::copy_from_slice(&bytes[from..from + 100]))
    });
    let line = Body::from_stream(arrived.chain(stream::pending()));
    let reply = append_with(&world, &shot, 0, line, &[]).await;
    assert_eq!((reply.code().as_str(), reply.header("upload-offset")), ("offset_mismatch", "300"));
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "300");
}

#[tokio::test]
async fn bytes_may_come_with_the_creation_and_a_repeated_creation_goes_on() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(33)).await;
    // The answer to the first is lost; the client begins again from the start, and gets further.
    create_with(&world, &shot, cut(&shot.bytes[..200]), &[]).await;
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "200");
    create_with(&world, &shot, cut(&shot.bytes[..500]), &[]).await;
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "500");
    create_with(&world, &shot, cut(&shot.bytes[..300]), &[]).await;
    let asked = shot.ask(&world, "original").await;
    assert_eq!(asked.header("upload-offset"), "500");
    assert!(asked.header("upload-metadata").ends_with(",filename c2hlbGY="), "word for word");
    let made = create_with(&world, &shot, shot.bytes.clone(), &[]).await;
    let length = shot.bytes.len().to_string();
    assert_eq!((made.status.as_u16(), made.header("upload-offset")), (201, length.as_str()));
    assert_eq!(
        (made.header("location"), made.header("storewalk-receipt").is_empty()),
        (&*shot.place("original"), false)
    );
    assert_eq!(shot.row(&world).await["status"], "received");
    let held = create_with(&world, &shot, shot.bytes.clone(), &[]).await;
    assert_eq!((held.status.as_u16(), held.header("upload-offset")), (201, length.as_str()));
    let mut long = shot.bytes.clone();
    long.push(0);
    let other = Shot { photo: shot.photo, bytes: shot.bytes.clone(), phone: shot.phone };
    assert_eq!(create_with(&world, &other, long, &[]).await.status, 201, "held: what comes along is not read");
}

#[tokio::test]
async fn a_creation_with_more_bytes_than_it_announces_is_refused() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(34)).await;
    let mut long = shot.bytes.clone();
    long.push(0);
    let reply = create_with(&world, &shot, long, &[]).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "body_too_large"));
    let held: usize = shot.ask(&world, "original").await.header("upload-offset").parse().expect("an offset");
    assert!(held <= shot.bytes.len());
}

#[tokio::test]
async fn an_upload_that_nobody_goes_on_with_ends_and_leaves_nothing() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(35)).await;
    let keep_ms = i64::from(world.state.config.uploads.keep_hours) * HOUR_MS;
    let made = shot.create(&world, "original", &shot.bytes).await;
    let until = made.header("upload-expires").to_owned();
    assert!(until.ends_with(" GMT"), "{until}");
    shot.append(&world, "original", 0, shot.bytes[..100].to_vec()).await;
    // Going on moves the end.
    world.clock.advance(keep_ms - HOUR_MS);
    shot.phone = Phone::of(&world, "rep1").await;
    let part = shot.append(&world, "original", 100, shot.bytes[100..200].to_vec()).await;
    assert_ne!(part.header("upload-expires"), until);
    assert_eq!(shot.ask(&world, "original").await.header("upload-expires"), part.header("upload-expires"));
    world.clock.advance(keep_ms - HOUR_MS);
    shot.phone = Phone::of(&world, "rep1").await;
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "200");
    assert_eq!(files(&world).len(), 1);
    world.clock.advance(HOUR_MS);
    shot.phone = Phone::of(&world, "rep1").await;
    for _ in 0..2 {
        let token = &shot.phone.access;
        assert_eq!(shot.ask(&world, "original").await.status, 410);
        let late = shot.append(&world, "original", 200, shot.bytes[200..].to_vec()).await;
        assert_eq!((late.status.as_u16(), late.code().as_str()), (410, "upload_gone"));
        assert_eq!(tus(&world, Method::DELETE, &shot.place("original"), token, &[]).await.status, 410);
        upkeep::run(&world.state).await.expect("swept");
        assert_eq!(files(&world), Vec::<String>::new());
    }
    // Whoever comes back begins anew.
    let anew = shot.create(&world, "original", &shot.bytes).await;
    assert_eq!((anew.status.as_u16(), anew.header("upload-offset")), (201, "0"));
    shot.deliver(&world).await;
    assert_eq!(shot.ask(&world, "original").await.header("upload-expires"), "", "what is held does not end");
    world.clock.advance(3 * keep_ms);
    upkeep::run(&world.state).await.expect("swept");
    assert!(world.state.blobs.path_of(&sha256(&shot.bytes)).expect("a place").is_file());
}

#[tokio::test]
async fn what_a_killed_server_left_behind_is_swept_and_nothing_else() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(36)).await;
    shot.create(&world, "original", &shot.bytes).await;
    shot.append(&world, "original", 0, shot.bytes[..100].to_vec()).await;
    let growing = world.state.blobs.growing();
    let (mine, stranger) = (PhotoId(shot.photo), PhotoId(crate::fixture::fresh()));
    for left in [growing.unproven(mine, Variant::Original), growing.path(stranger, Variant::Thumbnail)] {
        std::fs::write(left, b"left behind").expect("written");
    }
    upkeep::run(&world.state).await.expect("swept");
    assert_eq!(files(&world), [growing.path(mine, Variant::Original).display().to_string()]);
    assert_eq!(shot.append(&world, "original", 100, shot.bytes[100..].to_vec()).await.status, 204);
}

#[tokio::test]
async fn bytes_that_were_taken_in_but_never_noted_go_with_their_upload() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(37)).await;
    shot.create(&world, "original", &shot.bytes).await;
    // The server ended between moving the file and noting it.
    let (blobs, hash) = (&world.state.blobs, sha256(&shot.bytes));
    std::fs::write(blobs.incoming(PhotoId(shot.photo), Variant::Original), &shot.bytes).expect("written");
    let rep = crate::fixture::rep(1);
    let grip = blobs.grip(&hash).await;
    blobs.adopt(&grip, PhotoId(shot.photo), Variant::Original, rep).await.expect("moved");
    drop(grip);
    upkeep::run(&world.state).await.expect("swept");
    assert_eq!(files(&world).len(), 2, "its upload may still go on");
    world.clock.advance(i64::from(world.state.config.uploads.keep_hours) * HOUR_MS);
    upkeep::run(&world.state).await.expect("swept");
    assert_eq!(files(&world), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_else_can_so_much_as_disturb_an_upload() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(38)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let other = Phone::of(&world, "rep2").await.access;
    let held = world.state.uploads.take(PhotoId(shot.photo), Variant::Original).await;
    for method in [Method::HEAD, Method::PATCH, Method::DELETE] {
        let more = [("upload-offset", "0".to_owned()), ("content-type", "application/offset+octet-stream".to_owned())];
        assert_eq!(tus(&world, method, &shot.place("original"), &other, &more).await.status, 404);
    }
    assert!(!held.has_been_called_for());
    drop(held);
    let size = shot.bytes.len() as u64;
    assert_eq!(create(&world, &other, shot.photo, "original", size, &sha256(&shot.bytes)).await.status, 404);
}
