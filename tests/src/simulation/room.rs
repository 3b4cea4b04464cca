//! A phone's disk: full for a while, so that some writes find a little room and others none.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storewalk_client::Room;

use super::rng::Rng;

/// Bytes of a page of the database.
const PAGE_BYTES: u64 = 4_096;

/// The disk of one phone. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// How much each write finds, while the disk is full.
    full: Option<Rng>,
    was_full: bool,
}

impl Disk {
    /// Fills it up.
    pub fn fill(&self, rng: Rng) {
        let mut state = self.state();
        state.full = Some(rng);
        state.was_full = true;
    }

    /// Gives room again.
    pub fn free(&self) {
        self.state().full = None;
    }

    /// Whether it is full.
    pub fn is_full(&self) -> bool {
        self.state().full.is_some()
    }

    /// Whether it ever was.
    pub fn was_full(&self) -> bool {
        self.state().was_full
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room for Disk {
    fn left(&self) -> Option<u64> {
        // None at all, or a few pages.
        self.state().full.as_mut().map(|rng| rng.below(4) * PAGE_BYTES)
    }
}
