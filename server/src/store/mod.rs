//! Where the server keeps everything but photo bytes, behind one synchronous trait.
//!
//! **Purpose.** A [`Store`] runs *jobs*. A write job gets a [`StoreTxn`], may read and write through it, and says
//! whether its work is kept; the caller hears of it only after the commit that made it durable. A read job gets a
//! [`StoreRead`] that shows one snapshot from beginning to end.
//!
//! **Invariants.** Writes are serial. A job that fails or panics leaves no trace; other jobs of the same commit are
//! untouched. Nothing is acknowledged before it is durable. Every implementation passes the suite in `conformance`.
//!
//! **Non-goals.** No rule of the product, no HTTP, no async: a PostgreSQL implementation blocks on its own threads.

mod accounts;
mod commands;
#[cfg(test)]
mod conformance;
mod console;
mod couriers;
mod covers;
mod error;
mod feed;
mod job;
mod lives;
mod prints;
mod retention;
mod reviews;
mod scopes;
mod segments;
mod sessions;
pub mod sqlite;
mod uploads;

use storewalk_domain::sync::State;
use tokio::sync::watch;

pub use accounts::{Account, AccountsRead, AccountsWrite, Device};
pub use commands::{CommandsRead, CommandsWrite, DeadLetter, StoredCommand};
pub use console::{
    AtDesk, Attention, Chain, ConsoleRead, CoverState, Day, OrderFilter, Page, PhotoFilter, PhotoState, Posting, Slice,
    WallEdge, WallPart, WallPlace,
};
pub use couriers::{CouriersRead, CouriersWrite, KeptParcel, KeptReason, KeptSum, ParcelHash};
pub use covers::{CoversRead, CoversWrite};
pub use error::{BoxError, StoreError};
pub use feed::{BucketHead, FeedEntry, FeedRead, FeedWrite, Move, RowKey, Written};
pub use job::{ReadJob, Report, Settle, WriteJob};
pub use lives::{Evidence, LivesRead, LivesWrite};
pub use prints::{PRINT_WAY, PhotoMatch, PhotoPrint, PrintPlace, PrintsRead, PrintsWrite};
pub use retention::{Erasure, Removal, RetentionRead, RetentionWrite, View, ViewKind};
pub use reviews::{ReviewsRead, ReviewsWrite};
pub use scopes::{ScopesRead, ScopesWrite};
pub use segments::{Manifest, Segment, SegmentsRead, SegmentsWrite};
pub use sessions::{
    AccessRecord, ConsoleSessionRecord, RefreshRecord, SessionRecord, SessionsRead, SessionsWrite, TokenHash,
};
pub use uploads::{PhotoFile, UploadRecord, UploadsRead, UploadsWrite};

/// Everything a snapshot can be asked. The rows themselves are asked as the domain's [`State`].
pub trait StoreRead:
    State
    + FeedRead
    + CommandsRead
    + AccountsRead
    + ScopesRead
    + SessionsRead
    + UploadsRead
    + PrintsRead
    + SegmentsRead
    + ConsoleRead
    + CouriersRead
    + CoversRead
    + LivesRead
    + RetentionRead
    + ReviewsRead
{
}

/// Everything a write job can do.
pub trait StoreTxn:
    StoreRead
    + FeedWrite
    + CommandsWrite
    + AccountsWrite
    + ScopesWrite
    + SessionsWrite
    + UploadsWrite
    + PrintsWrite
    + SegmentsWrite
    + CouriersWrite
    + CoversWrite
    + LivesWrite
    + RetentionWrite
    + ReviewsWrite
{
    /// Begins a part that can be dropped without the rest.
    fn begin_part(&mut self) -> Result<(), StoreError>;

    /// Keeps the part begun last.
    fn keep_part(&mut self) -> Result<(), StoreError>;

    /// Drops the part begun last, as if it had not been.
    fn drop_part(&mut self) -> Result<(), StoreError>;
}

/// Runs `work` as a part of the transaction: kept when it is `Ok`, dropped when it is `Err`.
///
/// # Errors
/// The outer result fails when the database does; then nothing of the job may be kept.
pub fn in_part<T, E>(
    txn: &mut dyn StoreTxn,
    work: impl FnOnce(&mut dyn StoreTxn) -> Result<T, E>,
) -> Result<Result<T, E>, StoreError> {
    txn.begin_part()?;
    let result = work(txn);
    match result {
        Ok(_) => txn.keep_part()?,
        Err(_) => txn.drop_part()?,
    }
    Ok(result)
}

/// A database that runs jobs.
pub trait Store: Send + Sync {
    /// Hands a job to the writer. Its outcome is reported to the job itself.
    fn submit_write(&self, job: WriteJob);

    /// Hands a job to the readers. Its outcome is reported to the job itself.
    fn submit_read(&self, job: ReadJob);

    /// Counts up after each commit; ends with the store. A store that does not say so never counts.
    fn commits(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }
}
