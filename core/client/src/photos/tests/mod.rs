//! Photos on the phone and on their way.

mod alike;
mod capture;
mod handed_out;
mod known;
mod look;
mod sealed;
mod server;
mod sweep;
mod upload;

use std::sync::Arc;

use storewalk_domain::{
    ids::{PhotoId, VisitId},
    photo::Photo,
    sync::StateExt,
};
use storewalk_sqlite::SqliteState;

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
