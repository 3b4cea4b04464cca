use axum::http::StatusCode;
use storewalk_domain::{
    ids::PhotoId,
    photo::{Photo, PhotoStatus, Verdict},
    sync::{Find, StateExt},
};

use crate::{console::fixtures::*, store::StoreError};

fn address(photo: PhotoId) -> String {
    format!("/console/photos/{photo}")
}

fn verdict_address(photo: PhotoId) -> String {
    format!("/console/photos/{photo}/verdict")
}

async fn photo(bench: &Bench, id: PhotoId) -> Photo {
    let found = bench.state.store.read(move |snapshot| Ok::<_, StoreError>(snapshot.get(id.row())?)).await;
    found.expect("read").expect("there")
}

async fn verdicts(bench: &Bench) -> Vec<Verdict> {
    let found = bench.state.store.read(|snapshot| Ok::<_, StoreError>(snapshot.list(Find::VerdictsOfVisit(VISIT))?));
    found.await.expect("read")
}

async fn approve(bench: &mut Bench, id: PhotoId, page: &Reply) -> Reply {
    let token = page.field("", "form_token");
    let command = page.field("class=\"decide-main\"", "command");
    let fields = [("form_token", &*token), ("command", &*command), ("decision", "approved")];
    bench.post(&verdict_address(id), &fields).await
}

async fn reject(bench: &mut Bench, id: PhotoId, page: &Reply, more: &[(&str, &str)]) -> Reply {
    let token = page.field("", "form_token");
    let command = page.field("id=\"reject\"", "command");
    let mut fields = vec![("form_token", &*token), ("command", &*command), ("decision", "rejected")];
    fields.extend(more);
    bench.post(&verdict_address(id), &fields).await
}

#[tokio::test]
async fn approving_goes_on_to_the_next_photo_that_waits() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(WAITING_PHOTO)).await;
    let done = approve(&mut bench, WAITING_PHOTO, &page).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(done.location.starts_with(&format!("{}?done=", address(RETAKE))), "{}", done.location);
    assert_eq!(photo(&bench, WAITING_PHOTO).await.status, PhotoStatus::Approved);
    let next = bench.get(&done.location).await.body;
    assert!(next.contains("Approved: 幸福路手机城 · Storefront") && next.contains("Withdraw the verdict"));
}

#[tokio::test]
async fn a_rejection_keeps_reason_note_pin_reference_and_date() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(WAITING_PHOTO)).await;
    let reference = APPROVED_PHOTO.to_string();
    let more = [
        ("reason", "empty_slot"),
        ("note", "补齐"),
        ("pin_x", "42.5"),
        ("pin_y", "60"),
        ("reference", reference.as_str()),
        ("due", "2025-03-17"),
    ];
    assert_eq!(reject(&mut bench, WAITING_PHOTO, &page, &more).await.status, StatusCode::SEE_OTHER);
    let all = verdicts(&bench).await;
    let given = all.iter().find(|verdict| verdict.photo_id == WAITING_PHOTO).expect("kept");
    assert_eq!((given.reason.as_deref(), given.note.as_str()), (Some("empty_slot"), "补齐"));
    assert_eq!(given.pin.map(|pin| (pin.x, pin.y)), Some((0.425, 0.6)));
    assert_eq!(given.reference_photo_id, Some(APPROVED_PHOTO));
    assert_eq!(given.due_on.map(|due| due.to_string()).as_deref(), Some("2025-03-17"));
    let again = bench.get(&address(WAITING_PHOTO)).await.body;
    assert!(again.contains("Empty slot") && again.contains("cx=\"1700.0\" cy=\"1800.0\""), "{again}");
}

#[tokio::test]
async fn sending_a_form_twice_decides_once() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(WAITING_PHOTO)).await;
    let first = approve(&mut bench, WAITING_PHOTO, &page).await;
    let second = approve(&mut bench, WAITING_PHOTO, &page).await;
    assert_eq!((first.status, first.location), (second.status, second.location));
    assert_eq!(verdicts(&bench).await.iter().filter(|verdict| verdict.photo_id == WAITING_PHOTO).count(), 1);
}

#[tokio::test]
async fn of_two_tabs_the_second_is_told_and_overwrites_nothing() {
    let mut bench = Bench::signed_in().await;
    let one = bench.get(&address(WAITING_PHOTO)).await;
    let other = bench.get(&address(WAITING_PHOTO)).await;
    approve(&mut bench, WAITING_PHOTO, &one).await;
    let late = reject(&mut bench, WAITING_PHOTO, &other, &[("reason", "blurred")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    for text in ["photo_already_decided", "This photo was replaced or decided before", "See this photo"] {
        assert!(late.body.contains(text), "{text}");
    }
    assert_eq!(photo(&bench, WAITING_PHOTO).await.status, PhotoStatus::Approved);
}

#[tokio::test]
async fn a_verdict_is_withdrawn_once_and_only_the_one_that_was_seen() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(WAITING_PHOTO)).await;
    approve(&mut bench, WAITING_PHOTO, &page).await;
    let decided = bench.get(&address(WAITING_PHOTO)).await;
    let standing = decided.field("id=\"standing\"", "standing");
    let token = decided.field("", "form_token");
    let command = decided.field("id=\"standing\"", "command");
    let fields = [("form_token", &*token), ("command", &*command), ("decision", "withdrawn"), ("standing", &*standing)];
    let done = bench.post(&verdict_address(WAITING_PHOTO), &fields).await;
    assert!(done.location.starts_with(&address(WAITING_PHOTO)), "{}", done.location);
    assert_eq!(photo(&bench, WAITING_PHOTO).await.status, PhotoStatus::Received);

    let again = bench.get(&address(WAITING_PHOTO)).await;
    reject(&mut bench, WAITING_PHOTO, &again, &[("reason", "blurred")]).await;
    let other = bench.get("/console/photos").await.field("", "form_token");
    let stale = [
        ("form_token", &*other),
        ("command", "00000000-0000-7000-8000-00000000beef"),
        ("decision", "withdrawn"),
        ("standing", &*standing),
    ];
    let refused = bench.post(&verdict_address(WAITING_PHOTO), &stale).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(photo(&bench, WAITING_PHOTO).await.status, PhotoStatus::Rejected);
}

#[tokio::test]
async fn what_the_rules_or_the_form_do_not_allow_is_a_page_and_changes_nothing() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(WAITING_PHOTO)).await;
    let no_reason = reject(&mut bench, WAITING_PHOTO, &page, &[]).await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(no_reason.body.contains("verdict_reason_missing"));
    let outside =
        reject(&mut bench, WAITING_PHOTO, &page, &[("reason", "blurred"), ("pin_x", "130"), ("pin_y", "1")]).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
    let odd = reject(&mut bench, WAITING_PHOTO, &page, &[("reason", "blurred"), ("due", "soon")]).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    let unsigned = bench.post(&verdict_address(WAITING_PHOTO), &[("decision", "approved")]).await;
    assert_eq!(unsigned.status, StatusCode::FORBIDDEN);
    let pending = bench.get(&address(PENDING_PHOTO)).await.body;
    assert!(pending.contains("It can be judged once it has arrived") && !pending.contains("id=\"approve\""));
    assert_eq!(photo(&bench, WAITING_PHOTO).await.status, PhotoStatus::Received);
}

#[tokio::test]
async fn a_corrected_form_after_going_back_is_decided_anew() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(WAITING_PHOTO)).await;
    let first = reject(&mut bench, WAITING_PHOTO, &page, &[]).await;
    assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
    let second = reject(&mut bench, WAITING_PHOTO, &page, &[("reason", "blurred")]).await;
    assert_eq!(second.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_last_photo_of_the_queue_says_that_nothing_waits() {
    let mut bench = Bench::signed_in().await;
    for id in [WAITING_PHOTO, RETAKE] {
        let page = bench.get(&address(id)).await;
        let done = approve(&mut bench, id, &page).await;
        if id == RETAKE {
            let last = bench.get(&done.location).await.body;
            assert!(last.contains("Nothing else waits for a verdict"), "{last}");
        }
    }
    assert!(bench.get("/console/photos").await.body.contains("All caught up"));
}

#[tokio::test]
async fn a_chain_shows_both_photos_with_the_old_verdict() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(RETAKE)).await.body;
    assert!(page.contains(&format!("href=\"{}\">photo that shows", address(APPROVED_PHOTO))));
    for text in
        ["First photo", "Retake 1", "Empty slot", "左边第二格 {空}", "cx=\"1680.0\" cy=\"1830.0\"", "due 2025-03-16"]
    {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn a_rejection_is_withdrawn_after_the_retake_and_the_reviewer_is_told_what_becomes_of_it() {
    let mut bench = Bench::signed_in().await;
    let page = bench.get(&address(FIRST_PHOTO)).await;
    assert!(page.body.contains("Withdrawing the verdict keeps the retake"), "{}", page.body);
    let (standing, command) = (page.field("id=\"standing\"", "standing"), page.field("id=\"standing\"", "command"));
    let token = page.field("", "form_token");
    let fields = [("form_token", &*token), ("command", &*command), ("decision", "withdrawn"), ("standing", &*standing)];
    let done = bench.post(&verdict_address(FIRST_PHOTO), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let (first, again) = (photo(&bench, FIRST_PHOTO).await, photo(&bench, RETAKE).await);
    assert_eq!((first.status, first.verdict_id, first.replaced_by), (PhotoStatus::Received, None, Some(RETAKE)));
    assert_eq!((again.status, again.replaces), (PhotoStatus::Received, Some(FIRST_PHOTO)));
    let after = bench.get(&done.location).await.body;
    for text in ["Verdict withdrawn", "judge the latest one", "rejected</span>", "withdrawn</span>"] {
        assert!(after.contains(text), "{text} is missing");
    }
    assert!(!after.contains("id=\"approve\""), "it is history");
    let retake = bench.get(&address(RETAKE)).await.body;
    assert!(retake.contains("id=\"approve\""), "the retake waits to be judged by itself");
}
