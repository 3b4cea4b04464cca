//! The server's store under the simulator's hand: every job takes simulated time, may fail, may be lost in a crash.
//!
//! **Invariants.** Each write job is a commit of its own, so what was committed when is known, and something may look at
//! the database after each. A job that is lost in a crash was either never run, or run and never answered.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use storewalk_server::store::{ReadJob, Report, Settle, Store, StoreError, WriteJob};

use super::executor::Executor;

/// What looks at the database after a commit.
pub type AfterCommit = Arc<dyn Fn() + Send + Sync>;

/// A store between the server and its real one.
#[derive(Clone)]
pub struct SimStore(Arc<Inner>);

struct Inner {
    executor: Executor,
    /// `None` after a crash: jobs that still wait are lost.
    real: Mutex<Option<Arc<dyn Store>>>,
    /// Longest simulated time a job takes.
    slowest_ms: AtomicU64,
    /// Of a thousand write jobs, how many fail with nothing done.
    failing_permille: AtomicU64,
    after_commit: AfterCommit,
}

/// A write job that left nothing behind.
enum Ended {
    /// It wanted its work dropped; its caller gets its answer.
    Dropped(Report),
    /// It failed.
    Failed(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl SimStore {
    /// Stands before a real store.
    pub fn over(real: Arc<dyn Store>, executor: Executor, after_commit: AfterCommit) -> Self {
        Self(Arc::new(Inner {
            executor,
            real: Mutex::new(Some(real)),
            slowest_ms: AtomicU64::new(0),
            failing_permille: AtomicU64::new(0),
            after_commit,
        }))
    }

    /// How long jobs take and how often they fail.
    pub fn set_weather(&self, slowest_ms: u64, failing_permille: u64) {
        self.0.slowest_ms.store(slowest_ms, Ordering::SeqCst);
        self.0.failing_permille.store(failing_permille, Ordering::SeqCst);
    }

    /// Lets the real store go: jobs that wait are lost.
    pub fn crash(&self) {
        let real = self.0.real.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Outside the lock: closing waits for its threads.
        drop(real);
    }

    fn schedule(&self, job: impl FnOnce(&Inner, &Arc<dyn Store>) + Send + 'static) {
        let inner = Arc::clone(&self.0);
        let run = move || {
            let real = inner.real.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(real) = real {
                job(&inner, &real);
            }
        };
        if self.0.executor.is_atomic() {
            return run();
        }
        let slowest = self.0.slowest_ms.load(Ordering::SeqCst);
        let delay = i64::try_from(self.0.executor.draw(slowest + 1)).unwrap_or(0);
        self.0.executor.after(delay, run);
    }
}

impl Inner {
    fn write(&self, real: &Arc<dyn Store>, job: WriteJob) {
        if self.executor.draw(1_000) < self.failing_permille.load(Ordering::SeqCst) {
            return job.refuse(StoreError::Busy);
        }
        let written = futures::executor::block_on(real.write(move |txn| match job.run(txn) {
            (Ok(Settle::Keep), report) => Ok(report),
            (Ok(Settle::Drop), report) => Err(Ended::Dropped(report)),
            (Err(error), report) => {
                report(Err(error));
                Err(Ended::Failed(StoreError::Panicked))
            }
        }));
        match written {
            Ok(report) => {
                (self.after_commit)();
                report(Ok(()));
            }
            Err(Ended::Dropped(report)) => report(Ok(())),
            // The job itself has been told, or was lost with the database.
            Err(Ended::Failed(error)) => tracing::debug!(%error, "a job failed"),
        }
    }
}

impl Store for SimStore {
    fn submit_write(&self, job: WriteJob) {
        self.schedule(move |inner, real| inner.write(real, job));
    }

    fn submit_read(&self, job: ReadJob) {
        self.schedule(move |_, real| {
            let read = futures::executor::block_on(real.read(move |snapshot| {
                job.run(snapshot);
                Ok::<(), StoreError>(())
            }));
            if let Err(error) = read {
                tracing::debug!(%error, "a read failed");
            }
        });
    }
}
