//! A bounded queue of jobs that threads wait on.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::store::StoreError;

/// A bounded queue. Closing it lets the waiting jobs be done and takes no more.
pub(super) struct Lane<J> {
    state: Mutex<State<J>>,
    changed: Condvar,
    capacity: usize,
}

struct State<J> {
    jobs: VecDeque<J>,
    is_closed: bool,
}

impl<J> Lane<J> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::new(State { jobs: VecDeque::new(), is_closed: false }), changed: Condvar::new(), capacity }
    }

    /// Adds a job, or gives it back with the reason.
    pub(super) fn push(&self, job: J) -> Result<(), (J, StoreError)> {
        let mut state = self.lock();
        if state.is_closed {
            return Err((job, StoreError::Stopped));
        }
        if state.jobs.len() >= self.capacity {
            return Err((job, StoreError::Busy));
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job; waits for one. `None` when the queue is closed and empty.
    pub(super) fn pop(&self) -> Option<J> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next job and those that wait behind it, at most `limit`.
    pub(super) fn pop_group(&self, limit: usize) -> Option<VecDeque<J>> {
        let first = self.pop()?;
        let mut group = VecDeque::from([first]);
        let mut state = self.lock();
        while group.len() < limit {
            let Some(job) = state.jobs.pop_front() else { break };
            group.push_back(job);
        }
        Some(group)
    }

    /// Takes no more jobs; those that wait are still done.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
