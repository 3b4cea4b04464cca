//! Photos whose bytes have just arrived, in line to be looked at.
//!
//! **Purpose.** A phone waits for "the bytes are safe", and for nothing else: what a picture shows is found out after the
//! answer, by somebody who does nothing but that.
//!
//! **Invariants.** The line is a convenience, the store is the truth: a photo that is held and has no print is looked at by
//! the sweep (at the start and every hour), whatever became of its place here.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use storewalk_domain::ids::PhotoId;
use tokio::sync::watch;

use super::print::look_at;
use crate::state::AppState;

/// Photos in line, at most; the sweep looks at what is beyond.
const MOST_WAITING: usize = 100_000;

/// The line.
#[derive(Debug, Default)]
pub struct Arrived {
    waiting: Mutex<VecDeque<PhotoId>>,
    /// How many have not been looked at, the one under way included.
    open: watch::Sender<usize>,
    is_closed: AtomicBool,
}

impl Arrived {
    /// Puts a photo in line.
    pub fn add(&self, photo: PhotoId) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push_back(photo);
            self.open.send_modify(|open| *open += 1);
        }
    }

    /// Waits until everything that was in line has been looked at.
    pub async fn all_looked_at(&self) {
        self.until(|open| open == 0).await;
    }

    /// Lets nobody else have their turn: the server stops. The sweep of the next start looks at those in line.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.open.send_modify(|_| ());
    }

    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    async fn until(&self, is_so: impl Fn(usize) -> bool) {
        // The sender is ours and stays.
        drop(self.open.subscribe().wait_for(|open| is_so(*open)).await);
    }

    fn next(&self) -> Option<PhotoId> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_closed() { None } else { waiting.pop_front() }
    }
}

/// Looks at photos as they arrive, until the line is closed; the one under way then is looked at to the end.
pub(crate) async fn keep_looking(state: AppState) {
    while !state.arrived.is_closed() {
        state.arrived.until(|open| open > 0 || state.arrived.is_closed()).await;
        look_at_arrived(&state).await;
    }
}

/// Looks at the photos in line, one after the other: of two that look alike, the later one gets the signal. One that cannot
/// be looked at is logged and left for the sweep.
pub async fn look_at_arrived(state: &AppState) {
    while let Some(photo) = state.arrived.next() {
        let own = state.clone();
        // A task of its own: what fails one photo, fails that one alone.
        match tokio::spawn(async move { look_at(&own, photo).await }).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(photo = %photo, error = ?error, "a photo could not be looked at"),
            Err(error) => tracing::error!(photo = %photo, error = %error, "looking at a photo was cut short"),
        }
        state.arrived.open.send_modify(|open| *open = open.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use futures::FutureExt;
    use image::{ImageFormat, RgbImage};
    use sha2::{Digest, Sha256};
    use storewalk_domain::{
        photo::{Photo, PhotoStatus},
        sync::StateExt,
    };
    use storewalk_wire::Variant;
    use uuid::Uuid;

    use super::*;
    use crate::{
        console::fixtures::{Bench, REP, WAITING_PHOTO, at, rows},
        service::photo::finish,
        store::{StoreError, UploadRecord},
    };

    #[test]
    fn whoever_waits_for_the_line_waits_for_the_last_in_it() {
        let arrived = Arrived::default();
        assert!(arrived.all_looked_at().now_or_never().is_some(), "nobody is in line");
        arrived.add(PhotoId(Uuid::from_u128(1)));
        arrived.add(PhotoId(Uuid::from_u128(2)));
        assert_eq!(arrived.next(), Some(PhotoId(Uuid::from_u128(1))), "the first comes first");
        assert!(arrived.all_looked_at().now_or_never().is_none(), "one waits and one is under way");
        arrived.open.send_modify(|open| *open -= 2);
        assert!(arrived.all_looked_at().now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_keeps_looking_stops_with_the_server() {
        let bench = Bench::empty(rows()).await;
        let looking = tokio::spawn(keep_looking(bench.state.clone()));
        all_bytes_came(&bench.state).await;
        bench.state.arrived.all_looked_at().await;
        assert_eq!(standing(&bench.state).await, (true, true));
        bench.state.arrived.close();
        looking.await.expect("ended by itself");
        bench.state.arrived.add(WAITING_PHOTO);
        assert_eq!(bench.state.arrived.next(), None, "nobody has their turn any more");
    }

    /// Whether the photo counts as received, and whether it was looked at.
    async fn standing(state: &AppState) -> (bool, bool) {
        let read = state.store.read::<_, StoreError>(|snapshot| {
            let photo: Photo = snapshot.get(WAITING_PHOTO.row())?.expect("there");
            Ok((photo.status != PhotoStatus::Pending, snapshot.photo_print(WAITING_PHOTO)?.is_some()))
        });
        read.await.expect("read")
    }

    /// All bytes of the photo have come.
    async fn all_bytes_came(state: &AppState) {
        let mut bytes = Cursor::new(Vec::new());
        let picture =
            RgbImage::from_fn(64, 48, |x, y| image::Rgb([x, y, 200].map(|level| u8::try_from(level).unwrap_or(0))));
        picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("encoded");
        let bytes = bytes.into_inner();
        let upload = UploadRecord {
            photo_id: WAITING_PHOTO,
            variant: Variant::Original,
            user_id: REP,
            size_bytes: bytes.len() as u64,
            sha256: crate::auth::hex(&Sha256::digest(&bytes)),
            begun_at: at("10:30"),
            touched_at: at("10:30"),
            expired_at: None,
            metadata: String::new(),
        };
        std::fs::write(state.blobs.incoming(WAITING_PHOTO, Variant::Original), &bytes).expect("written");
        finish(state, upload).await.expect("taken in");
    }

    #[tokio::test]
    async fn a_photo_is_received_before_it_is_looked_at() {
        let bench = Bench::empty(rows()).await;
        all_bytes_came(&bench.state).await;
        assert_eq!(standing(&bench.state).await, (true, false));
        look_at_arrived(&bench.state).await;
        assert_eq!(standing(&bench.state).await, (true, true));
        assert!(bench.state.arrived.all_looked_at().now_or_never().is_some(), "nothing is left in line");
    }

    #[tokio::test]
    async fn a_photo_that_lost_its_place_in_line_is_looked_at_by_the_sweep() {
        let bench = Bench::empty(rows()).await;
        all_bytes_came(&bench.state).await;
        let restarted = AppState { arrived: std::sync::Arc::default(), ..bench.state.clone() };
        look_at_arrived(&restarted).await;
        assert_eq!(standing(&restarted).await, (true, false), "it stands in no line any more");
        crate::service::print::look_at_left(&restarted).await.expect("swept");
        assert_eq!(standing(&restarted).await, (true, true));
    }
}
