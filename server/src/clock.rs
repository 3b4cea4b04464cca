//! The system's clock and random ids: the only place in the server that reads either.

#![expect(clippy::disallowed_methods, reason = "this is where the injected clock and ids come from")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use storewalk_domain::{
    ids::IdSource,
    time::{Clock, Timestamp},
};
use uuid::Uuid;

/// The system's clocks.
#[derive(Clone, Debug)]
pub struct SystemClock {
    started: Instant,
    boot_id: String,
}

impl SystemClock {
    /// The clocks, counted from now.
    pub fn start() -> Self {
        Self { started: Instant::now(), boot_id: Uuid::new_v4().to_string() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn boot_id(&self) -> String {
        self.boot_id.clone()
    }
}

/// UUIDs of version 7.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
