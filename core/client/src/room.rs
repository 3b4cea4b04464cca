//! How much the core may write: a bound that a host can set, below what the disk gives.
//!
//! **Invariants.** Asked before every transaction, before it is committed, and before a file of a photo or of rows is
//! written. What does not fit is refused as by a full disk: nothing of it is kept, and what was there stays.
//!
//! **Non-goals.** Guessing how full the disk is: the disk says so itself.

use std::{io, sync::Arc};

use rusqlite::Transaction;

use crate::{ClientError, Phone};

/// Bytes of a page of the database.
const PAGE_BYTES: u64 = 4_096;

/// Pages that a database has at most anyway.
const MOST_PAGES: u64 = 4_294_967_294;

/// How much may still be written.
pub trait Room: Send + Sync {
    /// Bytes; `None` for as many as the disk gives.
    fn left(&self) -> Option<u64>;
}

/// The bound a host has set, if any.
#[derive(Clone, Default)]
pub(crate) struct Bound(pub(crate) Option<Arc<dyn Room>>);

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bound").field(&self.0.is_some()).finish()
    }
}

impl Bound {
    fn left(&self) -> Option<u64> {
        self.0.as_ref().and_then(|room| room.left())
    }

    /// Lets a transaction take no more pages than there is room for.
    pub(crate) fn begin(&self, transaction: &Transaction<'_>) -> Result<(), ClientError> {
        if self.0.is_none() {
            return Ok(());
        }
        let pages: u64 = transaction.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let most = self.left().map_or(MOST_PAGES, |left| pages.saturating_add(left / PAGE_BYTES).min(MOST_PAGES));
        Ok(transaction.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?)
    }

    /// Whether what a transaction has written can be kept.
    pub(crate) fn commit(&self) -> Result<(), ClientError> {
        if self.left() == Some(0) {
            let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
            return Err(rusqlite::Error::SqliteFailure(full, None).into());
        }
        Ok(())
    }

    /// Whether a file of so many bytes can be written.
    pub(crate) fn file(&self, bytes: usize) -> io::Result<()> {
        match self.left() {
            Some(left) if left < u64::try_from(bytes).unwrap_or(u64::MAX) => {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            _ => Ok(()),
        }
    }
}

impl Phone {
    /// Whether a file of so many bytes can be written.
    pub(crate) fn needs_room(&self, bytes: usize) -> Result<(), ClientError> {
        Ok(self.inner.db.bound().file(bytes)?)
    }
}
