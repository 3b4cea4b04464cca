//! What the network costs.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of bodies on the wire, compressed as they travelled, headers left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Sent.
    pub up: u64,
    /// Received.
    pub down: u64,
}

impl Traffic {
    /// What came on top since an earlier count.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self { up: self.up.saturating_sub(earlier.up), down: self.down.saturating_sub(earlier.down) }
    }
}

/// The counters behind it.
#[derive(Debug, Default)]
pub(super) struct Counter {
    up: AtomicU64,
    down: AtomicU64,
}

impl Counter {
    pub(super) fn sent(&self, bytes: usize) {
        self.up.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.down.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Traffic {
        Traffic { up: self.up.load(Ordering::Relaxed), down: self.down.load(Ordering::Relaxed) }
    }
}
