//! Whose turn it is at an upload. A phone notices a dead line long before the server does: a request that asks where the
//! upload stands tells the one that still holds it to stop, and goes on from what it left. One that brings bytes without
//! having asked takes over only from a holder that has fallen silent; a holder whose bytes still come is left alone.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use storewalk_domain::ids::PhotoId;
use storewalk_wire::Variant;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch},
    time::timeout,
};

type Key = (PhotoId, Variant);

/// How long a holder may be silent before somebody who brings bytes takes over.
const SILENCE: Duration = Duration::from_millis(300);

/// One upload's door.
struct Door {
    holder: Arc<AsyncMutex<()>>,
    callers: watch::Sender<u64>,
    /// Counts the signs of life of whoever holds it.
    beats: AtomicU64,
}

/// The doors of all uploads that somebody is at.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<Key, Arc<Door>>>);

/// The right to touch an upload; ends when dropped.
pub struct Turn {
    callers: watch::Receiver<u64>,
    _guard: OwnedMutexGuard<()>,
    door: Arc<Door>,
}

impl Turns {
    /// Asks whoever holds the upload to stop, and waits until they have.
    pub async fn take(&self, photo: PhotoId, variant: Variant) -> Turn {
        let door = self.door((photo, variant));
        call_and_enter(door).await
    }

    /// Waits for whoever holds the upload, and asks them to stop once they are silent; `None` when their bytes still
    /// come.
    pub async fn take_from_silent(&self, photo: PhotoId, variant: Variant) -> Option<Turn> {
        self.take_after(photo, variant, SILENCE).await
    }

    async fn take_after(&self, photo: PhotoId, variant: Variant, silence: Duration) -> Option<Turn> {
        let door = self.door((photo, variant));
        let beats = door.beats.load(Ordering::Acquire);
        if let Ok(guard) = timeout(silence, Arc::clone(&door.holder).lock_owned()).await {
            return Some(Turn { callers: door.callers.subscribe(), _guard: guard, door });
        }
        if door.beats.load(Ordering::Acquire) != beats {
            return None;
        }
        Some(call_and_enter(door).await)
    }

    /// The turn, if nobody is at the upload.
    pub fn take_if_free(&self, photo: PhotoId, variant: Variant) -> Option<Turn> {
        let door = self.door((photo, variant));
        let guard = Arc::clone(&door.holder).try_lock_owned().ok()?;
        Some(Turn { callers: door.callers.subscribe(), _guard: guard, door })
    }

    fn door(&self, key: Key) -> Arc<Door> {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.retain(|_, door| Arc::strong_count(door) > 1);
        let door = doors.entry(key).or_insert_with(|| {
            let (holder, callers) = (Arc::new(AsyncMutex::new(())), watch::Sender::new(0));
            Arc::new(Door { holder, callers, beats: AtomicU64::new(0) })
        });
        Arc::clone(door)
    }
}

async fn call_and_enter(door: Arc<Door>) -> Turn {
    door.callers.send_modify(|count| *count += 1);
    let callers = door.callers.subscribe();
    let guard = Arc::clone(&door.holder).lock_owned().await;
    Turn { callers, _guard: guard, door }
}

impl Turn {
    /// Resolves when somebody else wants the upload.
    pub async fn is_called_for(&mut self) {
        // The sender lives in the door that we hold.
        drop(self.callers.changed().await);
    }

    /// Whether somebody else wants the upload.
    pub fn has_been_called_for(&self) -> bool {
        self.callers.has_changed().unwrap_or(false)
    }

    /// Gives a sign of life.
    pub fn beat(&self) {
        self.door.beats.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn the_one_who_comes_last_gets_the_turn() {
        let turns = Arc::new(Turns::default());
        let photo = PhotoId(Uuid::from_u128(1));
        let mut first = turns.take(photo, Variant::Original).await;
        let second = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take(photo, Variant::Original).await }
        });
        first.is_called_for().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.expect("took over");
        drop(turns.take(photo, Variant::Thumbnail).await);
        assert!(turns.0.lock().expect("lock").len() <= 2);
    }

    #[tokio::test]
    async fn one_who_brings_bytes_takes_over_from_the_silent() {
        let turns = Arc::new(Turns::default());
        let photo = PhotoId(Uuid::from_u128(1));
        let mut dead = turns.take(photo, Variant::Original).await;
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take_after(photo, Variant::Original, Duration::ZERO).await.is_some() }
        });
        dead.is_called_for().await;
        drop(dead);
        assert!(waiting.await.expect("no panic"), "took over");
    }

    #[tokio::test]
    async fn a_holder_whose_bytes_still_come_is_left_alone() {
        let turns = Turns::default();
        let photo = PhotoId(Uuid::from_u128(1));
        let living = turns.take(photo, Variant::Original).await;
        {
            let mut asking = std::pin::pin!(turns.take_after(photo, Variant::Original, Duration::from_millis(5)));
            assert!(futures::poll!(&mut asking).is_pending());
            living.beat();
            assert!(asking.await.is_none(), "left alone");
        }
        assert!(!living.has_been_called_for());
        assert!(turns.take_if_free(photo, Variant::Original).is_none());
        drop(living);
        assert!(turns.take_if_free(photo, Variant::Original).is_some());
    }
}
