//! Many tasks, one thread, simulated time.
//!
//! **States of a task.** Ready → polled → waiting (for simulated time, for the simulated store, for another task) →
//! ready again, or finished, or cancelled, which drops its future where it stands.
//!
//! **Invariants.** Time moves only when nothing is ready, and only to the next event. Which of several ready tasks runs
//! first is drawn from the seed. The same seed gives the same order. Work that a task gives to real threads counts as
//! part of its poll: nothing else happens until they have answered.

#[cfg(test)]
mod tests;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use self::watch::Watch;
use super::{clock::TrueTime, rng::Rng};

/// Names a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TaskId(u64);

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;
type Event = Box<dyn FnOnce() + Send>;

/// How long a task may wait for a real thread before the run is called stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// A handle to the executor; clones share it.
#[derive(Clone)]
pub struct Executor(Arc<Shared>);

struct Shared {
    time: TrueTime,
    state: Mutex<State>,
    woken: Condvar,
}

struct State {
    rng: Rng,
    next_task: u64,
    next_event: u64,
    tasks: BTreeMap<TaskId, Task>,
    ready: BTreeSet<TaskId>,
    /// The task that is being polled.
    current: Option<TaskId>,
    is_stuck: bool,
    events: BTreeMap<(i64, u64), Event>,
    watch: Option<Watch>,
}

/// What a task may wait for beside other tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskKind {
    /// Simulated time only.
    Simulated,
    /// Simulated time and real threads.
    Threaded,
    /// Real threads only: it runs from beginning to end without anything else happening.
    Atomic,
}

struct Task {
    /// `None` while it is being polled.
    future: Option<BoxFuture>,
    /// What it may wait for.
    kind: TaskKind,
    /// How many simulated events it waits for: with none, and still waiting, it waits for a thread.
    waits: usize,
}

impl State {
    fn waits(&self, id: TaskId) -> bool {
        self.tasks.get(&id).is_some_and(|task| task.waits > 0)
    }
}

/// How waiting for a real thread ended.
enum Thread {
    /// It woke the task.
    Woke,
    /// It waits for simulated time itself.
    Waits,
    /// It never answered.
    Hangs,
}

impl Executor {
    /// An executor with nothing to do.
    pub fn new(time: TrueTime, rng: Rng) -> Self {
        let state = State {
            rng,
            next_task: 1,
            next_event: 1,
            tasks: BTreeMap::new(),
            ready: BTreeSet::new(),
            current: None,
            is_stuck: false,
            events: BTreeMap::new(),
            watch: None,
        };
        Self(Arc::new(Shared { time, state: Mutex::new(state), woken: Condvar::new() }))
    }

    /// The true time.
    pub fn now(&self) -> i64 {
        self.0.time.now()
    }

    /// Adds a task; it is first polled by [`Executor::run_until`].
    pub fn spawn(&self, kind: TaskKind, future: impl Future<Output = ()> + Send + 'static) -> TaskId {
        let future: BoxFuture = Box::pin(future);
        let mut state = self.state();
        let id = TaskId(state.next_task);
        state.next_task += 1;
        state.tasks.insert(id, Task { future: Some(future), kind, waits: 0 });
        state.ready.insert(id);
        id
    }

    /// Drops a task where it stands; it may be finished.
    pub fn cancel(&self, id: TaskId) {
        let dropped = {
            let mut state = self.state();
            state.ready.remove(&id);
            state.tasks.remove(&id)
        };
        // Outside the lock: dropping a future may wake others.
        drop(dropped);
    }

    /// Whether a task is still there.
    pub fn is_alive(&self, id: TaskId) -> bool {
        self.state().tasks.contains_key(&id)
    }

    /// Whether the task being polled must not wait for simulated time.
    pub fn is_atomic(&self) -> bool {
        let state = self.state();
        let task = state.current.and_then(|id| state.tasks.get(&id));
        task.is_some_and(|task| task.kind == TaskKind::Atomic)
    }

    /// Whether a task waited for a thread that never answered.
    pub fn is_stuck(&self) -> bool {
        self.state().is_stuck
    }

    /// Does something after a delay; the task being polled waits for it.
    pub fn after(&self, delay_ms: i64, event: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        let waiting = state.current;
        if let Some(task) = waiting.and_then(|id| state.tasks.get_mut(&id)) {
            task.waits += 1;
        }
        self.0.woken.notify_all();
        let key = (self.now().saturating_add(delay_ms.max(0)), state.next_event);
        state.next_event += 1;
        let handle = self.clone();
        let event = move || {
            handle.waited(waiting);
            event();
        };
        state.events.insert(key, Box::new(event));
    }

    fn waited(&self, task: Option<TaskId>) {
        let mut state = self.state();
        if let Some(task) = task.and_then(|id| state.tasks.get_mut(&id)) {
            task.waits = task.waits.saturating_sub(1);
        }
    }

    /// A random number below `limit`.
    pub fn draw(&self, limit: u64) -> u64 {
        self.state().rng.below(limit)
    }

    /// Lets simulated time pass.
    pub fn sleep(&self, delay_ms: i64) -> Sleep {
        let bell = Arc::new(Mutex::new(Bell::default()));
        let rung = Arc::clone(&bell);
        self.after(delay_ms, move || {
            let waker = {
                let mut bell = rung.lock().unwrap_or_else(PoisonError::into_inner);
                bell.has_rung = true;
                bell.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        Sleep(bell)
    }

    /// Runs what is ready and what falls due until an instant.
    pub fn run_until(&self, instant: i64) {
        loop {
            while let Some((id, future)) = self.next_ready() {
                let before = self.probe(id);
                self.poll(id, future);
                if self.catches(id, before) {
                    return;
                }
            }
            let due = {
                let mut state = self.state();
                match state.events.first_key_value() {
                    Some(((at, _), _)) if *at <= instant => state.events.pop_first(),
                    _ => None,
                }
            };
            let Some(((at, _), event)) = due else { break };
            self.0.time.reach(at);
            event();
        }
        self.0.time.reach(instant);
    }

    /// Runs until none of these tasks is left, at most for so many milliseconds. Says whether that came to pass.
    pub fn run_out(&self, tasks: &[TaskId], limit_ms: i64) -> bool {
        let end = self.now().saturating_add(limit_ms);
        loop {
            self.run_until(self.now());
            if !tasks.iter().any(|id| self.is_alive(*id)) {
                return true;
            }
            let next = self.state().events.first_key_value().map(|((at, _), _)| *at);
            match next {
                Some(at) if at <= end => self.run_until(at),
                Some(_) | None => return false,
            }
        }
    }

    fn next_ready(&self) -> Option<(TaskId, BoxFuture)> {
        let mut state = self.state();
        while !state.ready.is_empty() {
            let count = state.ready.len();
            let chosen = if count == 1 { 0 } else { state.rng.index(count) };
            let id = *state.ready.iter().nth(chosen)?;
            state.ready.remove(&id);
            if let Some(future) = state.tasks.get_mut(&id).and_then(|task| task.future.take()) {
                return Some((id, future));
            }
        }
        None
    }

    fn poll(&self, id: TaskId, mut future: BoxFuture) {
        let waker = Waker::from(Arc::new(TaskWaker { executor: self.clone(), id }));
        self.state().current = Some(id);
        loop {
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            let mut state = self.state();
            let Some(task) = state.tasks.get_mut(&id).filter(|_| polled.is_pending()) else {
                // Finished, or cancelled while it ran.
                state.tasks.remove(&id);
                state.ready.remove(&id);
                drop(state);
                break drop(future);
            };
            if task.kind == TaskKind::Simulated || task.waits > 0 {
                task.future = Some(future);
                break;
            }
            match self.wait_for_thread(state, id) {
                Thread::Woke => {}
                Thread::Waits => {
                    let mut state = self.state();
                    if let Some(task) = state.tasks.get_mut(&id) {
                        task.future = Some(future);
                    }
                    break;
                }
                Thread::Hangs => break,
            }
        }
        self.state().current = None;
    }

    /// Waits in real time until a thread wakes this task, or begins to wait for simulated time in its name.
    fn wait_for_thread(&self, state: MutexGuard<'_, State>, id: TaskId) -> Thread {
        let is_busy = |state: &mut State| !state.ready.contains(&id) && !state.waits(id);
        let waiting = self.0.woken.wait_timeout_while(state, PATIENCE, is_busy);
        let (mut state, timeout) = waiting.unwrap_or_else(PoisonError::into_inner);
        if state.ready.remove(&id) {
            return Thread::Woke;
        }
        if state.waits(id) {
            return Thread::Waits;
        }
        debug_assert!(timeout.timed_out());
        state.is_stuck = true;
        state.tasks.remove(&id);
        Thread::Hangs
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TaskWaker {
    executor: Executor,
    id: TaskId,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        let mut state = self.executor.state();
        if state.tasks.contains_key(&self.id) {
            state.ready.insert(self.id);
            self.executor.0.woken.notify_all();
        }
    }
}

#[derive(Default)]
struct Bell {
    has_rung: bool,
    waker: Option<Waker>,
}

/// Simulated time passing.
pub struct Sleep(Arc<Mutex<Bell>>);

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut bell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bell.has_rung {
            return Poll::Ready(());
        }
        bell.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
