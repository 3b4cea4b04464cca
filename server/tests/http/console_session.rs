//! Console sessions: who gets one, and how it ends.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderValue, header};
use storewalk_domain::time::HOUR_MS;
use storewalk_server::auth::console::{current, sign_in, sign_out};
use storewalk_wire::ErrorCode;

use crate::world::{PASSWORD, World};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn with_cookie(name: &str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let text = format!("other=1; {name}={value}");
    headers.insert(header::COOKIE, HeaderValue::from_str(&text).expect("a header"));
    headers
}

#[tokio::test]
async fn a_supervisor_gets_a_session_that_scripts_cannot_read() {
    let world = World::new().await;
    let (cookie, session) = sign_in(&world.state, HERE, "boss", PASSWORD).await.expect("signed in");
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site().map(|policy| policy.is_strict()), Some(true));
    let headers = with_cookie(cookie.name(), cookie.value());
    let found = current(&world.state, &headers).await.expect("the store").expect("a session");
    assert_eq!(found.account.login, "boss");
    assert!(found.is_own_form(&session.form_token));
    assert!(!found.is_own_form("") && !found.is_own_form(cookie.value()));
}

#[tokio::test]
async fn a_session_ends_by_time_or_by_signing_out() {
    let world = World::new().await;
    let (cookie, _) = sign_in(&world.state, HERE, "boss", PASSWORD).await.expect("signed in");
    let headers = with_cookie(cookie.name(), cookie.value());
    let removal = sign_out(&world.state, &headers).await.expect("signed out");
    assert_eq!(removal.value(), "");
    assert!(current(&world.state, &headers).await.expect("the store").is_none());
    let (cookie, _) = sign_in(&world.state, HERE, "boss", PASSWORD).await.expect("signed in");
    let headers = with_cookie(cookie.name(), cookie.value());
    world.clock.advance(12 * HOUR_MS);
    assert!(current(&world.state, &headers).await.expect("the store").is_none());
}

#[tokio::test]
async fn a_rep_has_no_console_and_rubbish_is_no_session() {
    let world = World::new().await;
    let refused = sign_in(&world.state, HERE, "rep1", PASSWORD).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::NotPermitted);
    let refused = sign_in(&world.state, HERE, "boss", "wrong password").await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::SignInFailed);
    for value in ["", "x", "swc_0"] {
        let headers = with_cookie("storewalk_console", value);
        assert!(current(&world.state, &headers).await.expect("the store").is_none());
    }
}
