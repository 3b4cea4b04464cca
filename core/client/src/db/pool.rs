//! One writer and a few readers over one file.

use std::{
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use storewalk_sqlite::{FaultKind, SqliteError};

use super::schema::{open_connection, open_reader};
use crate::{ClientError, room::Bound, vault::Vault};

/// Readers kept open between uses; more may exist for a moment.
const KEPT_READERS: usize = 4;

/// The database.
#[derive(Debug)]
pub(crate) struct Db {
    path: PathBuf,
    vault: Vault,
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Readers>,
    /// Woken when a reader comes back.
    returned: Condvar,
    /// How much may be written.
    bound: OnceLock<Bound>,
    /// Set once SQLite has called the file damaged.
    damaged: std::sync::atomic::AtomicBool,
    /// Set when a row could not be read, until all rows are looked at.
    has_unreadable: std::sync::atomic::AtomicBool,
}

#[derive(Debug, Default)]
struct Readers {
    idle: Vec<Connection>,
    busy: usize,
    is_closed: bool,
}

impl Db {
    /// Takes over the writer's connection of a file.
    pub(crate) fn new(path: &Path, vault: &Vault, writer: Connection) -> Self {
        Self {
            path: path.to_owned(),
            vault: vault.clone(),
            writer: Mutex::new(Some(writer)),
            readers: Mutex::default(),
            returned: Condvar::new(),
            bound: OnceLock::new(),
            damaged: std::sync::atomic::AtomicBool::new(false),
            has_unreadable: std::sync::atomic::AtomicBool::new(false),
        }
    }

    /// Reads in one snapshot.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, ClientError>) -> Result<T, ClientError> {
        let lease = self.lease()?;
        self.noticed(lease.snapshot(work))
    }

    /// Writes in one transaction; an error rolls all of it back.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut writer = unpoisoned(&self.writer);
        let connection = writer.as_mut().ok_or(ClientError::Closed)?;
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let bound = self.bound();
            bound.begin(&transaction)?;
            let done = work(&transaction)?;
            bound.commit()?;
            transaction.commit()?;
            Ok(done)
        };
        self.noticed(run(connection))
    }

    /// Bounds what may be written from now on.
    pub(crate) fn set_bound(&self, bound: Bound) {
        // Set once, when the core is opened.
        drop(self.bound.set(bound));
    }

    /// How much may be written.
    pub(crate) fn bound(&self) -> &Bound {
        static NONE: Bound = Bound(None);
        self.bound.get().unwrap_or(&NONE)
    }

    /// Whether SQLite has called the file damaged since it was opened.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Writes the log back into the file and lets every connection go, once the work in hand is done.
    pub(crate) fn close(&self) {
        let mut writer = unpoisoned(&self.writer);
        let mut readers = unpoisoned(&self.readers);
        readers.is_closed = true;
        readers.idle.clear();
        while readers.busy > 0 {
            readers = self.returned.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
        if let Some(connection) = writer.take() {
            // Only housekeeping: a log that is not written back now is written back at the next opening.
            if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
                tracing::debug!(%error, "the log was not written back");
            }
        }
    }

    /// Opens the connections again.
    pub(crate) fn reopen(&self) -> Result<(), ClientError> {
        let mut writer = unpoisoned(&self.writer);
        if writer.is_none() {
            *writer = Some(open_connection(&self.path, &self.vault)?);
        }
        unpoisoned(&self.readers).is_closed = false;
        Ok(())
    }

    fn lease(&self) -> Result<Lease<'_>, ClientError> {
        let idle = {
            let mut readers = unpoisoned(&self.readers);
            if readers.is_closed {
                return Err(ClientError::Closed);
            }
            readers.busy += 1;
            readers.idle.pop()
        };
        let mut lease = Lease { db: self, connection: idle };
        if lease.connection.is_none() {
            lease.connection = Some(open_reader(&self.path, &self.vault)?);
        }
        Ok(lease)
    }

    /// Whether a row could not be read since this was asked last.
    pub(crate) fn take_unreadable(&self) -> bool {
        self.has_unreadable.swap(false, std::sync::atomic::Ordering::Relaxed)
    }

    fn noticed<T>(&self, result: Result<T, ClientError>) -> Result<T, ClientError> {
        if let Err(ClientError::Storage { source: SqliteError::Shape { .. }, .. }) = &result {
            self.has_unreadable.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        if let Err(ClientError::Storage { kind: FaultKind::Damaged, .. }) = &result {
            let was_known = self.damaged.swap(true, std::sync::atomic::Ordering::Relaxed);
            if let (false, Some(dir)) = (was_known, self.path.parent()) {
                crate::recovery::mark_damaged(dir);
            }
        }
        result
    }
}

/// A reader on loan; it comes back when dropped, even by a panic.
struct Lease<'d> {
    db: &'d Db,
    connection: Option<Connection>,
}

impl Lease<'_> {
    fn snapshot<T>(&self, work: impl FnOnce(&Connection) -> Result<T, ClientError>) -> Result<T, ClientError> {
        let connection = self.connection.as_ref().ok_or(ClientError::Closed)?;
        let snapshot = connection.unchecked_transaction()?;
        work(&snapshot)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut readers = unpoisoned(&self.db.readers);
        readers.busy -= 1;
        if let Some(connection) = self.connection.take()
            && !readers.is_closed
            && readers.idle.len() < KEPT_READERS
        {
            readers.idle.push(connection);
        }
        self.db.returned.notify_all();
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
