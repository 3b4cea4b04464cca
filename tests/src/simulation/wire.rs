//! What happens to the bytes of one exchange on their way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storewalk_wire::ApiError;

/// One exchange: where its bodies break off, and how long they were. Clones share it.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Of a thousand parts of the request, how many get through before the line breaks.
    request_cut: Option<u64>,
    /// The same of the answer.
    answer_cut: Option<u64>,
    down: usize,
    torn: Option<ApiError>,
}

impl Wire {
    /// A line that breaks off at these parts in a thousand.
    pub fn breaking(request_cut: Option<u64>, answer_cut: Option<u64>) -> Self {
        Self(Arc::new(Mutex::new(State { request_cut, answer_cut, ..State::default() })))
    }

    /// How much of a request of this length gets through; `None` when all of it does.
    pub fn cut_request(&self, length: usize) -> Option<usize> {
        self.state().request_cut.map(|part| share(length, part))
    }

    /// Whether the request breaks off.
    pub fn is_request_cut(&self) -> bool {
        self.state().request_cut.is_some()
    }

    /// Counts an answer; gives how much of it gets through when it breaks off.
    pub fn received(&self, length: usize) -> Option<usize> {
        let mut state = self.state();
        state.down += length;
        state.answer_cut.map(|part| share(length, part))
    }

    /// What the phone makes of the answer that broke off.
    pub fn set_torn(&self, error: ApiError) {
        self.state().torn = Some(error);
    }

    /// What the phone makes of the answer, if it broke off.
    pub fn torn(&self) -> Option<ApiError> {
        self.state().torn.clone()
    }

    /// Bytes of the answers so far.
    pub fn down(&self) -> usize {
        self.state().down
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn share(length: usize, thousandths: u64) -> usize {
    length.saturating_mul(usize::try_from(thousandths.min(999)).unwrap_or(0)) / 1_000
}
