//! Networks that are paid for by volume: thumbnails travel on any, originals wait for one that is not.
//!
//! **Invariants.** The wait ends by itself after the days that the settings say, or at once when the person says so: no
//! original waits for ever. A phone that was told nothing of its network sends everything.

use std::sync::atomic::{AtomicBool, Ordering};

use storewalk_domain::time::{CaptureTime, DAY_MS, Timestamp};

use crate::Phone;

/// What is known of the line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    is_metered: AtomicBool,
    /// The person wants everything sent, whatever it costs.
    is_wanted_now: AtomicBool,
}

/// Originals that wait for another network: those taken after an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hold {
    /// Originals taken after this instant wait.
    pub(crate) taken_after: Timestamp,
}

impl Hold {
    /// Nothing waits.
    pub(crate) const NONE: Self = Self { taken_after: Timestamp(i64::MAX) };
}

impl Phone {
    /// To be called when the operating system says whether the network is paid for by volume. On one that is, originals
    /// of the last days ([`crate::Config::originals_wait_days`]) wait.
    pub fn network_is_metered(&self, is_metered: bool) {
        self.inner.line.is_metered.store(is_metered, Ordering::Relaxed);
    }

    /// The person wants all photos sent now, whatever the network costs: holds for what waits at the moment.
    pub fn send_originals_now(&self) {
        self.inner.line.is_wanted_now.store(true, Ordering::Relaxed);
    }

    /// What was wanted now has been worked through.
    pub(super) fn originals_are_sent(&self) {
        self.inner.line.is_wanted_now.store(false, Ordering::Relaxed);
    }

    /// Which originals wait.
    pub(super) fn hold(&self, now: &CaptureTime) -> Hold {
        let line = &self.inner.line;
        if !line.is_metered.load(Ordering::Relaxed) || line.is_wanted_now.load(Ordering::Relaxed) {
            return Hold::NONE;
        }
        let wait_ms = i64::from(self.inner.originals_wait_days).saturating_mul(DAY_MS);
        Hold { taken_after: now.trusted().plus_ms(-wait_ms) }
    }
}
