//! The system's clocks and random ids: the one place of this crate that reads either.
//!
//! The monotonic clock counts time asleep too (`CLOCK_BOOTTIME` where there is one): a phone that slept in a pocket
//! for two hours must not think that no time has passed.

use storewalk_domain::{
    ids::IdSource,
    time::{Clock, Timestamp},
};
use uuid::Uuid;

/// The clocks of the machine.
#[derive(Clone, Debug)]
pub struct SystemClock {
    boot_id: String,
}

impl SystemClock {
    /// The clocks of this boot.
    pub fn new() -> Self {
        Self { boot_id: boot_id() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the production clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn monotonic_ms(&self) -> i64 {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let clock = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        let clock = rustix::time::ClockId::Monotonic;
        let time = rustix::time::clock_gettime(clock);
        time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000)
    }

    fn boot_id(&self) -> String {
        self.boot_id.clone()
    }
}

/// Names the boot where the system does; elsewhere the process, so that an anchor is never trusted across a reboot.
#[expect(clippy::disallowed_methods, reason = "the production clock")]
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| Uuid::now_v7().to_string(), |text| text.trim().to_owned())
}

/// Ids that nobody else mints: UUIDv7, ordered by time.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the production source of ids")]
    fn next_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
