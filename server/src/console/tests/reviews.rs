use axum::http::StatusCode;
use storewalk_domain::{
    ids::PhotoId,
    photo::{Photo, PhotoStatus, Verdict, VerdictDecision},
    review::Claim,
    sync::{Find, StateExt},
    time::Timestamp,
};

use uuid::Uuid;

use crate::{
    console::fixtures::*,
    service::review::LOOKED_THROUGH,
    store::{PhotoMatch, StoreError, StoreTxn},
};

async fn status(bench: &Bench, id: PhotoId) -> PhotoStatus {
    let found = bench.state.store.read(move |snapshot| Ok::<_, StoreError>(snapshot.get::<Photo>(id.row())?)).await;
    found.expect("read").expect("there").status
}

async fn verdicts(bench: &Bench) -> Vec<Verdict> {
    let found = bench.state.store.read(|snapshot| Ok::<_, StoreError>(snapshot.list(Find::VerdictsOfVisit(VISIT))?));
    found.await.expect("read")
}

async fn claims(bench: &Bench) -> Vec<Claim> {
    bench.state.store.read(|snapshot| snapshot.claims(Timestamp::default())).await.expect("read")
}

async fn claim(bench: &mut Bench, rule: &[(&str, &str)]) -> Reply {
    let token = bench.get("/console/review").await.field("", "form_token");
    let mut fields = vec![("form_token", &*token), ("count", "20")];
    fields.extend(rule);
    bench.post("/console/review/claim", &fields).await
}

async fn approve(bench: &mut Bench, photos: &[PhotoId]) -> Reply {
    let page = bench.get("/console/review").await;
    let (token, command) = (page.field("", "form_token"), page.field("action=\"/console/review/approve\"", "command"));
    let ids: Vec<_> = photos.iter().map(ToString::to_string).collect();
    let mut fields = vec![("form_token", &*token), ("command", &*command)];
    fields.extend(ids.iter().map(|id| ("photo", &**id)));
    bench.post("/console/review/approve", &fields).await
}

async fn approve_on_page(bench: &mut Bench, id: PhotoId) -> Reply {
    let page = bench.get(&format!("/console/photos/{id}")).await;
    let command = page.field("class=\"decide-main\"", "command");
    let token = page.field("", "form_token");
    let fields = [("form_token", &*token), ("command", &*command), ("decision", "approved")];
    bench.post(&format!("/console/photos/{id}/verdict"), &fields).await
}

#[tokio::test]
async fn claimed_photos_are_ones_own_and_the_next_reviewer_is_offered_none_of_them() {
    let mut bench = Bench::signed_in().await;
    assert!(bench.get("/console/review").await.body.contains("2 photos of this rule wait unclaimed"));
    assert_eq!(claim(&mut bench, &[]).await.location, "/console/review?rule=all");
    let page = bench.get("/console/review").await.body;
    for text in ["2 photos", "yours until 10:45", "0 photos of this rule wait unclaimed", "Judge one by one"] {
        assert!(page.contains(text), "{text} is missing");
    }
    bench.change_to("second").await;
    claim(&mut bench, &[]).await;
    assert!(claims(&bench).await.iter().all(|claim| claim.user_id == SUPERVISOR));
    let page = bench.get("/console/review").await.body;
    assert!(page.contains("赵敏 has 2, until 10:45") && page.contains("You have claimed nothing"), "{page}");
    let photo = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    assert!(photo.contains("赵敏 is reviewing this photo until 10:45") && !photo.contains("id=\"approve\""));
}

#[tokio::test]
async fn a_verdict_on_somebody_elses_claim_is_refused_with_their_name_and_one_on_a_lapsed_claim_is_not() {
    let mut bench = Bench::signed_in().await;
    let before = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await;
    bench.change_to("second").await;
    claim(&mut bench, &[]).await;
    bench.change_to("zhaomin").await;
    let token = bench.get("/console/review").await.field("", "form_token");
    let command = before.field("class=\"decide-main\"", "command");
    let fields = [("form_token", &*token), ("command", &*command), ("decision", "approved")];
    let address = format!("/console/photos/{WAITING_PHOTO}/verdict");
    let refused = bench.post(&address, &fields).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    for text in ["photo_claimed", "复核员 is reviewing this photo", "free in 16 min"] {
        assert!(refused.body.contains(text), "{text} is missing in {}", refused.body);
    }
    assert_eq!(status(&bench, WAITING_PHOTO).await, PhotoStatus::Received);

    let lapse = |claim: &Claim| Claim { until: at("10:00"), ..*claim };
    let lapsed: Vec<_> = claims(&bench).await.iter().map(lapse).collect();
    let put = move |txn: &mut dyn crate::store::StoreTxn| lapsed.iter().try_for_each(|claim| txn.put_claim(claim));
    bench.state.store.write(put).await.expect("lapsed");
    // The very same form: a refusal for a claim is not remembered as the answer to the command.
    assert_eq!(bench.post(&address, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(status(&bench, WAITING_PHOTO).await, PhotoStatus::Approved);
}

#[tokio::test]
async fn claimed_photos_follow_each_other_and_the_last_leads_back_to_the_queue() {
    let mut bench = Bench::signed_in().await;
    claim(&mut bench, &[]).await;
    let next = approve_on_page(&mut bench, WAITING_PHOTO).await;
    assert!(next.location.starts_with(&format!("/console/photos/{RETAKE}?done=")), "{}", next.location);
    let page = bench.get(&next.location).await.body;
    assert!(page.contains("Claimed by you until 10:45 · 1 left"), "{page}");
    let last = approve_on_page(&mut bench, RETAKE).await;
    assert!(last.location.starts_with("/console/review?done="), "{}", last.location);
    assert!(bench.get(&last.location).await.body.contains("All your claimed photos are judged"));
    assert_eq!(claims(&bench).await, []);
}

#[tokio::test]
async fn approving_together_gives_each_photo_its_own_verdict_and_leaves_what_is_not_claimed() {
    let mut bench = Bench::signed_in().await;
    claim(&mut bench, &[]).await;
    let given = verdicts(&bench).await.len();
    let done = approve(&mut bench, &[WAITING_PHOTO, RETAKE, FOREIGN_PHOTO]).await;
    assert!(done.location.starts_with("/console/review?approved=2&left=1&verdicts="), "{}", done.location);
    let all = verdicts(&bench).await;
    assert_eq!(all.len(), given + 2);
    for id in [WAITING_PHOTO, RETAKE] {
        assert_eq!(status(&bench, id).await, PhotoStatus::Approved);
        assert!(all.iter().any(|verdict| verdict.photo_id == id && verdict.reviewer_id == SUPERVISOR));
    }
    assert_eq!(claims(&bench).await, []);

    let page = bench.get(&done.location).await;
    assert!(page.body.contains("2 photos approved") && page.body.contains("1 was left"), "{}", page.body);
    let token = page.field("", "form_token");
    let ids: Vec<_> = done.location.rsplit_once('=').expect("verdicts").1.split(',').collect();
    let mut fields = vec![("form_token", &*token)];
    fields.extend(ids.iter().map(|id| ("verdict", *id)));
    for _ in ["once", "and by an impatient finger again"] {
        let undone = bench.post("/console/review/undo", &fields).await;
        assert_eq!(undone.location, "/console/review?withdrawn=2");
    }
    assert_eq!(status(&bench, RETAKE).await, PhotoStatus::Received);
    let after = verdicts(&bench).await;
    let withdrawn = after.iter().filter(|verdict| verdict.decision == VerdictDecision::Withdrawn).count();
    assert_eq!((after.len(), withdrawn), (given + 4, 2), "nothing is deleted");
}

#[tokio::test]
async fn a_claim_that_was_given_back_or_never_made_approves_nothing_in_bulk() {
    let mut bench = Bench::signed_in().await;
    claim(&mut bench, &[]).await;
    let page = bench.get("/console/review").await;
    let (token, command) = (page.field("", "form_token"), page.field("action=\"/console/review/approve\"", "command"));
    bench.post("/console/review/release", &[("form_token", &*token)]).await;
    let id = WAITING_PHOTO.to_string();
    let fields = [("form_token", &*token), ("command", &*command), ("photo", &*id)];
    let done = bench.post("/console/review/approve", &fields).await;
    assert!(done.location.starts_with("/console/review?approved=0&left=1"), "{}", done.location);
    assert_eq!(status(&bench, WAITING_PHOTO).await, PhotoStatus::Received);
}

#[tokio::test]
async fn the_queue_by_signals_holds_what_has_some_and_names_them() {
    let mut bench = Bench::signed_in().await;
    assert!(bench.get("/console/review?rule=risk&least=6").await.body.contains("1 photo of this rule waits"));
    claim(&mut bench, &[("rule", "risk"), ("least", "6")]).await;
    assert_eq!(claims(&bench).await.iter().map(|claim| claim.photo_id).collect::<Vec<_>>(), [RETAKE]);
    assert!(bench.get("/console/review?rule=risk").await.body.contains("The same file"));
    let photo = bench.get(&format!("/console/photos/{RETAKE}")).await.body;
    for text in [
        "Signals",
        "handed in before, for S0102 光谷店 on 2025-03-09",
        "weight 5",
        "Answered 2025-03-14 10:02: “相机打不开，先用系统相机拍 &#60;b&#62;的&#60;/b&#62;”",
        "Before: the photo it replaces",
        "None of them decides anything",
    ] {
        assert!(photo.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn what_looks_like_a_photo_stands_beside_it_as_far_as_the_reviewer_may_see_it() {
    let mut bench = Bench::signed_in().await;
    let found = |other_id, bits, is_same_bytes| PhotoMatch {
        photo_id: WAITING_PHOTO,
        other_id,
        bits,
        is_turned: false,
        is_same_bytes,
        found_at: at("09:51"),
    };
    let put = move |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        txn.put_photo_match(&found(APPROVED_PHOTO, 0, true))?;
        txn.put_photo_match(&found(FIRST_PHOTO, 12, false))?;
        txn.put_photo_match(&found(FOREIGN_PHOTO, 3, false))
    };
    bench.state.store.write(put).await.expect("matches");
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    for text in ["The same file: 幸福路手机城", "Looks like it: 幸福路手机城", &FIRST_PHOTO.to_string()] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(!page.contains(&FOREIGN_PHOTO.to_string()), "a photo of another region is nobody's here");
    let other = bench.get(&format!("/console/photos/{FIRST_PHOTO}")).await.body;
    assert!(other.contains("Looks like it") && other.contains(&WAITING_PHOTO.to_string()), "from either side");
}

#[tokio::test]
async fn of_a_queue_that_is_longer_than_is_looked_through_the_page_says_at_least() {
    let mut bench = Bench::signed_in().await;
    let waiting: Photo = bench
        .state
        .store
        .read(|snapshot| Ok::<_, StoreError>(snapshot.get(WAITING_PHOTO.row())?))
        .await
        .expect("read")
        .expect("there");
    let later = |number: u32| {
        let id = PhotoId(Uuid::from_u128(0x1_0000 + u128::from(number)));
        Photo { id, taken_at: waiting.taken_at.plus_ms(1_000 * i64::from(number)), ..waiting.clone() }.into()
    };
    let rows = (1..=LOOKED_THROUGH).map(later).collect();
    crate::admin::load_rows(&bench.state, rows).await.expect("rows");
    let page = bench.get("/console/review").await.body;
    assert!(page.contains("at least 2000 photos of this rule wait unclaimed"), "{page}");
    let sample = bench.get("/console/review?rule=sample&percent=50&seed=7").await.body;
    assert!(sample.contains("at least "), "{sample}");
    // What weighs something is found however much waits before it.
    let heavy = bench.get("/console/review?rule=risk&least=1").await.body;
    assert!(heavy.contains("1 photo of this rule waits unclaimed"), "{heavy}");
    claim(&mut bench, &[]).await;
    let page = bench.get("/console/review").await.body;
    assert!(page.contains("at least 1980 photos of this rule wait unclaimed"), "{page}");
}
