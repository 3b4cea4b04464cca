//! The core's own threads.
//!
//! **Invariants.** Work is spawned here and awaited from outside, so a caller that stops waiting (a cancelled coroutine)
//! cuts nothing in half. After [`Runtime::stop`] no thread of ours runs, so a host may exit.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use storewalk_client::ClientError;
use tokio::{
    runtime::{Builder, Handle},
    task::JoinHandle,
};

use crate::CoreError;

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

    /// Runs async work to its end.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ClientError>> + Send + 'static,
    ) -> Result<T, CoreError> {
        ended(self.handle()?.spawn(work)).await
    }

    /// Runs work that waits for the database to its end, on a thread that may wait.
    pub(crate) async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ClientError> + Send + 'static,
    ) -> Result<T, CoreError> {
        ended(self.handle()?.spawn_blocking(work)).await
    }

    /// Stops the threads and waits for them.
    pub(crate) fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = running {
            runtime.shutdown_timeout(PATIENCE);
        }
    }

    fn handle(&self) -> Result<Handle, CoreError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(|runtime| runtime.handle().clone()).ok_or_else(|| ClientError::Closed.into())
    }
}

/// Waits for a task; a panic in it is an error with a code, and the host lives on.
async fn ended<T>(task: JoinHandle<Result<T, ClientError>>) -> Result<T, CoreError> {
    match task.await {
        Ok(result) => result.map_err(CoreError::from),
        Err(fault) if fault.is_cancelled() => Err(ClientError::Closed.into()),
        Err(_) => Err(ClientError::Internal("a panic in the core".to_owned()).into()),
    }
}
