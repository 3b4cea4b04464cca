//! The server's store under the simulator's hand: every job takes simulated time, may fail, may be lost in a crash.
//!
//! **Invariants.** Each write job is a commit of its own, so what was committed when is known, and something may look at
//! the database after each. A job that is lost in a crash was either never run, or run and never answered.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use storewalk_server::store::{ReadJob, Report, Settle, Store, StoreError, WriteJob};

use super::{disk::Kept, executor::Executor};

/// Longer than any run.
const NEVER_MS: i64 = 1_000 * super::weather::DAY;

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
    end: Mutex<End>,
}

/// An end in the middle of a commit.
#[derive(Default)]
enum End {
    /// None is planned.
    #[default]
    Far,
    /// The next commit is the last, and nobody hears of it. The folder of the database.
    Planned(PathBuf),
    /// It has come: the files before that commit, and everything that waits in vain.
    Come(Kept, Vec<Box<dyn std::any::Any + Send>>),
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
            end: Mutex::default(),
        }))
    }

    /// How long jobs take and how often they fail.
    pub fn set_weather(&self, slowest_ms: u64, failing_permille: u64) {
        self.0.slowest_ms.store(slowest_ms, Ordering::SeqCst);
        self.0.failing_permille.store(failing_permille, Ordering::SeqCst);
    }

    /// Plans an end in the middle of the next commit to the database of this folder, or calls it off.
    pub fn plan_end(&self, folder: Option<PathBuf>) {
        let mut end = self.0.end();
        if !matches!(*end, End::Come(..)) {
            *end = folder.map_or(End::Far, End::Planned);
        }
    }

    /// Whether the planned end has come.
    pub fn has_ended(&self) -> bool {
        matches!(*self.0.end(), End::Come(..))
    }

    /// The files before the last commit, if it was cut off.
    pub fn before_the_end(&self) -> Option<Kept> {
        match std::mem::take(&mut *self.0.end()) {
            End::Come(before, _) => Some(before),
            End::Far | End::Planned(_) => None,
        }
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
            if let End::Come(_, waiting) = &mut *inner.end() {
                return waiting.push(Box::new(job));
            }
            let real = inner.real.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(real) = real {
                job(&inner, &real);
            }
        };
        if self.0.executor.is_atomic() {
            run();
            if self.has_ended() {
                // Nobody will answer: the task waits for a time that never comes, not for a thread.
                self.0.executor.after(NEVER_MS, || {});
            }
            return;
        }
        let slowest = self.0.slowest_ms.load(Ordering::SeqCst);
        let delay = i64::try_from(self.0.executor.draw(slowest + 1)).unwrap_or(0);
        self.0.executor.after(delay, run);
    }
}

impl Inner {
    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The files as they are, when the next commit is to be cut off.
    fn before_the_last(&self) -> Option<Kept> {
        match &*self.end() {
            End::Planned(folder) => Kept::of(folder, &["storewalk.sqlite"]).ok(),
            End::Far | End::Come(..) => None,
        }
    }

    fn write(&self, real: &Arc<dyn Store>, job: WriteJob) {
        if self.executor.draw(1_000) < self.failing_permille.load(Ordering::SeqCst) {
            return job.refuse(match self.executor.draw(3) {
                0 => StoreError::Full("the disk is full".into()),
                1 => StoreError::Unavailable("the disk does not answer".into()),
                _ => StoreError::Busy,
            });
        }
        let before = self.before_the_last();
        let written = futures::executor::block_on(real.write(move |txn| match job.run(txn) {
            (Ok(Settle::Keep), report) => Ok(report),
            (Ok(Settle::Drop), report) => Err(Ended::Dropped(report)),
            (Err(error), report) => {
                report(Err(error));
                Err(Ended::Failed(StoreError::Panicked))
            }
        }));
        match written {
            Ok(report) if before.is_some() => {
                if let Some(before) = before {
                    *self.end() = End::Come(before, vec![Box::new(report)]);
                }
            }
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
