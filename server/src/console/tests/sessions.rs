use axum::http::StatusCode;

use crate::console::fixtures::*;

#[tokio::test]
async fn who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page() {
    let mut bench = Bench::empty(rows()).await;
    bench.read_in("en");
    let sent = bench.get("/console/photos?state=all").await;
    assert_eq!(
        (sent.status, sent.location.as_str()),
        (StatusCode::SEE_OTHER, "/console/sign-in?back=%2Fconsole%2Fphotos%3Fstate%3Dall")
    );
    let page = bench.get(&sent.location).await;
    assert_eq!(page.field("action=\"/console/sign-in\"", "back"), "/console/photos?state=all");
    let fields = [("login", "zhaomin"), ("password", "qiming-2025"), ("back", "/console/photos?state=all")];
    let signed_in = bench.post("/console/sign-in", &fields).await;
    assert_eq!(signed_in.location, "/console/photos?state=all");
    assert_eq!(bench.get("/console/photos?state=all").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_password_says_what_to_do_and_keeps_the_name() {
    let mut bench = Bench::empty(rows()).await;
    bench.read_in("en");
    let refused = bench.sign_in("zhaomin", "wrong").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.body.contains("The login name or the password is wrong"));
    assert!(refused.body.contains("value=\"zhaomin\"") && !refused.body.contains("value=\"wrong\""));
}

#[tokio::test]
async fn a_rep_is_told_to_use_the_app() {
    let mut bench = Bench::empty(rows()).await;
    bench.read_in("en");
    let refused = bench.sign_in("liwen", "qiming-2025").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("Reps and dealers use the app"));
}

#[tokio::test]
async fn too_many_attempts_are_told_how_long_to_wait() {
    let mut bench = Bench::empty(rows()).await;
    bench.read_in("en");
    let mut last = bench.sign_in("zhaomin", "wrong").await;
    for _ in 0..20 {
        last = bench.sign_in("zhaomin", "wrong").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.body.contains("Too many attempts") && last.body.contains("seconds"), "{}", last.body);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_needs_the_pages_token() {
    let mut bench = Bench::signed_in().await;
    assert_eq!(bench.post("/console/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    let token = bench.get("/console/").await.field("", "form_token");
    let out = bench.post("/console/sign-out", &[("form_token", &token)]).await;
    assert_eq!(out.location, "/console/sign-in");
    assert_eq!(bench.get("/console/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_from_another_site_is_not_obeyed() {
    let mut bench = Bench::signed_in().await;
    let token = bench.get("/console/").await.field("", "form_token");
    let fields = [("form_token", token.as_str())];
    let refused = bench.post_from("https://evil.example", "/console/sign-out", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(bench.get("/console/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_language_is_chosen_on_any_page_and_remembered() {
    let mut bench = Bench::signed_in().await;
    let switched = bench.post("/console/language", &[("language", "zh-Hans"), ("back", "/console/orders")]).await;
    assert_eq!(switched.location, "/console/orders");
    let page = bench.get("/console/orders").await.body;
    assert!(page.contains("<html lang=\"zh-Hans\">") && page.contains("信用冻结"));
    let foreign = bench.post("/console/language", &[("language", "en"), ("back", "//evil.example")]).await;
    assert_eq!(foreign.location, "/console/");
}
