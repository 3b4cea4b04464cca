use axum::http::StatusCode;

use crate::console::{fixtures::*, html};

async fn approve(bench: &mut Bench) -> String {
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await;
    let command = page.field("class=\"decide-main\"", "command");
    let token = page.field("", "form_token");
    let fields = [("form_token", &*token), ("command", &*command), ("decision", "approved")];
    let done = bench.post(&format!("/console/photos/{WAITING_PHOTO}/verdict"), &fields).await;
    done.location.rsplit_once("done=").expect("a verdict").1.to_owned()
}

async fn look(bench: &mut Bench, verdict: &str, more: &[(&str, &str)]) -> Reply {
    let token = bench.get("/console/second").await.field("", "form_token");
    let mut fields = vec![("form_token", &*token)];
    fields.extend(more);
    bench.post(&format!("/console/second/{verdict}"), &fields).await
}

#[tokio::test]
async fn a_second_reviewer_judges_without_being_told_the_verdict_anywhere() {
    let mut bench = Bench::signed_in().await;
    bench.draw_all();
    let verdict = approve(&mut bench).await;
    assert!(bench.get("/console/second").await.body.contains("Nothing waits for your second look"), "not one's own");

    bench.change_to("second").await;
    assert!(bench.get("/console/second").await.body.contains("1 photo waits for your second look"));
    let sent = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await;
    assert_eq!((sent.status, sent.location), (StatusCode::SEE_OTHER, format!("/console/second/{verdict}")));
    let page = bench.get(&format!("/console/second/{verdict}")).await.body;
    assert_eq!(html::faults(&page), Vec::<String>::new());
    assert!(!page.contains("赵敏 ") && !page.contains("verdict that stands") && page.contains("without knowing"));
    let wall = bench.get("/console/photos?state=all").await.body;
    assert!(wall.contains("second look"), "the wall masks it");
    assert!(!bench.get("/console/photos?state=approved").await.body.contains(&WAITING_PHOTO.to_string()));

    let bare = look(&mut bench, &verdict, &[("decision", "rejected")]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    let rejected = [("decision", "rejected"), ("reason", "blurred")];
    assert_eq!(look(&mut bench, &verdict, &rejected).await.location, "/console/second");
    assert_eq!(look(&mut bench, &verdict, &rejected).await.location, "/console/second", "the same form again");
    let other = look(&mut bench, &verdict, &[("decision", "approved")]).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "one look, and no changing of mind after the verdict is shown");

    let page = bench.get("/console/agreement").await.body;
    for text in ["0.0 %", "Where they differ", "复核员", "Cohen 1960"] {
        assert!(page.contains(text), "{text} is missing in {page}");
    }
    let id = WAITING_PHOTO;
    let photo = bench.get(&format!("/console/photos/{id}")).await;
    assert_eq!(photo.status, StatusCode::OK);
    assert!(photo.body.contains("Verdict that stands"), "the look changed nothing");
}

#[tokio::test]
async fn whoever_asks_for_the_verdict_is_not_asked_for_a_blind_look_any_more() {
    let mut bench = Bench::signed_in().await;
    bench.draw_all();
    let verdict = approve(&mut bench).await;
    bench.change_to("second").await;
    let shown = bench.get(&format!("/console/photos/{WAITING_PHOTO}?reveal=1")).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(bench.get("/console/second").await.body.contains("Nothing waits"));
    let late = look(&mut bench, &verdict, &[("decision", "approved")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains("second_look_not_blind"), "{}", late.body);
}

#[tokio::test]
async fn a_withdrawn_verdict_is_not_looked_at_again() {
    let mut bench = Bench::signed_in().await;
    bench.draw_all();
    let verdict = approve(&mut bench).await;
    let token = bench.get("/console/review").await.field("", "form_token");
    let undone = bench.post("/console/review/undo", &[("form_token", &*token), ("verdict", &*verdict)]).await;
    assert_eq!(undone.location, "/console/review?withdrawn=1");
    bench.change_to("second").await;
    assert!(bench.get("/console/second").await.body.contains("Nothing waits"));
    assert_eq!(bench.get(&format!("/console/second/{verdict}")).await.status, StatusCode::NOT_FOUND);
}
