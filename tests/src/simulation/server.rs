//! The server, in this process: started from a folder, asked by tasks, killed and started again.
//!
//! **Invariants.** A crash drops every request under way and every job not yet committed. What a request answers is
//! looked at by the observer before any link can lose it.

use std::{
    collections::BTreeSet,
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use futures::channel::oneshot;
use storewalk_server::{
    AppState, Config, app, life,
    service::{
        arrived::look_at_arrived,
        segments::{Segments, Sizes},
        upkeep,
    },
};
use storewalk_wire::ApiError;

use super::{
    clock::{SeededIds, ServerClock},
    disk,
    executor::{Executor, TaskId, TaskKind},
    rng::Rng,
    store::{AfterCommit, SimStore},
    trace::Trace,
    transport::Transport,
    wire::Wire,
};

/// The server and the folder it lives from.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    executor: Executor,
    clock: ServerClock,
    folder: PathBuf,
    after_commit: AfterCommit,
    running: Mutex<Option<Running>>,
    ids: Arc<SeededIds>,
    /// Rows from which a bucket travels in files; 0 for what ships.
    bulk_rows: AtomicU64,
}

struct Running {
    state: AppState,
    store: SimStore,
    transports: [Transport; 2],
    requests: BTreeSet<TaskId>,
}

/// The settings of a simulated server: everything as in production but for the cost of hashing a password.
pub fn settings(folder: &Path) -> Config {
    let mut config = Config::default();
    config.storage.data_dir = folder.to_path_buf();
    config.auth.argon2_memory_kib = 8;
    config.auth.argon2_passes = 1;
    config.auth.attempts_at_once = 1_000;
    config.auth.attempts_per_address = 10_000;
    config
}

impl Server {
    /// A server that has not started yet.
    pub fn new(executor: Executor, clock: ServerClock, folder: PathBuf, rng: Rng, after_commit: AfterCommit) -> Self {
        let ids = Arc::new(SeededIds::new(rng));
        Self(Arc::new(Inner {
            executor,
            clock,
            folder,
            after_commit,
            running: Mutex::new(None),
            ids,
            bulk_rows: AtomicU64::new(0),
        }))
    }

    /// Lets buckets of so many rows travel in files, from the next start on.
    pub fn set_bulk_rows(&self, rows: u64) {
        self.0.bulk_rows.store(rows, Ordering::SeqCst);
    }

    fn bulk_sizes(&self) -> Option<Sizes> {
        let bulk_rows = self.0.bulk_rows.load(Ordering::SeqCst);
        let file_rows = usize::try_from(bulk_rows).unwrap_or(1).max(1);
        (bulk_rows > 0).then(|| Sizes { bulk_rows, file_rows, ..Sizes::default() })
    }

    /// Whether buckets travel in files.
    pub fn has_bulk(&self) -> bool {
        self.bulk_sizes().is_some()
    }

    /// What a sync may wait for. Files are built beside the request, on a thread of their own: nothing else may happen
    /// meanwhile, or no two runs would be the same.
    pub fn sync_kind(&self) -> TaskKind {
        if self.has_bulk() { TaskKind::Atomic } else { TaskKind::Threaded }
    }

    /// Starts.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn start(&self) -> anyhow::Result<()> {
        let mut state = self.open()?;
        let store = SimStore::over(Arc::clone(&state.store), self.0.executor.clone(), Arc::clone(&self.0.after_commit));
        state.store = Arc::new(store.clone());
        if let Some(sizes) = self.bulk_sizes() {
            state.segments = Arc::new(Segments::open(&self.0.folder.join("segments"), sizes)?);
        }
        let router = app(state.clone());
        let transports = [Transport::to(router.clone(), false), Transport::to(router, true)];
        *self.running() = Some(Running { state, store, transports, requests: BTreeSet::new() });
        Ok(())
    }

    /// Ends as by `kill -9`: requests and jobs under way are lost, the files stay as they were.
    ///
    /// # Errors
    /// When the files cannot be kept.
    pub fn kill(&self, rng: &mut Rng) -> anyhow::Result<()> {
        let running = self.running().take();
        let Some(running) = running else { return Ok(()) };
        for request in &running.requests {
            self.0.executor.cancel(*request);
        }
        let mut kept = disk::Kept::of(&self.0.folder, &["storewalk.sqlite"])?;
        if let Some(before) = running.store.before_the_end() {
            kept.tear(&before, rng);
        }
        running.store.crash();
        drop(running);
        kept.put_back()
    }

    /// The database as a backup keeps it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn back_up(&self) -> anyhow::Result<disk::Kept> {
        disk::Kept::of(&self.0.folder, &["storewalk.sqlite"])
    }

    /// Puts an old database in place of the present one, after an orderly stop; says so as an operator does, or leaves
    /// it to the next start to notice. The server must be down.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_back(&self, backup: disk::Kept, is_told: bool) -> anyhow::Result<()> {
        let folder = &self.0.folder;
        // The note beside the database is of its last minute.
        life::write(self.open()?.store.as_ref(), folder)?;
        backup.put_back()?;
        if is_told {
            life::restore(self.open()?.store.as_ref(), folder, self.0.ids.as_ref())?;
        }
        Ok(())
    }

    fn open(&self) -> anyhow::Result<AppState> {
        let ids = Arc::clone(&self.0.ids);
        Ok(AppState::open_with(settings(&self.0.folder), Arc::new(self.0.clock.clone()), ids)?)
    }

    /// Plans an end in the middle of the next commit, or calls it off.
    pub fn plan_end(&self, is_planned: bool) {
        if let Some(running) = self.running().as_ref() {
            running.store.plan_end(is_planned.then(|| self.0.folder.clone()));
        }
    }

    /// Whether the planned end has come: nothing is answered any more.
    pub fn has_ended(&self) -> bool {
        self.running().as_ref().is_some_and(|running| running.store.has_ended())
    }

    /// Whether it runs.
    pub fn is_up(&self) -> bool {
        self.running().is_some()
    }

    /// How long jobs take and how often they fail.
    pub fn set_weather(&self, slowest_ms: u64, failing_permille: u64) {
        if let Some(running) = self.running().as_ref() {
            running.store.set_weather(slowest_ms, failing_permille);
        }
    }

    /// Works on a request as a task of its own, which goes on even if nobody waits any more.
    pub fn ask<T, F>(
        &self,
        kind: TaskKind,
        is_packed: bool,
        wire: &Wire,
        ask: impl FnOnce(Transport) -> F,
    ) -> oneshot::Receiver<Result<T, ApiError>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        if let Some(running) = self.running().as_mut() {
            let asked = ask(running.transports[usize::from(is_packed)].over(wire.clone()));
            let state = running.state.clone();
            let task = self.0.executor.spawn(kind, async move {
                let answer = asked.await;
                state.segments.rest().await;
                // Nobody may be left to hear it.
                drop(sender.send(answer));
                if kind == TaskKind::Atomic {
                    // What brought photos; others must not wait for the threads that look at them.
                    look_at_arrived(&state).await;
                }
            });
            running.requests.retain(|request| self.0.executor.is_alive(*request));
            running.requests.insert(task);
        }
        receiver
    }

    /// Does something at the console, as a task of its own.
    pub fn act<F>(&self, act: impl FnOnce(AppState) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(running) = self.running().as_mut() {
            let task = self.0.executor.spawn(TaskKind::Threaded, act(running.state.clone()));
            running.requests.insert(task);
        }
    }

    /// Forgets what is no longer needed, as the server does about once an hour.
    pub fn tidy(&self) {
        if let Some(running) = self.running().as_mut() {
            let state = running.state.clone();
            let tidying = async move {
                // A store that fails now does not fail for ever: it is tried again.
                drop(upkeep::run(&state).await);
            };
            running.requests.insert(self.0.executor.spawn(TaskKind::Atomic, tidying));
        }
    }

    /// Loses one of the files of rows, or turns some of its bits over.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn damage_segment(&self, rng: &mut Rng, trace: &Trace) -> anyhow::Result<()> {
        let folder = self.0.folder.join("segments");
        let mut files: Vec<PathBuf> = match std::fs::read_dir(folder) {
            Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?,
            Err(_) => return Ok(()),
        };
        files.sort();
        let Some(file) = rng.pick(&files) else { return Ok(()) };
        let is_lost = rng.chance(50);
        trace.note("server", &format!("one of {} files of rows: lost {is_lost}", files.len()));
        if is_lost {
            return Ok(std::fs::remove_file(file)?);
        }
        let mut bytes = std::fs::read(file)?;
        if !bytes.is_empty() {
            let place = rng.index(bytes.len());
            bytes[place] ^= 1 << rng.below(8);
        }
        Ok(std::fs::write(file, bytes)?)
    }

    /// The folder it lives from.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
