//! Jobs, and the typed way to run them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use tokio::sync::oneshot;

use crate::store::{Store, StoreError, StoreRead, StoreTxn};

/// Whether a job's work is to be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settle {
    /// Commit it.
    Keep,
    /// Drop it.
    Drop,
}

/// Tells a job's caller how its commit ended.
pub type Report = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

type WriteWork = Box<dyn FnOnce(&mut dyn StoreTxn) -> Settle + Send>;

type ReadWork = Box<dyn FnOnce(&dyn StoreRead) + Send>;

/// Work for the writer.
pub struct WriteJob {
    run: WriteWork,
    report: Report,
}

impl WriteJob {
    /// Does the work; a panic is told apart from a refusal.
    pub fn run(self, txn: &mut dyn StoreTxn) -> (Result<Settle, StoreError>, Report) {
        let Self { run, report } = self;
        let settle = catch_unwind(AssertUnwindSafe(|| run(txn))).map_err(|_| StoreError::Panicked);
        (settle, report)
    }

    /// Leaves the work undone; the report is still owed.
    pub fn skip(self) -> Report {
        self.report
    }

    /// Reports that the job was never run.
    pub fn refuse(self, error: StoreError) {
        (self.report)(Err(error));
    }
}

/// Work for a reader.
pub struct ReadJob {
    run: ReadWork,
    report: Report,
}

impl ReadJob {
    /// Does the work and reports.
    pub fn run(self, snapshot: &dyn StoreRead) {
        let Self { run, report } = self;
        report(catch_unwind(AssertUnwindSafe(|| run(snapshot))).map_err(|_| StoreError::Panicked));
    }

    /// Reports that the job was never run.
    pub fn refuse(self, error: StoreError) {
        (self.report)(Err(error));
    }
}

/// Where a job leaves its result until the commit is known.
struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    fn new() -> (Self, Self) {
        let shared = Arc::new(Mutex::new(None));
        (Self(Arc::clone(&shared)), Self(shared))
    }

    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

pub(super) fn write_job<T, E>(
    work: impl FnOnce(&mut dyn StoreTxn) -> Result<T, E> + Send + 'static,
    report: impl FnOnce(Result<T, E>) + Send + 'static,
) -> WriteJob
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (filled, emptied) = Slot::new();
    let run = move |txn: &mut dyn StoreTxn| {
        let result = work(txn);
        let settle = if result.is_ok() { Settle::Keep } else { Settle::Drop };
        filled.put(result);
        settle
    };
    let report = move |committed: Result<(), StoreError>| {
        report(match committed {
            Ok(()) => emptied.take().unwrap_or_else(|| Err(StoreError::Panicked.into())),
            Err(error) => Err(error.into()),
        });
    };
    WriteJob { run: Box::new(run), report: Box::new(report) }
}

fn read_job<T, E>(
    work: impl FnOnce(&dyn StoreRead) -> Result<T, E> + Send + 'static,
    report: impl FnOnce(Result<T, E>) + Send + 'static,
) -> ReadJob
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (filled, emptied) = Slot::new();
    let run = move |snapshot: &dyn StoreRead| filled.put(work(snapshot));
    let report = move |done: Result<(), StoreError>| {
        report(match done {
            Ok(()) => emptied.take().unwrap_or_else(|| Err(StoreError::Panicked.into())),
            Err(error) => Err(error.into()),
        });
    };
    ReadJob { run: Box::new(run), report: Box::new(report) }
}

impl dyn Store {
    /// Runs a write job; answers after its commit. The work is done even if the caller stops waiting.
    ///
    /// # Errors
    /// The job's own error (its work is dropped), or the store's.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut dyn StoreTxn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.submit_write(write_job(work, move |result| drop(sender.send(result))));
        receiver.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// Runs a read job on one snapshot.
    ///
    /// # Errors
    /// The job's own error, or the store's.
    pub async fn read<T, E>(&self, work: impl FnOnce(&dyn StoreRead) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.submit_read(read_job(work, move |result| drop(sender.send(result))));
        receiver.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// `write` for a caller outside the async runtime.
    ///
    /// # Errors
    /// The job's own error (its work is dropped), or the store's.
    pub fn write_blocking<T, E>(
        &self,
        work: impl FnOnce(&mut dyn StoreTxn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel();
        self.submit_write(write_job(work, move |result| drop(sender.send(result))));
        receiver.recv().unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// `read` for a caller outside the async runtime.
    ///
    /// # Errors
    /// The job's own error, or the store's.
    pub fn read_blocking<T, E>(
        &self,
        work: impl FnOnce(&dyn StoreRead) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel();
        self.submit_read(read_job(work, move |result| drop(sender.send(result))));
        receiver.recv().unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }
}
