//! Stopping the world at the moment at which a task has just written.

use super::{Executor, TaskId};
use crate::simulation::disk::Kept;

/// Waits for the moment at which a task writes.
pub(super) struct Watch {
    task: TaskId,
    /// How often it is to write.
    left: u64,
    folder: Probe,
    caught: Option<(Kept, Kept)>,
}

/// Reads the files a task writes.
pub type Probe = Box<dyn Fn() -> Option<Kept> + Send>;

impl Executor {
    /// Runs until a task has written so many times, and stops right there. Gives the files before and after the last
    /// time; `None` when the task ended earlier or the time was up.
    pub fn run_until_written(&self, task: TaskId, times: u64, folder: Probe, limit_ms: i64) -> Option<(Kept, Kept)> {
        self.state().watch = Some(Watch { task, left: times, folder, caught: None });
        let end = self.now().saturating_add(limit_ms);
        loop {
            self.run_until(self.now());
            let next = {
                let state = self.state();
                let is_caught = state.watch.as_ref().is_some_and(|watch| watch.caught.is_some());
                let is_over = is_caught || !state.tasks.contains_key(&task);
                state.events.first_key_value().map(|((at, _), _)| *at).filter(|at| !is_over && *at <= end)
            };
            let Some(at) = next else { break };
            self.run_until(at);
        }
        let watch = self.state().watch.take();
        watch.and_then(|watch| watch.caught)
    }

    pub(super) fn probe(&self, id: TaskId) -> Option<Kept> {
        let state = self.state();
        state
            .watch
            .as_ref()
            .filter(|watch| watch.task == id && watch.caught.is_none())
            .and_then(|watch| (watch.folder)())
    }

    /// Whether the task that is watched has just written for the last time it may.
    pub(super) fn catches(&self, id: TaskId, before: Option<Kept>) -> bool {
        let mut state = self.state();
        let Some(watch) = state.watch.as_mut() else { return false };
        if watch.caught.is_some() {
            return true;
        }
        let after = before.as_ref().and_then(|_| (watch.folder)());
        if let (Some(before), Some(after)) = (before, after)
            && watch.task == id
            && before != after
        {
            watch.left = watch.left.saturating_sub(1);
            watch.caught = (watch.left == 0).then_some((before, after));
        }
        watch.caught.is_some()
    }
}
