use axum::http::StatusCode;
use storewalk_domain::{
    ids::PhotoId,
    photo::Photo,
    sync::{Row, StateExt},
    time::DAY_MS,
};
use storewalk_wire::Variant;

use crate::{
    console::fixtures::*,
    service::retention,
    store::{PhotoFile, StoreError, StoreTxn},
};

const BYTES: &[u8] = b"not really a photo";

async fn hold(bench: &mut Bench, photo: PhotoId, wish: &str, reason: &str) -> Reply {
    let token = bench.get("/console/review").await.field("", "form_token");
    let fields = [("form_token", &*token), ("wish", wish), ("reason", reason)];
    bench.post(&format!("/console/photos/{photo}/hold"), &fields).await
}

/// The photo was received so many days ago, and its bytes lie in the folder.
async fn received(bench: &Bench, id: PhotoId, days: i64, hash: &str) {
    let at = at("10:30").plus_ms(-days * DAY_MS);
    let sha256 = hash.repeat(64);
    let path = bench.state.blobs.path_of(&sha256).expect("a place");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, BYTES).expect("written");
    let put = move |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        let photo: Photo = txn.get(id.row())?.expect("there");
        txn.put_row(&Row::from(Photo { received_at: Some(at), ..photo }))?;
        for variant in [Variant::Original, Variant::Thumbnail] {
            txn.put_photo_file(&PhotoFile {
                photo_id: id,
                variant,
                sha256: sha256.clone(),
                size_bytes: 18,
                media_type: "image/jpeg".into(),
                received_at: at,
            })?;
        }
        Ok(())
    };
    bench.state.store.write(put).await.expect("put");
}

fn has_bytes(bench: &Bench, hash: &str) -> bool {
    bench.state.blobs.path_of(&hash.repeat(64)).expect("a place").exists()
}

#[tokio::test]
async fn the_sweep_deletes_bytes_whose_days_have_run_out_and_leaves_the_trail() {
    let mut bench = Bench::signed_in().await;
    received(&bench, WAITING_PHOTO, 365, "a").await;
    received(&bench, APPROVED_PHOTO, 364, "b").await;
    received(&bench, RETAKE, 365, "c").await;
    assert_eq!(retention::sweep(&bench.state).await.expect("swept"), 2, "original and thumbnail of one photo");
    assert_eq!(["a", "b", "c"].map(|hash| has_bytes(&bench, hash)), [false, true, true]);
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    let trail = format!("SHA-256 {}", "a".repeat(64));
    for text in [
        "The bytes were deleted on 2025-03-14 10:30 by version 1",
        &trail,
        "Erased by 2025-03-14 10:30",
        "no longer here",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert_eq!(retention::sweep(&bench.state).await.expect("swept"), 0);
    let wall = bench.get("/console/photos?state=all").await.body;
    let tile = |photo: PhotoId| wall.split("<li").find(|tile| tile.contains(&photo.to_string())).expect("on the wall");
    assert!(tile(WAITING_PHOTO).contains("no longer here") && !tile(WAITING_PHOTO).contains("still on the phone"));
    assert!(tile(PENDING_PHOTO).contains("still on the phone"), "that one is yet to come");
}

#[tokio::test]
async fn a_hold_survives_the_sweep_until_it_is_lifted_and_bytes_that_another_photo_needs_stay() {
    let mut bench = Bench::signed_in().await;
    received(&bench, WAITING_PHOTO, 400, "a").await;
    assert_eq!(hold(&mut bench, WAITING_PHOTO, "set", " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hold(&mut bench, WAITING_PHOTO, "set", "价格纠纷").await.status, StatusCode::SEE_OTHER);
    assert_eq!(retention::sweep(&bench.state).await.expect("swept"), 0);
    assert!(bench.get("/console/policy").await.body.contains("价格纠纷"));
    let again = hold(&mut bench, WAITING_PHOTO, "set", "again").await;
    assert!(again.body.contains("hold_stands"), "{}", again.body);

    hold(&mut bench, WAITING_PHOTO, "lift", "已结案").await;
    received(&bench, APPROVED_PHOTO, 10, "a").await;
    assert_eq!(retention::sweep(&bench.state).await.expect("swept"), 2);
    assert!(has_bytes(&bench, "a"), "the other photo has the same bytes");
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    for text in ["Held by 赵敏, 2025-03-14 10:30: 价格纠纷", "Lifted by 赵敏, 2025-03-14 10:30: 已结案"] {
        assert!(page.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn an_administrator_decides_the_next_version_and_the_one_before_stays_readable() {
    let mut bench = Bench::signed_in().await;
    let token = bench.get("/console/policy").await.field("", "form_token");
    let days = [("visit", "90"), ("price", "400"), ("contested", "800")];
    let mut fields = vec![("form_token", &*token), ("reason", "法务要求")];
    fields.extend(days);
    let refused = bench.post("/console/policy", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the policy is the organisation's");

    bench.change_to("admin").await;
    let token = bench.get("/console/policy").await.field("", "form_token");
    fields[0] = ("form_token", &*token);
    for _ in ["once", "twice is once"] {
        assert_eq!(bench.post("/console/policy", &fields).await.location, "/console/policy");
    }
    let page = bench.get("/console/policy").await.body;
    for text in ["Version 2", "法务要求", "Photos of visits 90"] {
        assert!(page.contains(text), "{text} is missing");
    }
    assert!(!page.contains("Version 3"));
    fields[2] = ("visit", "29");
    let short = bench.post("/console/policy", &fields).await;
    assert!(short.body.contains("retention_days") && short.body.contains("30 to 3650 days"), "{}", short.body);
    received(&bench, WAITING_PHOTO, 90, "a").await;
    assert_eq!(retention::sweep(&bench.state).await.expect("swept"), 2, "by the version that counts now");
}

#[tokio::test]
async fn who_saw_a_photo_is_noted_once_in_a_while_and_shown_to_reviewers() {
    let mut bench = Bench::signed_in().await;
    let address = format!("/console/photos/{WAITING_PHOTO}");
    assert!(bench.get(&address).await.body.contains("Nobody before you."));
    bench.get(&address).await;
    bench.change_to("second").await;
    let page = bench.get(&address).await.body;
    assert_eq!(page.matches("赵敏 · 2025-03-14 10:30 · on this page").count(), 1, "{page}");
    let seen = bench.get(&address).await.body;
    assert!(seen.contains("复核员 · 2025-03-14 10:30 · on this page"));
}
