//! Forms of the page "needs attention" over HTTP: whose they are, who may send them, and what they do.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use storewalk_domain::{
    outlet::Role,
    sync::{Refusal, RefusalSettled},
};
use storewalk_server::{admin::NewAccount, auth::console::sign_in};
use storewalk_wire::CommandVerdict;

use crate::{
    fixture::{fresh, start_visit},
    phone::Phone,
    world::{PASSWORD, Reply, World, account},
};

const HERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

/// Somebody at the console.
struct Desk {
    cookie: String,
    form_token: String,
}

async fn desk(world: &World, login: &str) -> Desk {
    let (cookie, session) = sign_in(&world.state, HERE, login, PASSWORD).await.expect("signed in");
    Desk { cookie: format!("{}={}", cookie.name(), cookie.value()), form_token: session.form_token }
}

async fn send(world: &World, path: &str, cookie: &str, site: &str, body: &str) -> Reply {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "console.test")
        .header(header::ORIGIN, site)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    world.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

const OWN_SITE: &str = "http://console.test";

/// A refused command: a visit in an outlet of another territory of the region.
async fn refused(world: &World) -> Refusal {
    let mut phone = Phone::of(world, "rep1").await;
    let verdict = phone.command(world, start_visit(fresh(), 2)).await;
    assert!(matches!(verdict, CommandVerdict::Refused { .. }));
    refusals(world).await.pop().expect("kept")
}

async fn refusals(world: &World) -> Vec<Refusal> {
    world.state.store.read(|snapshot| snapshot.attention(None)).await.expect("read").refusals
}

async fn outcome(world: &World) -> Option<(RefusalSettled, String)> {
    refusals(world).await.pop().expect("kept").outcome.map(|outcome| (outcome.how, outcome.reason))
}

#[tokio::test]
async fn only_a_form_of_ones_own_page_on_ones_own_site_decides() {
    let world = World::new().await;
    let refusal = refused(&world).await;
    let boss = desk(&world, "boss").await;
    let path = format!("/console/attention/{}", refusal.id);
    let body = |token: &str| format!("form_token={token}&wish=take_in&allow=territories");
    let own = body(&boss.form_token);
    for (what, cookie, site, body, status) in [
        ("from another site", boss.cookie.as_str(), "https://evil.test", own.as_str(), 403),
        ("without a token", &boss.cookie, OWN_SITE, "wish=take_in", 403),
        ("with the token of another session", &boss.cookie, OWN_SITE, body("x").as_str(), 403),
        ("by nobody", "", OWN_SITE, own.as_str(), 303),
        ("by rubbish", "storewalk_console=swc_0", OWN_SITE, own.as_str(), 303),
    ] {
        let reply = send(&world, &path, cookie, site, body).await;
        assert_eq!(reply.status, status, "{what}: {reply:?}");
        if status == 303 {
            assert!(reply.header("location").starts_with("/console/sign-in"), "{what}: {reply:?}");
        }
        assert_eq!(outcome(&world).await, None, "{what}");
    }
    let done = send(&world, &path, &boss.cookie, OWN_SITE, &own).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, &*format!("/console/attention?settled={}", refusal.id))
    );
    assert_eq!(outcome(&world).await, Some((RefusalSettled::TakenIn, String::new())));
    // Sent twice, and then the other button: what was decided stays.
    for body in [own, format!("form_token={}&wish=set_aside&reason=no", boss.form_token)] {
        assert_eq!(send(&world, &path, &boss.cookie, OWN_SITE, &body).await.status, 303);
    }
    assert_eq!(outcome(&world).await, Some((RefusalSettled::TakenIn, String::new())));
}

#[tokio::test]
async fn a_supervisor_of_another_region_finds_nothing_to_decide_and_bad_fields_are_named() {
    let world = World::new().await;
    let refusal = refused(&world).await;
    let stranger = NewAccount {
        user_id: storewalk_domain::ids::UserId(fresh()),
        region_code: Some("haicheng".into()),
        ..account("stranger", Role::Supervisor)
    };
    world.add(stranger).await;
    let path = format!("/console/attention/{}", refusal.id);
    let stranger = desk(&world, "stranger").await;
    let theirs = format!("form_token={}&wish=take_in&allow=territories", stranger.form_token);
    assert_eq!(send(&world, &path, &stranger.cookie, OWN_SITE, &theirs).await.status, 404);
    assert_eq!(outcome(&world).await, None);

    let boss = desk(&world, "boss").await;
    let with = |fields: &str| format!("form_token={}&{fields}", boss.form_token);
    for (fields, status) in [
        ("wish=take_in&allow=everything", 400),
        ("wish=set_aside&reason=%20", 400),
        ("wish=forget", 400),
        ("", 400),
        // The rules still object, and the page says so.
        ("wish=take_in", 422),
    ] {
        let reply = send(&world, &path, &boss.cookie, OWN_SITE, &with(fields)).await;
        assert_eq!(reply.status, status, "{fields}: {reply:?}");
    }
    let unknown = format!("/console/attention/{}", fresh());
    assert_eq!(send(&world, &unknown, &boss.cookie, OWN_SITE, &with("wish=take_in")).await.status, 404);
    assert_eq!(send(&world, "/console/attention/x", &boss.cookie, OWN_SITE, &with("wish=take_in")).await.status, 404);
    assert_eq!(outcome(&world).await, None);
    let aside = with("wish=set_aside&reason=%E5%B7%B2%E7%94%B1%E5%90%8C%E4%BA%8B%E6%8B%9C%E8%AE%BF");
    assert_eq!(send(&world, &path, &boss.cookie, OWN_SITE, &aside).await.status, 303);
    assert_eq!(outcome(&world).await, Some((RefusalSettled::SetAside, "已由同事拜访".into())));
}
