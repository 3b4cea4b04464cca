//! The app is killed at each moment at which something has just been written: nothing is lost, and the next start goes on.
//!
//! A test starts itself as a child that dies at a numbered boundary, for every number until the child lives to the end.

use std::sync::atomic::{AtomicUsize, Ordering};

const DIE_AT: &str = "STOREWALK_TEST_DIE_AT";

static PASSED: AtomicUsize = AtomicUsize::new(0);

/// Dies here, without a word and without cleaning up, when it is this one's turn.
pub(super) fn boundary(_: &str) {
    let Some(turn) = std::env::var(DIE_AT).ok().and_then(|turn| turn.parse::<usize>().ok()) else { return };
    if PASSED.fetch_add(1, Ordering::Relaxed) == turn {
        std::process::abort();
    }
}
