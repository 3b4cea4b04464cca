//! Time and ids that the simulator sets: one true time, and what server and phones make of it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use storewalk_domain::{
    ids::IdSource,
    time::{Clock, Timestamp},
};
use uuid::Uuid;

use super::rng::Rng;

/// The true time, in milliseconds since 1970 UTC. It only ever goes forward.
#[derive(Clone, Debug)]
pub struct TrueTime(Arc<AtomicI64>);

impl TrueTime {
    /// Begins at an instant.
    pub fn from(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    /// Now.
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Goes forward to an instant; an earlier one changes nothing.
    pub fn reach(&self, instant: i64) {
        self.0.fetch_max(instant, Ordering::SeqCst);
    }
}

/// The server's clock is right.
#[derive(Clone, Debug)]
pub struct ServerClock(pub TrueTime);

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now())
    }

    fn monotonic_ms(&self) -> i64 {
        self.0.now()
    }

    fn boot_id(&self) -> String {
        "server".to_owned()
    }
}

/// A phone's clock: as wrong as its user set it, counting from its last boot.
#[derive(Debug)]
pub struct PhoneClock {
    time: TrueTime,
    phone: u64,
    state: Mutex<PhoneTime>,
}

#[derive(Clone, Copy, Debug)]
struct PhoneTime {
    /// How far the wall clock is ahead of the true time.
    ahead_ms: i64,
    booted_at: i64,
    boots: u64,
    was_set: bool,
}

impl PhoneClock {
    /// The clock of a phone that was switched on a while ago.
    pub fn new(time: TrueTime, phone: u64) -> Self {
        let booted_at = time.now() - 3_600_000;
        Self { time, phone, state: Mutex::new(PhoneTime { ahead_ms: 0, booted_at, boots: 1, was_set: false }) }
    }

    /// Sets the wall clock so that it is this much ahead of the true time.
    pub fn set_ahead(&self, ahead_ms: i64) {
        let mut state = self.state();
        (state.ahead_ms, state.was_set) = (ahead_ms, true);
    }

    /// What is on this phone may have been planned by a clock that somebody set.
    pub fn doubt(&self) {
        self.state().was_set = true;
    }

    /// Whether anybody ever set it.
    pub fn was_set(&self) -> bool {
        self.state().was_set
    }

    /// Switches the phone off and on.
    pub fn reboot(&self) {
        let now = self.time.now();
        let mut state = self.state();
        state.booted_at = now;
        state.boots += 1;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, PhoneTime> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.time.now().saturating_add(self.state().ahead_ms))
    }

    fn monotonic_ms(&self) -> i64 {
        self.time.now() - self.state().booted_at
    }

    fn boot_id(&self) -> String {
        format!("phone-{}-boot-{}", self.phone, self.state().boots)
    }
}

/// Ids from a seed; never the same twice, in no particular order.
#[derive(Debug)]
pub struct SeededIds(Mutex<Rng>);

impl SeededIds {
    /// The ids of a stream.
    pub fn new(rng: Rng) -> Self {
        Self(Mutex::new(rng))
    }
}

impl IdSource for SeededIds {
    fn next_id(&self) -> Uuid {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes16();
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_set_back_by_years_still_counts_true_milliseconds() {
        let time = TrueTime::from(Timestamp(1_000_000_000_000));
        let clock = PhoneClock::new(time.clone(), 1);
        let (wall, counted) = (clock.now(), clock.monotonic_ms());
        clock.set_ahead(-90_000_000_000);
        time.reach(1_000_000_005_000);
        assert_eq!(clock.now().since_ms(wall), 5_000 - 90_000_000_000);
        assert_eq!(clock.monotonic_ms() - counted, 5_000);
    }

    #[test]
    fn a_reboot_is_another_boot_that_counts_from_nothing() {
        let clock = PhoneClock::new(TrueTime::from(Timestamp(0)), 1);
        let before = clock.boot_id();
        clock.reboot();
        assert_ne!(clock.boot_id(), before);
        assert_eq!(clock.monotonic_ms(), 0);
    }
}
