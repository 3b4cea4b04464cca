//! Stopping a long call.
//!
//! Cancelling a coroutine reaches Rust in Kotlin and Python and does not in Swift, so each long call takes a token that
//! works in all three. Without one, a call that its caller gave up still runs to its end.

use std::sync::Arc;

use tokio::sync::watch;

/// Given to long calls; one token may be given to several.
#[derive(Debug, uniffi::Object)]
pub struct CancelToken {
    is_cancelled: watch::Sender<bool>,
}

#[uniffi::export]
impl CancelToken {
    /// A token that nobody has cancelled.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { is_cancelled: watch::Sender::new(false) })
    }

    /// Stops every call that holds the token, and lets none that is given it begin. What a stopped call has written
    /// stays; nothing is half done.
    pub fn cancel(&self) {
        self.is_cancelled.send_replace(true);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.is_cancelled.borrow()
    }
}

impl CancelToken {
    /// Waits until it is cancelled.
    pub(crate) async fn cancelled(&self) {
        // The sender is `self`: it cannot be gone while this waits.
        let _ = self.is_cancelled.subscribe().wait_for(|is_cancelled| *is_cancelled).await;
    }
}
