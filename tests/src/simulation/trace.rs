//! What happened, in order: its hash proves that two runs were the same, its end tells the story of a failure.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::clock::TrueTime;

/// Lines kept for the story.
const KEPT: usize = 4_000;

/// A shared record of a run.
#[derive(Clone)]
pub struct Trace {
    time: TrueTime,
    state: Arc<Mutex<State>>,
}

struct State {
    hash: u64,
    count: u64,
    lines: VecDeque<String>,
    failures: Vec<String>,
}

impl Trace {
    /// An empty record.
    pub fn new(time: TrueTime) -> Self {
        // The offset basis of FNV-1a, 64 bits.
        let state = State { hash: 0xCBF2_9CE4_8422_2325, count: 0, lines: VecDeque::new(), failures: Vec::new() };
        Self { time, state: Arc::new(Mutex::new(state)) }
    }

    /// Adds a line.
    pub fn note(&self, who: &str, what: &str) {
        let mut state = self.state();
        state.count += 1;
        let line = format!("{} {who}: {what}", self.time.now());
        for byte in line.bytes() {
            state.hash = (state.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        if state.lines.len() == KEPT {
            state.lines.pop_front();
        }
        state.lines.push_back(line);
    }

    /// Writes down that an oracle objects.
    pub fn fail(&self, oracle: &str, what: &str) {
        let mut state = self.state();
        state.failures.push(format!("{oracle}: {what}"));
    }

    /// What oracles objected to.
    pub fn failures(&self) -> Vec<String> {
        self.state().failures.clone()
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> u64 {
        self.state().hash
    }

    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        self.state().lines.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
