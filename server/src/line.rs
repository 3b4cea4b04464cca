//! How many requests may stand in line at once; whoever comes then is asked to come again later.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{error::ApiError, state::AppState};

/// Shortest wait asked for, in seconds.
const LEAST_SECONDS: u64 = 2;

/// By how many seconds the waits asked for differ, so that those sent away do not come back together.
const SPREAD_SECONDS: u64 = 6;

/// The places in line, those being served included.
#[derive(Clone, Debug)]
pub struct Line(Arc<Semaphore>);

impl Line {
    /// A line of so many places.
    pub fn of(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    /// A place, kept until it is dropped.
    ///
    /// # Errors
    /// When there is none: how long to wait.
    pub fn enter(&self, state: &AppState) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| self.later(state))
    }

    /// The refusal of one who is to come later.
    pub fn later(&self, state: &AppState) -> ApiError {
        // The last bytes of an id are random.
        let seed = u64::from(state.new_id().as_bytes()[15]);
        ApiError::wait(LEAST_SECONDS + seed % SPREAD_SECONDS)
    }
}
