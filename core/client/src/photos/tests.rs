//! Photos on the phone and on their way, against a server whose answers are scripted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use storewalk_domain::{
    ids::{PhotoId, VisitId},
    photo::{Photo, PhotoStatus, Pin, Verdict, VerdictDecision},
    sync::StateExt,
    task::{Proof, Task, TaskKind, TaskStatus},
    time::BusinessDate,
};
use storewalk_sqlite::SqliteState;
use storewalk_wire::{ApiError, ErrorCode, ProblemBody, UploadRequest, UploadState, Variant};
use uuid::Uuid;

use super::{
    UploadReport,
    testing::{noise_png, shelf_path, shelf_photo},
};
use crate::{
    Attempt,
    plan::{
        testing::{Hand, Uploads},
        world,
    },
};

/// A server that keeps what arrives, and fails where it is told to.
#[derive(Default)]
struct Shelf {
    files: Mutex<BTreeMap<(PhotoId, Variant), Vec<u8>>>,
    /// Parts until the network fails; `None` for never.
    parts_left: Mutex<Option<u32>>,
    /// What to answer instead, once parts have run out.
    fault: Mutex<Option<ApiError>>,
    /// Whether the last part before the failure is kept though its answer is lost.
    keeps_last: Mutex<bool>,
    log: Mutex<Vec<(Variant, u64)>>,
}

impl Shelf {
    fn fails_after(&self, parts: u32, fault: ApiError) {
        *self.parts_left.lock().expect("not poisoned") = Some(parts);
        *self.fault.lock().expect("not poisoned") = Some(fault);
    }

    fn is_well(&self) {
        *self.parts_left.lock().expect("not poisoned") = None;
    }

    fn file(&self, photo: PhotoId, variant: Variant) -> Vec<u8> {
        self.files.lock().expect("not poisoned").get(&(photo, variant)).cloned().unwrap_or_default()
    }

    fn variants(&self) -> Vec<Variant> {
        self.log.lock().expect("not poisoned").iter().map(|(variant, _)| *variant).collect()
    }

    fn state(bytes: &[u8], request: &UploadRequest) -> UploadState {
        let is_complete = super::files::sha256_hex(bytes) == request.sha256;
        UploadState { offset: bytes.len() as u64, is_complete }
    }
}

impl Uploads for Shelf {
    fn create(&self, request: &UploadRequest) -> Result<UploadState, ApiError> {
        Ok(Self::state(&self.file(request.photo_id, request.variant), request))
    }

    fn append(&self, request: &UploadRequest, offset: u64, bytes: &[u8]) -> Result<UploadState, ApiError> {
        if let Some(left) = self.parts_left.lock().expect("not poisoned").as_mut() {
            if *left == 0 {
                if std::mem::take(&mut *self.keeps_last.lock().expect("not poisoned")) {
                    self.keep(request, offset, bytes)?;
                }
                return Err(self.fault.lock().expect("not poisoned").clone().expect("scripted"));
            }
            *left -= 1;
        }
        self.keep(request, offset, bytes)
    }
}

impl Shelf {
    fn keep(&self, request: &UploadRequest, offset: u64, bytes: &[u8]) -> Result<UploadState, ApiError> {
        let mut files = self.files.lock().expect("not poisoned");
        let file = files.entry((request.photo_id, request.variant)).or_default();
        if file.len() as u64 != offset {
            return Err(refusal(ErrorCode::OffsetMismatch));
        }
        file.extend_from_slice(bytes);
        self.log.lock().expect("not poisoned").push((request.variant, offset));
        Ok(Self::state(file, request))
    }
}

fn refusal(code: ErrorCode) -> ApiError {
    ApiError::Refused(Box::new(ProblemBody {
        kind: code.urn(),
        title: String::new(),
        status: code.status(),
        detail: String::new(),
        code,
        at: String::new(),
        next_step: String::new(),
        request_id: String::new(),
        problems: Vec::new(),
    }))
}

/// 李雯 in S0101, with her visit and a server that takes photos.
fn in_the_shop() -> (Hand, VisitId, Arc<Shelf>) {
    let hand = Hand::of("liwen", "2025-03-14T08:40");
    let started = hand.phone.visits().start(world::outlet("S0101"), None).expect("recorded");
    let shelf = Arc::new(Shelf::default());
    hand.reach(Arc::clone(&shelf) as Arc<dyn Uploads>);
    (hand, started.done().expect("accepted").visit_id, shelf)
}

fn take(hand: &Hand, visit: VisitId, zone: &str, number: usize) -> PhotoId {
    let taken = hand.phone.photos().capture(visit, zone, &shelf_path(number), None).expect("stored");
    taken.done().expect("accepted").photo_id
}

fn upload(hand: &Hand) -> UploadReport {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    runtime.block_on(hand.phone.upload_photos()).expect("the storage is well")
}

fn row(hand: &Hand, photo: PhotoId) -> Photo {
    let read = |connection: &rusqlite::Connection| Ok(SqliteState(connection).get::<Photo>(photo.row())?);
    hand.phone.read(read).expect("read").expect("there")
}

/// A file of about 3.6 MB, in the temporary folder of the test.
fn large_photo() -> (tempfile::NamedTempFile, Vec<u8>) {
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    let bytes = noise_png(1_095, 1_095);
    std::fs::write(file.path(), &bytes).expect("written");
    (file, bytes)
}

#[test]
fn taking_a_photo_keeps_source_hash_and_size_and_shows_it_at_once() {
    let (mut hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.kill();
    let shown = hand.phone.photos().list(visit).expect("read");
    assert_eq!((shown.len(), shown[0].id, shown[0].status), (1, id, PhotoStatus::Pending));
    let original = std::fs::read(shown[0].original.as_ref().expect("here")).expect("readable");
    assert_eq!(original, shelf_photo(0));
    assert_eq!(std::fs::read(shelf_path(0)).expect("untouched"), original);
    let photo = row(&hand, id);
    assert_eq!((photo.size_bytes, photo.sha256), (original.len() as u64, super::files::sha256_hex(&original)));
    let thumbnail = std::fs::read(shown[0].thumbnail.as_ref().expect("here")).expect("readable");
    assert!(thumbnail.len() <= 20_000);
    let upload = shown[0].upload.expect("queued");
    assert_eq!((upload.sent_bytes, upload.total_bytes), (0, (original.len() + thumbnail.len()) as u64));
}

#[test]
fn a_file_that_is_no_photo_leaves_no_row_and_no_file() {
    let (hand, visit, _) = in_the_shop();
    let text = tempfile::NamedTempFile::new().expect("temporary file");
    std::fs::write(text.path(), "not a photo").expect("written");
    let refused = hand.phone.photos().capture(visit, "storefront", text.path(), None).expect("an answer");
    assert_eq!(refused.codes(), ["photo_not_an_image"]);
    let zone = hand.phone.photos().capture(visit, "the_moon", &shelf_path(0), None).expect("an answer");
    assert_eq!(zone.codes(), ["handbook_code_unknown"]);
    assert!(hand.phone.photos().list(visit).expect("read").is_empty());
    let left = std::fs::read_dir(hand.phone.photos_dir()).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a refused photo leaves no file");
    let gone = hand.phone.photos().capture(visit, "storefront", &text.path().join("nowhere"), None);
    assert_eq!(gone.expect_err("no file").code(), "file_fault");
}

#[test]
fn thumbnails_travel_first_and_nothing_before_the_server_knows_the_photo() {
    let (hand, visit, shelf) = in_the_shop();
    let first = take(&hand, visit, "storefront", 0);
    let second = take(&hand, visit, "product_zone", 1);
    assert_eq!(upload(&hand), UploadReport::default());
    hand.acknowledge_all();
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.originals, report.error), (2, 2, None));
    let (small, whole) = (Variant::Thumbnail, Variant::Original);
    assert_eq!(shelf.variants(), [small, small, whole, whole]);
    assert_eq!(shelf.file(first, whole), shelf_photo(0));
    assert_eq!(shelf.file(second, whole), shelf_photo(1));
    assert_eq!(row(&hand, first).status, PhotoStatus::Pending, "only a pull says that the server holds it");
}

#[test]
fn d6_a_cut_upload_goes_on_where_the_server_stands_and_a_portal_page_is_no_receipt() {
    let (mut hand, visit, shelf) = in_the_shop();
    let (file, bytes) = large_photo();
    assert!((3_590_000..3_620_000).contains(&bytes.len()), "{}", bytes.len());
    let taken = hand.phone.photos().capture(visit, "price_tag", file.path(), None).expect("stored");
    let id = taken.done().expect("accepted").photo_id;
    hand.acknowledge_all();

    // The thumbnail is one part; the lift closes after the ninth part of the original.
    shelf.fails_after(10, ApiError::Offline);
    let cut = upload(&hand);
    assert_eq!((cut.thumbnails, cut.originals, cut.error.as_deref()), (1, 0, Some("offline")));
    assert_eq!(shelf.file(id, Variant::Original).len(), 2_359_296);
    assert!(cut.next_attempt_at.expect("never passive") > hand.phone.now().device_at);

    hand.kill();
    hand.clock.pass_minutes(16);
    shelf.fails_after(0, ApiError::NotTheServer("a page".into()));
    assert_eq!(upload(&hand).error.as_deref(), Some("not_the_server"));

    hand.clock.pass_minutes(16);
    shelf.is_well();
    let rest = upload(&hand);
    assert_eq!((rest.originals, rest.bytes_sent), (1, bytes.len() as u64 - 2_359_296));
    assert_eq!(shelf.file(id, Variant::Original), bytes);
}

#[test]
fn bytes_that_the_server_refuses_stay_and_are_shown_to_a_person() {
    let (hand, visit, shelf) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    shelf.fails_after(1, refusal(ErrorCode::ChecksumMismatch));
    let report = upload(&hand);
    assert_eq!((report.thumbnails, report.refused, report.error), (1, 1, None));
    let items = hand.phone.attention().items().expect("read");
    assert_eq!((items.len(), items[0].id), (1, id.0));
    assert!(items[0].problems[0].next_step.zh.contains("照片仍保存在手机上"));
    assert_eq!(items[0].about, "幸福路手机城");
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    assert!(view.upload.expect("queued").is_refused && view.original.as_ref().expect("kept").is_file());

    hand.clock.pass_minutes(6 * 60);
    shelf.is_well();
    assert_eq!(upload(&hand).originals, 1, "it is offered again");
    assert!(hand.phone.attention().items().expect("read").is_empty());
}

#[test]
fn a_file_that_is_gone_is_told_and_holds_up_no_other() {
    let (hand, visit, shelf) = in_the_shop();
    let lost = take(&hand, visit, "storefront", 0);
    let kept = take(&hand, visit, "aisle", 1);
    hand.acknowledge_all();
    let path = hand.phone.photos().list(visit).expect("read")[0].original.clone().expect("here");
    std::fs::remove_file(path).expect("removed");
    let report = upload(&hand);
    assert_eq!((report.refused, report.originals), (1, 1));
    assert_eq!(shelf.file(kept, Variant::Original), shelf_photo(1));
    let items = hand.phone.attention().items().expect("read");
    assert_eq!((items[0].id, items[0].problems[0].code.as_str()), (lost.0, "photo_file_gone"));
}

#[test]
fn an_original_is_freed_only_when_a_pull_says_that_the_server_holds_it() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    assert_eq!(upload(&hand).originals, 1);
    assert_eq!(hand.phone.photos().janitor().expect("swept").originals_freed, 0, "success of HTTP frees nothing");

    let received = hand.phone.now().trusted();
    hand.put([Photo { status: PhotoStatus::Received, received_at: Some(received), ..row(&hand, id) }]);
    let swept = hand.phone.photos().janitor().expect("swept");
    assert_eq!((swept.originals_freed, swept.bytes_freed), (1, shelf_photo(0).len() as u64));
    let view = &hand.phone.photos().list(visit).expect("read")[0];
    assert!(view.original.is_none() && view.thumbnail.as_ref().expect("kept").is_file());
}

#[test]
fn an_original_that_no_pull_confirms_is_asked_about_again_and_sent_anew_if_it_was_lost() {
    let (hand, visit, shelf) = in_the_shop();
    let id = take(&hand, visit, "storefront", 0);
    hand.acknowledge_all();
    upload(&hand);
    assert_eq!(upload(&hand).originals, 0, "not at once");
    shelf.files.lock().expect("not poisoned").clear();
    hand.clock.pass_minutes(61);
    let again = upload(&hand);
    assert_eq!((again.originals, shelf.file(id, Variant::Original)), (1, shelf_photo(0)));
}

#[test]
fn the_janitor_clears_what_a_killed_app_left_half_written() {
    let (hand, visit, _) = in_the_shop();
    take(&hand, visit, "storefront", 0);
    let folder = hand.phone.photos_dir();
    std::fs::write(folder.join(".part-x.jpg"), "half").expect("written");
    std::fs::write(folder.join("nobody-original.jpg"), "whole, but no row names it").expect("written");
    assert_eq!(hand.phone.photos().janitor().expect("swept").strays_cleared, 2);
    assert_eq!(std::fs::read_dir(&folder).expect("there").count(), 2);
}

#[test]
fn d8_a_rejected_photo_comes_back_with_reason_pin_and_date_and_a_retake_answers_it() {
    let (hand, visit, _) = in_the_shop();
    let id = take(&hand, visit, "product_zone", 0);
    hand.acknowledge_all();
    reject(&hand, id);
    let retakes = hand.phone.photos().rejected().expect("read");
    assert_eq!(retakes.len(), 1);
    let (verdict, task) = (&retakes[0].verdict, &retakes[0].task);
    assert_eq!(verdict.reason.as_ref().map(|reason| reason.zh.as_str()), Some("有空位"));
    assert_eq!((verdict.pin, verdict.note.as_str()), (Some(Pin { x: 0.62, y: 0.4 }), "第二层"));
    assert!(task.needs_photo && !task.is_overdue && task.detail.zh.contains("产品陈列区"), "{task:?}");
    assert_eq!(hand.phone.tasks().mine().expect("read").iter().filter(|task| task.needs_photo).count(), 1);
    let by_word = hand.phone.tasks().close(task.id).expect("recorded");
    assert_eq!(by_word.codes(), ["task_needs_proof"]);

    let retake = hand.phone.photos().capture(visit, "product_zone", &shelf_path(1), Some(id)).expect("stored");
    let Attempt::Done(retake) = retake else { panic!("refused: {:?}", retake.codes()) };
    assert_eq!(row(&hand, id).replaced_by, Some(retake.photo_id));
    assert!(hand.phone.photos().rejected().expect("read").is_empty());
}

/// What a pull brings after 赵敏 rejected a photo.
fn reject(hand: &Hand, id: PhotoId) {
    let photo = row(hand, id);
    let due_on = BusinessDate::parse("2025-03-16").expect("valid");
    let verdict = Verdict {
        id: storewalk_domain::ids::VerdictId(Uuid::from_u128(0x77)),
        photo_id: id,
        visit_id: photo.visit_id,
        outlet_id: photo.outlet_id,
        territory_id: photo.territory_id,
        reviewer_id: world::user("zhaomin"),
        decision: VerdictDecision::Rejected,
        reason: Some("empty_slot".into()),
        note: "第二层".into(),
        pin: Some(Pin { x: 0.62, y: 0.4 }),
        reference_photo_id: None,
        due_on: Some(due_on),
        decided_at: world::at("2025-03-14T11:00"),
    };
    let task = Task {
        id: storewalk_domain::ids::TaskId(Uuid::from_u128(0x78)),
        outlet_id: photo.outlet_id,
        territory_id: photo.territory_id,
        kind: TaskKind::PhotoRetake,
        params: [("zone", "product_zone"), ("reason", "empty_slot")].map(|(k, v)| (k.into(), v.into())).into(),
        note: String::new(),
        owner_id: photo.rep_id,
        visit_id: Some(photo.visit_id),
        photo_id: Some(id),
        due_on,
        proof: Proof::Photo,
        status: TaskStatus::Open,
        raised_at: world::at("2025-03-14T11:00"),
        closed_at: None,
    };
    let rejected = Photo { status: PhotoStatus::Rejected, verdict_id: Some(verdict.id), ..photo };
    hand.put([rejected]);
    hand.put([verdict]);
    hand.put([task]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(12))]

    #[test]
    fn d6_whatever_is_cut_killed_or_left_unanswered_the_photo_arrives_whole_and_no_part_travels_in_vain(
        cuts in proptest::collection::vec((0_u32..4, proptest::bool::ANY, proptest::bool::ANY), 0..6),
    ) {
        let (mut hand, visit, shelf) = in_the_shop();
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        let bytes = noise_png(480, 480);
        std::fs::write(file.path(), &bytes).expect("written");
        let taken = hand.phone.photos().capture(visit, "price_tag", file.path(), None).expect("stored");
        let id = taken.done().expect("accepted").photo_id;
        hand.acknowledge_all();
        let mut lost_parts = 0;
        for (parts, is_kept, is_killed) in cuts {
            shelf.fails_after(parts, ApiError::Timeout);
            *shelf.keeps_last.lock().expect("not poisoned") = is_kept;
            let cut = upload(&hand);
            proptest::prop_assert!(cut.error.is_none() || cut.next_attempt_at > Some(hand.phone.now().device_at));
            lost_parts += u32::from(cut.error.is_some());
            if is_killed {
                hand.kill();
            }
            hand.clock.pass_minutes(16);
        }
        shelf.is_well();
        upload(&hand);
        proptest::prop_assert_eq!(shelf.file(id, Variant::Original), bytes);
        // Every part that was kept was sent once more at most when its answer was lost, and never twice.
        let parts = shelf.log.lock().expect("not poisoned").len();
        proptest::prop_assert_eq!(parts, 1 + 3, "{} cuts", lost_parts);
    }
}
