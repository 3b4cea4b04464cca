//! The core's own threads.
//!
//! **Invariants.** Work is spawned here and awaited from outside, so a caller that stops waiting (a cancelled coroutine)
//! cuts nothing in half. After [`Runtime::stop`] no thread of ours runs, so a host may exit; whoever calls it second waits
//! for the first. Nothing waits longer than [`PATIENCE`] for what does not end by itself.

use std::{
    cell::Cell,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use storewalk_client::ClientError;
use tokio::{
    runtime::{Builder, Handle},
    task::JoinHandle,
};

use crate::{CancelToken, CoreError, ending};

/// How long [`Runtime::stop`] waits for work that does not end by itself, such as a listener that never returns.
const PATIENCE: Duration = Duration::from_secs(5);

/// The number of the next runtime. Zero is nobody's.
static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The number of the runtime that this thread belongs to.
    static MINE: Cell<u64> = const { Cell::new(0) };
}

/// A runtime that can be stopped once.
pub(crate) struct Runtime {
    number: u64,
    running: Mutex<Option<tokio::runtime::Runtime>>,
    /// Held while it is being stopped.
    stopping: Mutex<()>,
}

impl Runtime {
    /// Starts the threads.
    pub(crate) fn start() -> Result<Self, CoreError> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2).thread_name("storewalk").enable_all().on_thread_start(move || MINE.set(number));
        let runtime = builder.build().map_err(ClientError::File)?;
        Ok(Self { number, running: Mutex::new(Some(runtime)), stopping: Mutex::default() })
    }

    /// Whether this is one of its threads.
    pub(crate) fn is_inside(&self) -> bool {
        MINE.get() == self.number
    }

    /// Runs async work to its end, or until the token is cancelled.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        cancel: Option<Arc<CancelToken>>,
        work: impl Future<Output = Result<T, CoreError>> + Send + 'static,
    ) -> Result<T, CoreError> {
        ended(self.handle()?.spawn(unless_cancelled(cancel, work))).await
    }

    /// Runs work that waits for the database to its end, on a thread that may wait.
    pub(crate) async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CoreError> + Send + 'static,
    ) -> Result<T, CoreError> {
        ended(self.handle()?.spawn_blocking(work)).await
    }

    /// Begins work that nobody waits for.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> Result<(), CoreError> {
        self.handle()?.spawn(work);
        Ok(())
    }

    /// Stops the threads and waits for them. Blocks: never to be called on one of them.
    pub(crate) fn stop(&self) {
        let _turn = self.stopping.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = self.take() {
            runtime.shutdown_timeout(PATIENCE);
        }
    }

    fn take(&self) -> Option<tokio::runtime::Runtime> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn handle(&self) -> Result<Handle, CoreError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(|runtime| runtime.handle().clone()).ok_or_else(|| ClientError::Closed.into())
    }
}

impl Drop for Runtime {
    /// A core that nobody shut down, dropped on whatever thread collects garbage, perhaps one of its own: nothing waits
    /// here.
    fn drop(&mut self) {
        let Some(runtime) = self.take() else { return };
        let kept = Arc::new(Mutex::new(Some(runtime)));
        let handed = Arc::clone(&kept);
        let end = move || stop(&handed, |runtime| runtime.shutdown_timeout(PATIENCE));
        if ending::begin(end).is_none() {
            stop(&kept, tokio::runtime::Runtime::shutdown_background);
        }
    }
}

fn stop(kept: &Mutex<Option<tokio::runtime::Runtime>>, how: impl FnOnce(tokio::runtime::Runtime)) {
    let taken = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(runtime) = taken {
        how(runtime);
    }
}

async fn unless_cancelled<T>(
    cancel: Option<Arc<CancelToken>>,
    work: impl Future<Output = Result<T, CoreError>>,
) -> Result<T, CoreError> {
    let Some(token) = cancel else { return work.await };
    tokio::select! {
        biased;
        () = token.cancelled() => Err(CoreError::cancelled()),
        done = work => done,
    }
}

/// Waits for a task; a panic in it is an error with a code, and the host lives on.
async fn ended<T>(task: JoinHandle<Result<T, CoreError>>) -> Result<T, CoreError> {
    match task.await {
        Ok(result) => result,
        Err(fault) if fault.is_cancelled() => Err(ClientError::Closed.into()),
        Err(_) => Err(ClientError::Internal("a panic in the core".to_owned()).into()),
    }
}
