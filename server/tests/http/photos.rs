//! Who may look at photos.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Method, header},
};
use object_store::memory::InMemory;
use storewalk_domain::{
    ids::{PhotoId, VerdictId},
    outlet::Role,
    photo::VerdictDecision,
    sync::ReviewPhoto,
};
use storewalk_server::{
    admin::NewAccount,
    auth::console,
    blob::{BlobStore, Shelf},
    store::{Account, StoreError, ViewKind},
};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use crate::{
    fixture::{self, fresh, jpeg},
    phone::Phone,
    uploads::Shot,
    world::{PASSWORD, World, account, bearing},
};

async fn looking(world: &World, shot: &Shot, login: &str) -> u16 {
    let token = Phone::of(world, login).await.access;
    let path = format!("/photos/{}/original", shot.photo);
    world.call(Method::GET, &path, Some(&token)).await.status.as_u16()
}

#[tokio::test]
async fn a_photo_is_shown_to_its_territory_and_to_those_who_watch_its_region() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(1)).await;
    assert_eq!(looking(&world, &shot, "boss").await, 404, "its bytes are still on the phone");
    shot.deliver(&world).await;
    let admin = NewAccount { user_id: storewalk_domain::ids::UserId(fresh()), ..account("root", Role::Admin) };
    let elsewhere = NewAccount {
        user_id: storewalk_domain::ids::UserId(fresh()),
        region_code: Some("elsewhere".into()),
        ..account("other", Role::Supervisor)
    };
    world.add(admin).await;
    world.add(elsewhere).await;
    for (login, status) in
        [("rep1", 200), ("boss", 200), ("root", 200), ("rep2", 404), ("dealer1", 404), ("other", 404)]
    {
        assert_eq!(looking(&world, &shot, login).await, status, "{login}");
    }
}

#[tokio::test]
async fn the_bytes_are_those_that_were_sent_and_nobody_elses_cache_keeps_them() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(2)).await;
    shot.deliver(&world).await;
    let path = format!("/photos/{}/original", shot.photo);
    let reply = world.call(Method::GET, &path, Some(&shot.phone.access)).await;
    assert_eq!(reply.body, shot.bytes);
    assert_eq!(reply.header("content-type"), "image/jpeg");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert!(reply.header("cache-control").starts_with("private"));
    assert_eq!(reply.header("content-length"), shot.bytes.len().to_string());
    let again = bearing(Method::GET, &path, Some(&shot.phone.access)).header("if-none-match", reply.header("etag"));
    let again = world.send(again.body(Body::empty()).expect("a request")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    for (path, status) in [
        (format!("/photos/{}/thumbnail", shot.photo), 404),
        (format!("/photos/{}/original", fresh()), 404),
        ("/photos/x/original".to_owned(), 404),
    ] {
        assert_eq!(world.call(Method::GET, &path, Some(&shot.phone.access)).await.status, status, "{path}");
    }
    let nobody = world.call(Method::GET, &path, None).await;
    assert_eq!((nobody.status.as_u16(), nobody.code().as_str()), (401, "token_invalid"));
}

#[tokio::test]
async fn the_console_shows_photos_by_its_cookie() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(3)).await;
    shot.deliver(&world).await;
    let here = std::net::IpAddr::from([127, 0, 0, 1]);
    let (cookie, _) = console::sign_in(&world.state, here, "boss", PASSWORD).await.expect("signed in");
    let path = format!("/photos/{}/original", shot.photo);
    let request =
        bearing(Method::GET, &path, None).header(header::COOKIE, format!("{}={}", cookie.name(), cookie.value()));
    assert_eq!(world.send(request.body(Body::empty()).expect("a request")).await.status, 200);
    assert_eq!(fixture::rep(1), storewalk_domain::ids::UserId(Uuid::from_u128(101)));
}

#[tokio::test]
async fn a_link_shows_one_photo_to_one_person_for_some_minutes() {
    for shelf in [None, Some(Shelf::bucket(Arc::new(InMemory::new()), "photos"))] {
        let world = World::tuned(|state| {
            if let Some(shelf) = shelf {
                state.blobs = Arc::new(BlobStore::clone(&state.blobs).on(shelf));
            }
        });
        let world = world.await;
        let shot = Shot::of(&world, jpeg(7)).await;
        let wish = format!("/photos/{}/original/link", shot.photo);
        let early = world.call(Method::POST, &wish, Some(&shot.phone.access)).await;
        assert_eq!(early.status, 404, "its bytes are still on the phone");
        shot.deliver(&world).await;
        for login in ["rep2", "dealer1"] {
            let other = Phone::of(&world, login).await.access;
            assert_eq!(world.call(Method::POST, &wish, Some(&other)).await.status, 404, "{login}");
        }
        assert_eq!(world.call(Method::POST, &wish, None).await.status, 401);
        let given = world.call(Method::POST, &wish, Some(&shot.phone.access)).await;
        let path = given.json()["path"].as_str().expect("a path").to_owned();
        let shown = world.call(Method::GET, &path, None).await;
        assert_eq!(shown.body, shot.bytes);
        assert_eq!(shown.header("cache-control"), "private, max-age=300", "no copy outlives the link");
        let (rep, other) = (fixture::rep(1).to_string(), fixture::rep(2).to_string());
        let last = path.chars().last().expect("a seal");
        for forged in [
            path.replace(&rep, &other),
            path.replace("/original", "/thumbnail"),
            path.replace("until=", "until=1"),
            format!("{}{}", &path[..path.len() - 1], if last == '0' { '1' } else { '0' }),
            path[..path.len() - 2].to_owned(),
            path.replace(&shot.photo.to_string(), &fresh().to_string()),
        ] {
            assert_ne!(forged, path);
            assert_eq!(world.call(Method::GET, &forged, None).await.status, 404, "{forged}");
        }
        bar(&world, true).await;
        assert_eq!(world.call(Method::GET, &path, None).await.status, 404, "its person may not look any more");
        bar(&world, false).await;
        assert_eq!(world.call(Method::GET, &path, None).await.status, 200);
        world.clock.advance(5 * 60_000);
        assert_eq!(world.call(Method::GET, &path, None).await.status, 404, "it has ended");
    }
}

/// Bars the rep, or lets them in again.
async fn bar(world: &World, is_disabled: bool) {
    let barred = world.state.store.write::<_, StoreError>(move |txn| {
        let account = txn.account(fixture::rep(1))?.expect("an account");
        txn.put_account(&Account { is_disabled, ..account })
    });
    barred.await.expect("written");
}

#[tokio::test]
async fn whoever_says_that_a_photo_is_only_fetched_ahead_is_in_the_log_of_views() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(9)).await;
    shot.deliver(&world).await;
    let path = format!("/photos/{}/original", shot.photo);
    let ahead = |path: &str, token: Option<&str>| bearing(Method::GET, path, token).header("sec-purpose", "prefetch");
    let viewers = async || {
        let id = PhotoId(shot.photo);
        let views = world.state.store.read(move |snapshot| snapshot.views(id, 9)).await.expect("read");
        views.into_iter().map(|view| (view.user_id, view.kind)).collect::<Vec<_>>()
    };
    let here = std::net::IpAddr::from([127, 0, 0, 1]);
    let (cookie, _) = console::sign_in(&world.state, here, "boss", PASSWORD).await.expect("signed in");
    let page = ahead(&path, None).header(header::COOKIE, format!("{}={}", cookie.name(), cookie.value()));
    assert_eq!(world.send(page.body(Body::empty()).expect("a request")).await.status, 200);
    let ahead_of_page = (fixture::supervisor(), ViewKind::FileAhead);
    assert_eq!(viewers().await, [ahead_of_page], "told apart, and not left out: anybody can say so");
    let token = Phone::of(&world, "boss").await.access;
    assert_eq!(world.send(ahead(&path, Some(&token)).body(Body::empty()).expect("a request")).await.status, 200);
    assert_eq!(viewers().await, [(fixture::supervisor(), ViewKind::File), ahead_of_page]);
    let link = world.call(Method::POST, &format!("{path}/link"), Some(&shot.phone.access)).await;
    let link = link.json()["path"].as_str().expect("a path").to_owned();
    world.clock.advance(1_000);
    assert_eq!(world.send(ahead(&link, None).body(Body::empty()).expect("a request")).await.status, 200);
    assert_eq!(viewers().await[0], (fixture::rep(1), ViewKind::File));
}

/// Rejects a photo with a reference, or takes that back; the verdict.
async fn decide(boss: &mut Phone, world: &World, photo: Uuid, decision: VerdictDecision, reference: Uuid) -> Uuid {
    let verdict = fresh();
    let is_rejection = decision == VerdictDecision::Rejected;
    let command = ReviewPhoto {
        verdict_id: VerdictId(verdict),
        photo_id: PhotoId(photo),
        decision,
        reason: is_rejection.then(|| "empty_slot".to_owned()),
        note: String::new(),
        pin: None,
        reference_photo_id: is_rejection.then_some(PhotoId(reference)),
        due_on: None,
    };
    assert_eq!(boss.command(world, command.into()).await, CommandVerdict::Applied);
    verdict
}

#[tokio::test]
async fn d8_a_reference_is_shown_to_whoever_must_take_the_photo_anew_while_the_verdict_stands() {
    let world = World::new().await;
    let shot = Shot::of(&world, jpeg(7)).await;
    shot.deliver(&world).await;
    // The reference is a photo of another territory.
    let mut colleague = Phone::of(&world, "rep2").await;
    let (visit, example, small) = (fresh(), fresh(), jpeg(8));
    assert_eq!(colleague.command(&world, fixture::start_visit(visit, 2)).await, CommandVerdict::Applied);
    let attach = fixture::attach_photo(example, visit, &jpeg(9));
    assert_eq!(colleague.command(&world, attach).await, CommandVerdict::Applied);
    let example = Shot { phone: colleague, photo: example, bytes: jpeg(9) };
    example.deliver(&world).await;
    assert_eq!(example.create(&world, "thumbnail", &small).await.status, 201);
    assert_eq!(example.append(&world, "thumbnail", 0, small.clone()).await.status, 204);

    let mut boss = Phone::of(&world, "boss").await;
    let verdict = decide(&mut boss, &world, shot.photo, VerdictDecision::Rejected, example.photo).await;
    let path = format!("/verdicts/{verdict}/reference");
    let ask = async |token: Option<&str>, path: &str| world.call(Method::GET, path, token).await;
    let own = Some(shot.phone.access.as_str());
    let shown = ask(own, &path).await;
    assert_eq!((shown.status.as_u16(), shown.body.as_ref()), (200, small.as_slice()));
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(ask(own, &format!("/photos/{}/thumbnail", example.photo)).await.status, 404, "only as the reference");
    assert_eq!(ask(Some(&boss.access), &path).await.status, 200);
    for login in ["rep2", "dealer1"] {
        let stranger = Phone::of(&world, login).await;
        assert_eq!(ask(Some(&stranger.access), &path).await.status, 404, "{login}");
    }
    assert_eq!(ask(None, &path).await.status, 401);
    for nothing in [fresh().to_string(), "nothing".into(), "%20".into()] {
        assert_eq!(ask(own, &format!("/verdicts/{nothing}/reference")).await.status, 404, "{nothing}");
    }
    let moves = async |region: &str| {
        let region_code = Some(region.to_owned());
        let moved = world.state.store.write::<_, StoreError>(move |txn| {
            let account = txn.account(fixture::supervisor())?.expect("an account");
            txn.put_account(&Account { region_code, ..account })
        });
        moved.await.expect("written");
    };
    moves("elsewhere").await;
    assert_eq!(ask(own, &path).await.status, 404, "the reviewer may not see it any more");
    moves(fixture::REGION).await;
    assert_eq!(ask(own, &path).await.status, 200);
    decide(&mut boss, &world, shot.photo, VerdictDecision::Withdrawn, example.photo).await;
    assert_eq!(ask(own, &path).await.status, 404, "it ends with the verdict");
}
