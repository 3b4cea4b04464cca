//! Photo bytes on their way: whole, cut, wrong, foreign.

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::stream;
use serde_json::Value;
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use crate::{
    fixture::{attach_photo, fresh, jpeg, sha256, start_visit},
    phone::{Phone, rows},
    world::{Reply, World, bearing},
};

/// A rep with a photo that is announced but not yet sent.
pub(crate) struct Shot {
    pub(crate) phone: Phone,
    pub(crate) photo: Uuid,
    pub(crate) bytes: Vec<u8>,
}

impl Shot {
    pub(crate) async fn of(world: &World, bytes: Vec<u8>) -> Self {
        let mut phone = Phone::of(world, "rep1").await;
        let (visit, photo) = (fresh(), fresh());
        assert_eq!(phone.command(world, start_visit(visit, 1)).await, CommandVerdict::Applied);
        assert_eq!(phone.command(world, attach_photo(photo, visit, &bytes)).await, CommandVerdict::Applied);
        Self { phone, photo, bytes }
    }

    pub(crate) fn place(&self, variant: &str) -> String {
        format!("/uploads/{}/{variant}", self.photo)
    }

    pub(crate) async fn create(&self, world: &World, variant: &str, bytes: &[u8]) -> Reply {
        create(world, &self.phone.access, self.photo, variant, bytes.len() as u64, &sha256(bytes)).await
    }

    pub(crate) async fn append(&self, world: &World, variant: &str, offset: u64, body: impl Into<Body>) -> Reply {
        append(world, &self.phone.access, &self.place(variant), offset, body.into()).await
    }

    pub(crate) async fn ask(&self, world: &World, variant: &str) -> Reply {
        tus(world, Method::HEAD, &self.place(variant), &self.phone.access, &[]).await
    }

    /// Sends the original whole.
    pub(crate) async fn deliver(&self, world: &World) {
        assert_eq!(self.create(world, "original", &self.bytes).await.status, 201);
        assert_eq!(self.append(world, "original", 0, self.bytes.clone()).await.status, 204);
    }

    pub(crate) async fn row(&mut self, world: &World) -> Value {
        self.phone.cursors.clear();
        let response = self.phone.sync(world, vec![]).await;
        rows(&response, "photos")[0].clone()
    }
}

pub(crate) async fn create(world: &World, token: &str, photo: Uuid, variant: &str, size: u64, hash: &str) -> Reply {
    let encode = |text: &str| STANDARD.encode(text);
    let metadata =
        format!("photo_id {},variant {},sha256 {}", encode(&photo.to_string()), encode(variant), encode(hash));
    let headers = [("upload-length", size.to_string()), ("upload-metadata", metadata)];
    tus(world, Method::POST, "/uploads", token, &headers).await
}

async fn append(world: &World, token: &str, place: &str, offset: u64, body: Body) -> Reply {
    let request = bearing(Method::PATCH, place, Some(token))
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", offset)
        .header("content-type", "application/offset+octet-stream");
    world.send(request.body(body).expect("a request")).await
}

pub(crate) async fn tus(world: &World, method: Method, path: &str, token: &str, headers: &[(&str, String)]) -> Reply {
    let request = bearing(method, path, Some(token)).header("tus-resumable", "1.0.0");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let reply = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(reply.header("tus-resumable"), "1.0.0");
    reply
}

#[tokio::test]
async fn a_photo_arrives_in_parts_and_is_received_when_its_hash_is_right() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(1)).await;
    assert_eq!(shot.row(&world).await["status"], "pending");
    let created = shot.create(&world, "original", &shot.bytes).await;
    assert_eq!((created.status.as_u16(), created.header("upload-offset")), (201, "0"));
    assert_eq!(created.header("location"), shot.place("original"));
    let (head, tail) = shot.bytes.split_at(100);
    let part = shot.append(&world, "original", 0, head.to_vec()).await;
    assert_eq!((part.status.as_u16(), part.header("upload-offset")), (204, "100"));
    let again = shot.create(&world, "original", &shot.bytes).await;
    assert_eq!((again.status.as_u16(), again.header("upload-offset")), (201, "100"));
    let asked = shot.ask(&world, "original").await;
    assert_eq!((asked.header("upload-offset"), asked.header("cache-control")), ("100", "no-store"));
    assert_eq!(asked.header("upload-length"), shot.bytes.len().to_string());
    assert_eq!(shot.append(&world, "original", 100, tail.to_vec()).await.status, 204);
    let row = shot.row(&world).await;
    assert_eq!((&row["status"], row["received_at"].is_i64()), (&Value::from("received"), true));
    let length = shot.bytes.len().to_string();
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), length);
    assert_eq!(shot.create(&world, "original", &shot.bytes).await.header("upload-offset"), length);
    assert_eq!(shot.append(&world, "original", shot.bytes.len() as u64, Vec::new()).await.status, 204);
}

#[tokio::test]
async fn bytes_that_came_before_the_line_died_are_kept() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(2)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let parts = [Ok(Bytes::copy_from_slice(&shot.bytes[..300])), Err(std::io::Error::other("the line died"))];
    let cut = shot.append(&world, "original", 0, Body::from_stream(stream::iter(parts))).await;
    assert_eq!((cut.code().as_str(), cut.header("upload-offset")), ("request_malformed", "300"));
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "300");
    assert_eq!(shot.append(&world, "original", 300, shot.bytes[300..].to_vec()).await.status, 204);
}

#[tokio::test]
async fn an_upload_whose_last_byte_came_just_before_the_line_died_is_taken_in_when_asked_about() {
    for ask_by_head in [true, false] {
        let world = World::new().await;
        let mut shot = Shot::of(&world, jpeg(4)).await;
        shot.create(&world, "original", &shot.bytes).await;
        let all = [Ok(Bytes::copy_from_slice(&shot.bytes)), Err(std::io::Error::other("the line died"))];
        shot.append(&world, "original", 0, Body::from_stream(stream::iter(all))).await;
        assert_eq!(shot.row(&world).await["status"], "pending", "nothing has verified it yet");
        let asked = if ask_by_head {
            shot.ask(&world, "original").await
        } else {
            shot.create(&world, "original", &shot.bytes).await
        };
        assert_eq!(asked.header("upload-offset"), shot.bytes.len().to_string());
        assert_eq!(shot.row(&world).await["status"], "received");
    }
}

#[tokio::test]
async fn a_wrong_offset_changes_nothing_and_says_the_right_one() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(3)).await;
    shot.create(&world, "original", &shot.bytes).await;
    shot.append(&world, "original", 0, shot.bytes[..50].to_vec()).await;
    for offset in [0, 49, 51, u64::MAX] {
        let reply = shot.append(&world, "original", offset, shot.bytes.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (409, "offset_mismatch"));
        assert_eq!(reply.header("upload-offset"), "50");
    }
}

#[tokio::test]
async fn wrong_bytes_set_the_upload_back_to_the_start() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(4)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let mut wrong = shot.bytes.clone();
    wrong[200] ^= 1;
    let reply = shot.append(&world, "original", 0, wrong).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (460, "checksum_mismatch"));
    assert_eq!(reply.header("upload-offset"), "0");
    assert_eq!(reply.json()["problems"][0]["code"], "photo_hash_mismatch");
    assert_eq!(shot.row(&world).await["status"], "pending");
    assert_eq!(shot.ask(&world, "original").await.header("upload-offset"), "0");
    assert_eq!(shot.append(&world, "original", 0, shot.bytes.clone()).await.status, 204);
    assert_eq!(shot.row(&world).await["status"], "received");
}

#[tokio::test]
async fn bytes_that_are_no_photo_are_refused_by_name_and_not_kept() {
    let world = World::new().await;
    let whole = jpeg(5);
    let mut huge = whole.clone();
    // The frame header of a baseline JPEG claims 65,500 by 65,500 pixels.
    let frame = huge.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
    huge[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    let cut = whole[..whole.len() - 30].to_vec();
    // Between the first segment, which is 18 bytes long, and the second.
    let damaged = [&whole[..20], &[0x55; 400], &whole[20..]].concat();
    let refused: [(&[u8], &str); 8] = [
        (b"<svg onload=alert(1)>", "photo_not_an_image"),
        (b"<html>Sign in to the hotel's network", "photo_not_an_image"),
        (&[0xFF, 0xD8, 0xFF, 0xE0, 0, 0], "photo_damaged"),
        (b"GIF89a....", "photo_format_refused"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "photo_format_refused"),
        (&huge, "photo_too_many_pixels"),
        (&cut, "photo_cut_off"),
        (&damaged, "photo_damaged"),
    ];
    for (bytes, code) in refused {
        let mut shot = Shot::of(&world, bytes.to_vec()).await;
        shot.create(&world, "original", &shot.bytes).await;
        let reply = shot.append(&world, "original", 0, shot.bytes.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (422, "refused"));
        assert_eq!(reply.json()["problems"][0]["code"], code, "{} bytes", bytes.len());
        assert_eq!(shot.row(&world).await["status"], "pending");
        assert_eq!(shot.ask(&world, "original").await.status, 404);
        assert_eq!(files(&world), Vec::<String>::new(), "{code}");
        finish_visit(&world, &mut shot).await;
    }
}

/// Every file in the folder of photos.
pub(crate) fn files(world: &World) -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path.display().to_string()) }
        }
    }
    let mut found = Vec::new();
    walk(&world.state.config.storage.data_dir.join("photos"), &mut found);
    found
}

/// Leaves the outlet without a word, so that the next visit can begin.
async fn finish_visit(world: &World, shot: &mut Shot) {
    let visits = world.state.store.read(|snapshot| snapshot.rows_of(storewalk_domain::sync::Table::Visits)).await;
    for row in visits.expect("visits") {
        let storewalk_domain::sync::Row::Visit(mut visit) = row else { continue };
        visit.status = storewalk_domain::visit::VisitStatus::Completed;
        storewalk_server::admin::load_rows(&world.state, vec![visit.into()]).await.expect("finished");
    }
    shot.phone.cursors.clear();
}

#[tokio::test]
async fn a_photo_of_somebody_else_or_of_nobody_is_not_there() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(6)).await;
    shot.create(&world, "original", &shot.bytes).await;
    for login in ["rep2", "dealer1", "boss"] {
        let other = Phone::of(&world, login).await.access;
        let hash = sha256(&shot.bytes);
        let size = shot.bytes.len() as u64;
        let made = create(&world, &other, shot.photo, "original", size, &hash).await;
        assert_eq!((made.status.as_u16(), made.code().as_str()), (404, "not_found"));
        assert_eq!(append(&world, &other, &shot.place("original"), 0, Body::from("x")).await.status, 404);
        assert_eq!(tus(&world, Method::HEAD, &shot.place("original"), &other, &[]).await.status, 404);
        assert_eq!(tus(&world, Method::DELETE, &shot.place("original"), &other, &[]).await.status, 404);
    }
    // The photo's own command has not arrived yet.
    let early = create(&world, &shot.phone.access, fresh(), "original", 5, &sha256(b"early")).await;
    assert_eq!(early.code(), "not_found");
    for place in ["/uploads/x/original", &format!("/uploads/{}/giant", shot.photo), "/uploads/../original"] {
        assert_eq!(append(&world, &shot.phone.access, place, 0, Body::from("x")).await.status, 404, "{place}");
    }
}

#[tokio::test]
async fn an_announcement_that_disagrees_with_the_photo_is_refused() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(7)).await;
    let token = &shot.phone.access;
    let (size, hash) = (shot.bytes.len() as u64, sha256(&shot.bytes));
    let other = create(&world, token, shot.photo, "original", size, &sha256(b"other")).await;
    assert_eq!((other.status.as_u16(), &other.json()["problems"][0]["code"]), (422, &"photo_hash_mismatch".into()));
    assert_eq!(create(&world, token, shot.photo, "original", size + 1, &hash).await.status, 422);
    assert_eq!(create(&world, token, shot.photo, "original", 0, &hash).await.code(), "request_malformed");
    assert_eq!(create(&world, token, shot.photo, "original", size, "../../x").await.code(), "request_malformed");
    assert_eq!(create(&world, token, shot.photo, "original", 1 << 40, &hash).await.code(), "body_too_large");
    assert_eq!(create(&world, token, shot.photo, "thumbnail", 65 * 1024, &hash).await.code(), "body_too_large");
    shot.deliver(&world).await;
    let other = create(&world, token, shot.photo, "original", size + 1, &sha256(b"other")).await;
    assert_eq!(other.status, 422, "nor does it stand for bytes that are held");
}

#[tokio::test]
async fn more_bytes_than_announced_are_refused() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(8)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let mut long = shot.bytes.clone();
    long.push(0);
    let announced = shot.append(&world, "original", 0, long.clone()).await;
    assert_eq!((announced.code().as_str(), announced.header("upload-offset")), ("body_too_large", "0"));
    let parts = long.chunks(64).map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)));
    let stream = Body::from_stream(stream::iter(parts.collect::<Vec<_>>()));
    let reply = shot.append(&world, "original", 0, stream).await;
    assert_eq!(reply.code(), "body_too_large");
    let held: usize = reply.header("upload-offset").parse().expect("an offset");
    assert!(held <= shot.bytes.len());
    let rest = shot.append(&world, "original", held as u64, shot.bytes[held..].to_vec()).await;
    assert_eq!(rest.status, 204);
}

#[tokio::test]
async fn headers_of_the_protocol_are_checked() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(9)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let token = Some(shot.phone.access.as_str());
    let place = shot.place("original");
    for version in [None, Some("0.2.2")] {
        let request = bearing(Method::HEAD, &place, token);
        let request = version.into_iter().fold(request, |request, version| request.header("tus-resumable", version));
        let reply = world.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!((reply.status.as_u16(), reply.header("tus-version")), (412, "1.0.0"));
    }
    let patch = |content_type: &'static str, offset: &'static str| {
        let request = bearing(Method::PATCH, &place, token).header("tus-resumable", "1.0.0");
        let request = request.header("content-type", content_type).header("upload-offset", offset);
        world.send(request.body(Body::from("x")).expect("a request"))
    };
    assert_eq!(patch("application/octet-stream", "0").await.code(), "content_type");
    for offset in ["", "-1", "x", "1e3", "+1"] {
        assert_eq!(patch("application/offset+octet-stream", offset).await.code(), "request_malformed");
    }
    let options = world.call(Method::OPTIONS, "/uploads", None).await;
    let extensions = "creation,creation-with-upload,checksum,expiration,termination";
    assert_eq!((options.status.as_u16(), options.header("tus-extension")), (204, extensions));
    assert_eq!((options.header("tus-version"), options.header("tus-resumable")), ("1.0.0", "1.0.0"));
    assert_eq!(options.header("tus-checksum-algorithm"), "sha1,sha256");
    assert_eq!(options.header("tus-max-size"), world.state.config.uploads.max_original_bytes.to_string());
}

#[tokio::test]
async fn an_upload_can_be_given_up_until_it_is_held() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(10)).await;
    shot.create(&world, "original", &shot.bytes).await;
    shot.append(&world, "original", 0, shot.bytes[..50].to_vec()).await;
    let given_up = tus(&world, Method::DELETE, &shot.place("original"), &shot.phone.access, &[]).await;
    assert_eq!(given_up.status, 204);
    assert_eq!(shot.ask(&world, "original").await.status, 404);
    assert_eq!(shot.create(&world, "original", &shot.bytes).await.header("upload-offset"), "0");
    shot.deliver(&world).await;
    let late = tus(&world, Method::DELETE, &shot.place("original"), &shot.phone.access, &[]).await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (410, "upload_gone"));
}

#[tokio::test]
async fn a_thumbnail_may_be_made_anew_and_travels_by_itself() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(11)).await;
    let (first, second) = (jpeg(12), jpeg(13));
    shot.create(&world, "thumbnail", &first).await;
    shot.append(&world, "thumbnail", 0, first[..40].to_vec()).await;
    assert_eq!(shot.create(&world, "thumbnail", &second).await.header("upload-offset"), "0");
    assert_eq!(shot.append(&world, "thumbnail", 0, second).await.status, 204);
    assert_eq!(shot.row(&world).await["status"], "pending", "the original is still to come");
}

#[tokio::test]
async fn a_network_that_lets_only_post_through_can_still_upload() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(14)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let post = |method: &'static str, body: Vec<u8>| {
        let request = bearing(Method::POST, &shot.place("original"), Some(&shot.phone.access))
            .header("tus-resumable", "1.0.0")
            .header("x-http-method-override", method)
            .header("upload-offset", "0")
            .header("content-type", "application/offset+octet-stream");
        world.send(request.body(Body::from(body)).expect("a request"))
    };
    assert_eq!(post("patch", shot.bytes.clone()).await.status, 204);
    assert_eq!(post("PUT", Vec::new()).await.code(), "method_not_allowed");
}

#[tokio::test]
async fn of_many_who_append_at_once_the_bytes_are_still_right() {
    let world = World::new().await;
    let mut shot = Shot::of(&world, jpeg(15)).await;
    shot.create(&world, "original", &shot.bytes).await;
    let racing = (0..4).map(|_| shot.append(&world, "original", 0, shot.bytes.clone()));
    let replies = futures::future::join_all(racing).await;
    for reply in &replies {
        assert!([204, 409].contains(&reply.status.as_u16()), "{reply:?}");
    }
    let held: usize = shot.ask(&world, "original").await.header("upload-offset").parse().expect("an offset");
    if held < shot.bytes.len() {
        shot.append(&world, "original", held as u64, shot.bytes[held..].to_vec()).await;
    }
    assert_eq!(shot.row(&world).await["status"], "received");
}
