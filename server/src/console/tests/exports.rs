//! Photos handed out as a ZIP.

use std::{
    io::{Cursor, Read},
    sync::Arc,
};

use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use storewalk_domain::{
    ids::PhotoId,
    outlet::Outlet,
    photo::Photo,
    sync::{Row, StateExt},
};
use storewalk_photo::{Area, FindFaces, Grey};
use uuid::Uuid;

use crate::{
    auth::hex,
    console::fixtures::*,
    service::{export, retention},
    store::{StoreError, StoreTxn},
};

const ADDRESS: &str = "/console/photos/export";

/// Finds one face in every picture, in its upper left quarter.
struct Always;

impl FindFaces for Always {
    fn find(&self, picture: Grey<'_>) -> Vec<Area> {
        assert!(!picture.row(0).is_empty());
        vec![Area { x: 0, y: 0, width: picture.width() / 2, height: picture.height() / 2 }]
    }
}

/// What came.
pub(super) struct Taken {
    pub(super) list: Vec<csv::StringRecord>,
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl Taken {
    pub(super) fn read(archive: Vec<u8>) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
        let mut files = Vec::new();
        for place in 0..archive.len() {
            let mut file = archive.by_index(place).expect("a file");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("whole");
            files.push((file.name().expect("a name").into_owned(), bytes));
        }
        let (name, list) = files.pop().expect("a list");
        assert_eq!(name, "manifest.csv", "the list comes last");
        let list = list.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
        Self { list: csv::Reader::from_reader(list).records().map(|line| line.expect("a line")).collect(), files }
    }

    /// The cells of a photo's line from the one that names the file on.
    pub(super) fn line(&self, photo: PhotoId) -> Vec<String> {
        let line = self.list.iter().find(|line| line[0] == photo.to_string()).expect("a line");
        line.iter().skip(export::KNOWN).map(str::to_owned).collect()
    }
}

/// The form as the page gives it, with other fields.
pub(super) async fn export(bench: &mut Bench, state: &str, copies: &str) -> Taken {
    let page = bench.get(&format!("/console/photos?state={state}")).await;
    let token = page.field(ADDRESS, "form_token");
    let fields = [("form_token", &*token), ("state", state), ("copies", copies)];
    Taken::read(bench.download(ADDRESS, &fields).await)
}

async fn refused(bench: &mut Bench, fields: &[(&str, &str)]) -> Reply {
    let token = bench.get("/console/review").await.field("", "form_token");
    let fields: Vec<_> = std::iter::once(("form_token", &*token)).chain(fields.iter().copied()).collect();
    bench.post(ADDRESS, &fields).await
}

#[tokio::test]
async fn an_export_of_originals_brings_the_originals_and_says_what_became_of_every_photo() {
    let mut bench = Bench::signed_in().await;
    let bytes = shelf("arla-sour-cream_003");
    let sha256 = bench.receive(WAITING_PHOTO, &bytes, 1).await;
    bench.receive(RETAKE, b"deleted long ago", 4_000).await;
    retention::sweep(&bench.state).await.expect("swept");
    let taken = export(&mut bench, "all", "originals").await;
    assert_eq!(taken.files.len(), 1, "the others have no bytes here");
    assert_eq!(taken.list.len(), 5, "every photo of the region, and none of another");
    let name = format!("photos/2025-03-14_S0101_{WAITING_PHOTO}.jpg");
    assert_eq!(taken.files[0], (name.clone(), bytes));
    assert_eq!(taken.line(WAITING_PHOTO), [&*name, "exported", &sha256, "no", "", ""]);
    assert_eq!(taken.line(RETAKE)[1], "deleted by the policy on 2025-03-14 10:30");
    assert_eq!(taken.line(PENDING_PHOTO)[1], "still on the phone");
    assert!(taken.line(FIRST_PHOTO)[1].starts_with("not exported: its bytes are missing"));
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    assert!(page.contains("赵敏 · 2025-03-14 10:30 · exported as the original, people not covered"));
    let page = bench.get(&format!("/console/photos/{FIRST_PHOTO}")).await.body;
    assert!(!page.contains("· exported"), "what did not go is not noted");
}

#[tokio::test]
async fn faces_that_are_found_are_covered_in_copies_and_the_original_stays() {
    let mut bench = Bench::signed_in().await;
    bench.state.faces = Some(Arc::new(Always));
    let bytes = shelf("arla-sour-cream_003");
    let sha256 = bench.receive(WAITING_PHOTO, &bytes, 1).await;
    bench.receive(RETAKE, b"no picture", 1).await;
    let taken = export(&mut bench, "waiting", "covered").await;
    let [(name, copy)] = taken.files.as_slice() else { panic!("one file") };
    assert_ne!(copy, &bytes);
    assert_eq!(taken.line(WAITING_PHOTO), [name, "exported", &hex(&Sha256::digest(copy)), "yes", "", "1"]);
    let unreadable = taken.line(RETAKE);
    assert!(unreadable[1].starts_with("not exported: its picture cannot be read"), "never uncovered: {unreadable:?}");
    let picture = image::load_from_memory(copy).expect("a picture").to_rgb8();
    let colours = |from: u32| {
        let side = picture.height() / 4;
        let part = (0..side).flat_map(|y| (0..side).map(move |x| (x + from, y + from)));
        let colours = part.map(|(x, y)| picture.get_pixel(x, y).0.map(|level| level / 16));
        colours.collect::<std::collections::BTreeSet<_>>().len()
    };
    let (covered, free) = (colours(0), colours(picture.height() / 2));
    assert!(covered * 4 < free, "{covered} colours where a face was, {free} elsewhere");
    let kept = bench.state.blobs.shelf().read(&sha256).await.expect("the shelf").expect("the original");
    assert_eq!(kept, bytes);
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    assert!(page.contains("赵敏 · 2025-03-14 10:30 · exported with people covered"));
}

#[tokio::test]
async fn a_choice_of_copies_that_is_none_is_refused_and_nothing_goes() {
    let mut bench = Bench::signed_in().await;
    bench.receive(WAITING_PHOTO, &shelf("arla-sour-cream_003"), 1).await;
    for odd in ["", "1", "blurred"] {
        let answer = refused(&mut bench, &[("copies", odd)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{odd}");
    }
    let page = bench.get(&format!("/console/photos/{WAITING_PHOTO}")).await.body;
    assert!(!page.contains("· exported"));
}

#[tokio::test]
async fn a_choice_of_too_many_or_none_is_refused_with_what_to_do() {
    let mut bench = Bench::signed_in().await;
    let put = |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        let photo: Photo = txn.get(WAITING_PHOTO.row())?.expect("there");
        for number in 0..u128::from(export::MOST_PHOTOS) {
            let id = PhotoId(Uuid::from_u128(0x9_0000 + number));
            txn.put_row(&Row::from(Photo { id, ..photo.clone() }))?;
        }
        Ok(())
    };
    bench.state.store.write(put).await.expect("put");
    let answer = refused(&mut bench, &[("state", "waiting"), ("copies", "covered")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in ["export_too_many", "The choice has 502 photos; one export takes at most 500."] {
        assert!(answer.body.contains(text), "{text} is missing");
    }
    assert!(bench.get("/console/photos").await.body.contains("one export takes at most 500"));
    let answer = refused(&mut bench, &[("outlet", "S9999"), ("copies", "covered")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("export_nothing"));
    bench.read_in("zh-Hans");
    let answer = refused(&mut bench, &[("copies", "covered")]).await;
    assert!(answer.body.contains("当前筛选出 502 张照片，一次最多导出 500 张。"));
}

#[tokio::test]
async fn a_form_of_another_session_and_a_third_export_at_once_get_nothing() {
    let mut bench = Bench::signed_in().await;
    let stale = bench.post(ADDRESS, &[("form_token", "made up"), ("state", "all")]).await;
    assert_eq!(stale.status, StatusCode::FORBIDDEN);
    let rooms: Vec<_> = (0..export::AT_ONCE).map(|_| export::room(&bench.state).expect("room")).collect();
    let answer = refused(&mut bench, &[("state", "all"), ("copies", "originals")]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.body.contains("30 seconds"));
    drop(rooms);
    assert_eq!(export(&mut bench, "all", "originals").await.list.len(), 5);
}

#[tokio::test]
async fn a_list_runs_nothing_in_a_spreadsheet_and_is_in_the_readers_language() {
    let mut bench = Bench::signed_in().await;
    let put = |txn: &mut dyn StoreTxn| -> Result<(), StoreError> {
        let outlet: Outlet = txn.get(OUTLET.row())?.expect("there");
        txn.put_row(&Row::from(Outlet { name: "=HYPERLINK(\"http://evil.example\")".into(), ..outlet })).map(drop)
    };
    bench.state.store.write(put).await.expect("put");
    let english = export(&mut bench, "waiting", "originals").await;
    assert!(english.list.iter().all(|line| &line[2] == "'=HYPERLINK(\"http://evil.example\")"));
    bench.read_in("zh-Hans");
    let chinese = export(&mut bench, "pending", "originals").await;
    assert_eq!(chinese.line(PENDING_PHOTO)[1], "还在手机上");
}

#[tokio::test]
async fn a_photo_under_a_hold_is_exported_as_any_other_and_a_foreign_one_never() {
    let mut bench = Bench::signed_in().await;
    let bytes = shelf("arla-standard-milk_004");
    bench.receive(WAITING_PHOTO, &bytes, 400).await;
    bench.receive(FOREIGN_PHOTO, &bytes, 1).await;
    let form_token = bench.get("/console/review").await.field("", "form_token");
    let hold = [("form_token", &*form_token), ("wish", "set"), ("reason", "价格纠纷")];
    bench.post(&format!("/console/photos/{WAITING_PHOTO}/hold"), &hold).await;
    retention::sweep(&bench.state).await.expect("swept");
    let taken = export(&mut bench, "all", "originals").await;
    assert_eq!(taken.files.len(), 1);
    assert_eq!(taken.line(WAITING_PHOTO)[1], "exported");
    assert!(taken.list.iter().all(|line| line[0] != FOREIGN_PHOTO.to_string()));
}
