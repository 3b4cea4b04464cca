//! What can go wrong with a store, in the few kinds that callers treat differently.

use storewalk_domain::sync::StateError;

/// Any error underneath.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A job that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full; nothing was half done.
    #[error("find room to write: {0}")]
    Full(#[source] BoxError),
    /// The database cannot be reached, written or trusted now.
    #[error("reach the database: {0}")]
    Unavailable(#[source] BoxError),
    /// More jobs wait than the store takes.
    #[error("take another job: the queue is full")]
    Busy,
    /// The store has shut down.
    #[error("use a store that has shut down")]
    Stopped,
    /// The job panicked; its work was dropped.
    #[error("finish a job: it panicked")]
    Panicked,
    /// The store refuses this value or statement; trying again will not help.
    #[error("keep or read a value: {0}")]
    Unfit(#[source] BoxError),
}

impl StoreError {
    /// Whether the same job may well succeed later.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Panicked | Self::Unfit(_))
    }
}

impl From<StateError> for StoreError {
    /// Stores answer the domain's questions with their own error inside; anything else is a value that does not fit.
    fn from(error: StateError) -> Self {
        match error.0.downcast::<Self>() {
            Ok(own) => *own,
            Err(other) => Self::Unfit(other),
        }
    }
}

impl From<StoreError> for StateError {
    fn from(error: StoreError) -> Self {
        Self(Box::new(error))
    }
}
