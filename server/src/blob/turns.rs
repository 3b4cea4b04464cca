//! Whose turn it is at an upload. A phone notices a dead line long before the server does: a new request asks the one
//! that still holds the upload to stop, and goes on from what it left.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use storewalk_domain::ids::PhotoId;
use storewalk_wire::Variant;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};

type Key = (PhotoId, Variant);

/// One upload's door.
struct Door {
    holder: Arc<AsyncMutex<()>>,
    callers: watch::Sender<u64>,
}

/// The doors of all uploads that somebody is at.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<Key, Arc<Door>>>);

/// The right to touch an upload; ends when dropped.
pub struct Turn {
    callers: watch::Receiver<u64>,
    _guard: OwnedMutexGuard<()>,
    _door: Arc<Door>,
}

impl Turns {
    /// Asks whoever holds the upload to stop, and waits until they have.
    pub async fn take(&self, photo: PhotoId, variant: Variant) -> Turn {
        let door = self.door((photo, variant));
        door.callers.send_modify(|count| *count += 1);
        let callers = door.callers.subscribe();
        let guard = Arc::clone(&door.holder).lock_owned().await;
        Turn { callers, _guard: guard, _door: door }
    }

    fn door(&self, key: Key) -> Arc<Door> {
        let mut doors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        doors.retain(|_, door| Arc::strong_count(door) > 1);
        let door = doors.entry(key).or_insert_with(|| {
            Arc::new(Door { holder: Arc::new(AsyncMutex::new(())), callers: watch::Sender::new(0) })
        });
        Arc::clone(door)
    }
}

impl Turn {
    /// Resolves when somebody else wants the upload.
    pub async fn is_called_for(&mut self) {
        // The sender lives in the door that we hold.
        drop(self.callers.changed().await);
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
}
