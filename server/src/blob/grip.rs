//! Who has the bytes of a hash in hand. Bytes have no lock of their own on a shelf, and the database knows of them only
//! afterwards: whoever brings them and notes it, and whoever asks whether they are needed and removes them, each does both
//! with the hash in hand, so that nothing is removed between being brought and being noted.
//!
//! **Invariants.** One hand at a time for each hash; different hashes know nothing of each other. It is no lock between
//! servers: there is one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The hashes that somebody has in hand.
#[derive(Default, Debug)]
pub(super) struct Grips(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

/// The right to bring or remove the bytes of one hash; ends when dropped.
#[derive(Debug)]
pub struct Grip {
    sha256: String,
    _guard: OwnedMutexGuard<()>,
}

impl Grips {
    /// Waits for the hash to be free, and takes it in hand.
    pub(super) async fn take(&self, sha256: &str) -> Grip {
        let lock = self.lock(sha256);
        Grip { sha256: sha256.to_owned(), _guard: lock.lock_owned().await }
    }

    /// How many have a hash in hand or wait for it.
    #[cfg(test)]
    pub(super) fn hands(&self, sha256: &str) -> usize {
        let locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.get(sha256).map_or(0, Weak::strong_count)
    }

    fn lock(&self, sha256: &str) -> Arc<AsyncMutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(sha256).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        locks.insert(sha256.to_owned(), Arc::downgrade(&lock));
        lock
    }
}

impl Grip {
    /// The hash; lower-case hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_hand_at_a_time_for_each_hash_and_nothing_is_left_of_it() {
        let grips = Grips::default();
        let first = grips.take("a").await;
        assert!(grips.take("b").now_or_never().is_some(), "another hash is free");
        let mut waiting = Box::pin(grips.take("a"));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(waiting.await.sha256(), "a");
        assert!(grips.take("c").now_or_never().is_some());
        assert_eq!(grips.0.lock().expect("whole").len(), 1);
    }
}
