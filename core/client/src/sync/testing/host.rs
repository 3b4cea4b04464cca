//! Clocks that stand until they are moved, and ids that count.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use storewalk_domain::{
    ids::IdSource,
    time::{Clock, Timestamp},
};
use uuid::Uuid;

/// A clock moved by hand.
#[derive(Debug)]
pub(crate) struct HandClock {
    now: AtomicI64,
    monotonic: AtomicI64,
    boot: AtomicI64,
}

impl HandClock {
    pub(crate) fn at(text: &str) -> Self {
        let now = Timestamp::parse(text).expect("a time").0;
        Self { now: AtomicI64::new(now), monotonic: AtomicI64::new(1_000), boot: AtomicI64::new(1) }
    }

    /// Time passes.
    pub(crate) fn pass_ms(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
        self.monotonic.fetch_add(ms, Ordering::Relaxed);
    }

    /// The phone is switched off and on: the monotonic clock begins anew.
    pub(crate) fn reboot(&self) {
        self.boot.fetch_add(1, Ordering::Relaxed);
        self.monotonic.store(1_000, Ordering::Relaxed);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set_wall(&self, ms: i64) {
        self.now.store(ms, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
    }

    fn monotonic_ms(&self) -> i64 {
        self.monotonic.load(Ordering::Relaxed)
    }

    fn boot_id(&self) -> String {
        format!("boot {}", self.boot.load(Ordering::Relaxed))
    }
}

/// Ids that count up from a base of their own.
#[derive(Debug)]
pub(crate) struct CountedIds {
    base: u128,
    next: AtomicU64,
}

impl CountedIds {
    pub(crate) fn from(base: u64) -> Self {
        Self { base: u128::from(base) << 64, next: AtomicU64::new(1) }
    }
}

impl IdSource for CountedIds {
    fn next_id(&self) -> Uuid {
        Uuid::from_u128(self.base | u128::from(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}
