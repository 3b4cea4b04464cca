//! Who may look at photos.

use axum::{
    body::Body,
    http::{Method, header},
};
use storewalk_domain::outlet::Role;
use storewalk_server::{admin::NewAccount, auth::console};
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
