//! What happens to the bytes of one exchange on their way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storewalk_wire::ApiError;

/// One exchange: where its bodies break off, and how long they were. Clones share it.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<State>>);

/// How many times shorter packing makes an answer, about.
const PACKED_TO: usize = 4;

#[derive(Default)]
struct State {
    /// Of a thousand parts of the request, how many get through before the line breaks.
    request_cut: Option<u64>,
    /// The same of the answer.
    answer_cut: Option<u64>,
    down: usize,
    weight: usize,
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

    /// Counts an answer; gives how much of it gets through when it breaks off. Packed, random bytes in it give it another
    /// length each time; `whole`, the length it has unpacked, is the same in every run of a seed.
    pub fn received(&self, length: usize, whole: usize) -> Option<usize> {
        let mut state = self.state();
        state.down += length;
        state.weight += if whole == length { length } else { whole / PACKED_TO };
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

    /// What the answers so far weigh on a slow line, in bytes; packed ones as if each were as easily packed as any other.
    pub fn weight(&self) -> usize {
        self.state().weight
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
