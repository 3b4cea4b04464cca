//! Clocks that the demo sets, so that a day passes in seconds.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use storewalk_domain::time::{Clock, Timestamp};

/// A clock that stands where it was set and runs on from there in real time.
#[derive(Debug)]
pub(crate) struct SetClock {
    set_to: AtomicI64,
    set_after_ms: AtomicI64,
    started: Instant,
}

impl SetClock {
    /// A clock that shows `start` now.
    #[expect(clippy::disallowed_methods, reason = "the demo's clock runs on from a set time at the real pace")]
    pub(crate) fn at(start: Timestamp) -> Self {
        Self { set_to: AtomicI64::new(start.0), set_after_ms: AtomicI64::new(0), started: Instant::now() }
    }

    /// Sets the clock forward or back.
    pub(crate) fn set(&self, to: Timestamp) {
        self.set_to.store(to.0, Ordering::SeqCst);
        self.set_after_ms.store(self.elapsed_ms(), Ordering::SeqCst);
    }

    /// Real milliseconds since the clock was made, for measuring.
    pub(crate) fn real_ms(&self) -> i64 {
        self.elapsed_ms()
    }

    fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        let run_on = self.elapsed_ms() - self.set_after_ms.load(Ordering::SeqCst);
        Timestamp(self.set_to.load(Ordering::SeqCst)).plus_ms(run_on)
    }

    /// In the demo the day's time is also the monotonic time: nobody reboots and nobody turns the clock.
    fn monotonic_ms(&self) -> i64 {
        self.now().0
    }

    fn boot_id(&self) -> String {
        "demo".to_owned()
    }
}
