//! The core's own threads.
//!
//! **Invariants.** Work is spawned here and awaited from outside, so a caller that stops waiting (a cancelled coroutine)
//! cuts nothing in half. After [`Runtime::stop`] no thread of ours runs, so a host may exit.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use storewalk_client::ClientError;
use tokio::{
    runtime::{Builder, Handle},
    task::JoinHandle,
};

use crate::{CancelToken, CoreError};

/// How long [`Runtime::stop`] waits for work that does not end by itself, such as a request on a dead link.
const PATIENCE: Duration = Duration::from_secs(5);

/// A runtime that can be stopped once.
pub(crate) struct Runtime {
    running: Mutex<Option<tokio::runtime::Runtime>>,
}

impl Runtime {
    /// Starts the threads.
    pub(crate) fn start() -> Result<Self, CoreError> {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("storewalk").enable_all().build();
        let runtime = runtime.map_err(ClientError::File)?;
        Ok(Self { running: Mutex::new(Some(runtime)) })
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
    /// A core that nobody shut down, dropped on whatever thread collects garbage: nothing waits here.
    fn drop(&mut self) {
        if let Some(runtime) = self.take() {
            runtime.shutdown_background();
        }
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
