//! Photos on the phone and on their way.

mod alike;
mod capture;
mod handed_out;
mod known;
mod look;
mod sealed;
mod server;
mod sweep;
mod task_pictures;
mod upload;

use std::sync::Arc;

use storewalk_domain::{
    ids::{PhotoId, TaskId, VerdictId, VisitId},
    photo::{Photo, PhotoStatus, Pin, Verdict, VerdictDecision},
    sync::StateExt,
    task::{Proof, Task, TaskKind, TaskStatus},
    time::BusinessDate,
};
use storewalk_sqlite::SqliteState;
use uuid::Uuid;

use self::server::Shelf;
use super::{UploadReport, testing::shelf_path};
use crate::plan::{
    testing::{Hand, Uploads},
    world,
};

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

/// What a pull brings after 赵敏 rejected a photo of an outlet of 李雯's.
fn reject(hand: &Hand, id: PhotoId, reference: Option<PhotoId>) {
    let photo = row(hand, id);
    let due_on = BusinessDate::parse("2025-03-16").expect("valid");
    let verdict = Verdict {
        id: VerdictId(Uuid::from_u128(0x77)),
        photo_id: id,
        visit_id: photo.visit_id,
        outlet_id: photo.outlet_id,
        territory_id: photo.territory_id,
        reviewer_id: world::user("zhaomin"),
        decision: VerdictDecision::Rejected,
        reason: Some("empty_slot".into()),
        note: "第二层".into(),
        pin: Some(Pin { x: 0.62, y: 0.4 }),
        reference_photo_id: reference,
        due_on: Some(due_on),
        decided_at: world::at("2025-03-14T11:00"),
    };
    let task = Task {
        id: TaskId(Uuid::from_u128(0x78)),
        outlet_id: photo.outlet_id,
        territory_id: photo.territory_id,
        kind: TaskKind::PhotoRetake,
        params: [("zone", "product_zone"), ("reason", "empty_slot")].map(|(k, v)| (k.into(), v.into())).into(),
        note: String::new(),
        owner_id: world::user("liwen"),
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
