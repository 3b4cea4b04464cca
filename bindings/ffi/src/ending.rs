//! Ending on a thread of its own, and knowing when the last one has ended.
//!
//! What ends a core waits for the core's threads, so it is none of them. A host whose interpreter goes at exit must not go
//! while one of our threads is still inside of it; [`wait_until_ended`] is what such a host waits for.
//!
//! **Invariant.** What counts as under way is counted before its thread begins, and until nothing of the host is called on
//! it any more.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

/// How many ends are under way in this process.
static UNDER_WAY: Mutex<usize> = Mutex::new(0);

/// Rings when one is over.
static OVER: Condvar = Condvar::new();

/// One end under way, for as long as it is held.
struct Ending;

impl Ending {
    fn count() -> Self {
        *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        OVER.notify_all();
    }
}

/// Begins to end something; nothing is given, and nothing begun, when the system has no thread left.
pub(crate) fn begin(end: impl FnOnce() + Send + 'static) -> Option<JoinHandle<()>> {
    let under_way = Ending::count();
    let ending = move || {
        end();
        drop(under_way);
    };
    let thread = std::thread::Builder::new().name("storewalk-end".to_owned()).spawn(ending);
    thread.inspect_err(|error| tracing::warn!(%error, "no thread to end a core on")).ok()
}

/// Waits until every core of this process that was shut down or let go has wholly ended, at most so many milliseconds,
/// and says whether none is left. Cores that are open are not waited for. For hosts that are about to exit; blocks.
#[uniffi::export]
pub fn wait_until_ended(most_ms: u64) -> bool {
    let under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = OVER.wait_timeout_while(under_way, Duration::from_millis(most_ms), |count| *count > 0);
    !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
}
