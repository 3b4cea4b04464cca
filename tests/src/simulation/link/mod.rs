//! A phone's line to the server, and everything that happens to lines in the field.
//!
//! A request may be lost before the server hears it, or its answer after the server has acted; it may arrive twice, or
//! minutes after the phone gave up and asked anew; something else may answer; the answer may arrive cut short.

mod api;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{
    future::{BoxFuture, Either, select},
    pin_mut,
};
use storewalk_wire::{ApiError, SyncResponse};

use super::{
    executor::{Executor, TaskKind},
    observer::Observer,
    pages,
    rng::Rng,
    scopes::Moment,
    server::Server,
    sight::Sight,
    skew::Skew,
    transport::Transport,
    wire::Wire,
};

/// How long a phone waits for an answer.
const PATIENCE_MS: i64 = 60_000;

/// What the line is like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    /// Requests do not get through.
    pub is_mute: bool,
    /// Answers do not get through.
    pub is_deaf: bool,
    /// A portal answers in the server's place.
    pub has_portal: bool,
    /// Longest delay in either direction.
    pub delay_ms: i64,
    /// In a hundred: requests lost.
    pub lost_requests: u64,
    /// In a hundred: answers lost.
    pub lost_answers: u64,
    /// In a hundred: requests that arrive twice.
    pub doubled: u64,
    /// In a hundred: requests that arrive only after the phone gave up.
    pub late: u64,
    /// In a hundred: answers cut short.
    pub garbled: u64,
    /// In a hundred: requests turned away to come again later.
    pub busy: u64,
    /// In a hundred: requests that break off in the middle of the body.
    pub cut_requests: u64,
    /// In a hundred: answers that break off in the middle of the body.
    pub cut_answers: u64,
    /// How fast bytes travel; `None` for no wait at all.
    pub bits_per_s: Option<u64>,
}

/// The line of one phone.
pub struct Link {
    executor: Executor,
    server: Server,
    observer: Mutex<Arc<Observer>>,
    is_packed: bool,
    state: Mutex<LinkState>,
}

struct LinkState {
    weather: Weather,
    /// In a hundred: answers that are only the first page of more.
    short_pages: u64,
    rng: Rng,
    sight: Sight,
    skew: Skew,
    was_skewed: bool,
    meter: Meter,
    /// For what came later than the first kinds of trouble: their draws must not shift.
    chaos: Rng,
}

/// What has come down a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Meter {
    /// Bytes of answers, as they travelled.
    pub down: usize,
    /// Bytes of the rows in them, each with its place in the log, written out.
    pub rows: usize,
    /// How many rows, or removals of rows, there were.
    pub count: usize,
}

impl Meter {
    /// What has come since an earlier look.
    pub fn since(self, earlier: Self) -> Self {
        Self { down: self.down - earlier.down, rows: self.rows - earlier.rows, count: self.count - earlier.count }
    }
}

/// What happens to one request.
struct Fate {
    weather: Weather,
    request_delay: i64,
    answer_delay: i64,
    is_lost: bool,
    is_answer_lost: bool,
    twin_delay: Option<i64>,
    late_delay: Option<i64>,
    is_garbled: bool,
    busy_ms: Option<u64>,
    request_cut: Option<u64>,
    answer_cut: Option<u64>,
}

impl Link {
    /// A line in fair weather.
    pub fn new(executor: Executor, server: Server, observer: Arc<Observer>, mut rng: Rng) -> Self {
        let is_packed = rng.chance(50);
        let chaos = rng.fork(1);
        let state = Mutex::new(LinkState {
            weather: Weather::default(),
            short_pages: 0,
            sight: Sight::default(),
            skew: Skew::None,
            was_skewed: false,
            meter: Meter::default(),
            rng,
            chaos,
        });
        Self { executor, server, observer: Mutex::new(observer), is_packed, state }
    }

    /// Lets somebody else listen: another person is on the phone.
    pub fn set_observer(&self, observer: Arc<Observer>) {
        *self.observer.lock().unwrap_or_else(PoisonError::into_inner) = observer;
    }

    fn observer(&self) -> Arc<Observer> {
        Arc::clone(&self.observer.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// How many answers in a hundred are only the first page of more.
    pub fn set_short_pages(&self, hundredths: u64) {
        self.state().short_pages = hundredths;
    }

    /// Lets phone and server be of different releases from now on, or of the same.
    pub fn set_skew(&self, skew: Skew) {
        let mut state = self.state();
        state.skew = skew;
        state.was_skewed |= skew != Skew::None;
    }

    /// Updates an app that gets no rows.
    pub fn update_outdated(&self) {
        let mut state = self.state();
        if state.skew == Skew::Outdated {
            state.skew = Skew::None;
        }
    }

    /// The phone holds what another got over its own line: fields of another release, perhaps.
    pub fn takes_over_from(&self, other: &Self) {
        let was_skewed = other.was_skewed();
        self.state().was_skewed |= was_skewed;
    }

    /// Whether phone and server were ever of different releases.
    pub fn was_skewed(&self) -> bool {
        self.state().was_skewed
    }

    /// What the phone may show, as of what it was given.
    pub fn sight<T>(&self, look: impl FnOnce(&mut Sight) -> T) -> T {
        look(&mut self.state().sight)
    }

    /// What has come down so far.
    pub fn meter(&self) -> Meter {
        self.state().meter
    }

    /// Whether answers travel packed.
    pub fn is_packed(&self) -> bool {
        self.is_packed
    }

    fn count_rows(&self, response: &SyncResponse) {
        let mut state = self.state();
        for entry in response.buckets.iter().flat_map(|delta| &delta.entries) {
            state.meter.rows += serde_json::to_vec(entry).map_or(0, |json| json.len());
            state.meter.count += 1;
        }
    }

    /// Whether buckets travel in files here.
    pub fn has_bulk(&self) -> bool {
        self.server.has_bulk()
    }

    /// Bytes of a file as they arrive: now and then only some of them, or with a bit turned over.
    fn bruised(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let mut state = self.state();
        let LinkState { weather, chaos, .. } = &mut *state;
        if chaos.chance(weather.cut_answers) {
            bytes.truncate(chaos.index(bytes.len() + 1));
        }
        if chaos.chance(weather.cut_answers / 4) && !bytes.is_empty() {
            let place = chaos.index(bytes.len());
            bytes[place] ^= 1 << chaos.below(8);
        }
        bytes
    }

    fn state(&self) -> MutexGuard<'_, LinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paged(&self, response: SyncResponse) -> SyncResponse {
        let mut state = self.state();
        let LinkState { short_pages, chaos, .. } = &mut *state;
        if chaos.chance(*short_pages) { pages::cut(response, chaos) } else { response }
    }

    fn fate(&self) -> Fate {
        let mut state = self.state();
        let LinkState { weather, rng, chaos, .. } = &mut *state;
        let weather = *weather;
        Fate {
            weather,
            request_delay: rng.between(0, weather.delay_ms),
            answer_delay: rng.between(0, weather.delay_ms),
            is_lost: rng.chance(weather.lost_requests),
            is_answer_lost: rng.chance(weather.lost_answers),
            twin_delay: rng.chance(weather.doubled).then(|| rng.between(0, 30_000)),
            late_delay: rng.chance(weather.late).then(|| rng.between(PATIENCE_MS, 10 * PATIENCE_MS)),
            is_garbled: rng.chance(weather.garbled),
            busy_ms: rng.chance(weather.busy).then(|| rng.below(600_000)),
            request_cut: chaos.chance(weather.cut_requests).then(|| chaos.below(1_000)),
            answer_cut: chaos.chance(weather.cut_answers).then(|| chaos.below(1_000)),
        }
    }

    /// Milliseconds that so many bytes are on their way.
    fn travel(&self, bytes: usize) -> i64 {
        let bits = u64::try_from(bytes).unwrap_or(0).saturating_mul(8_000);
        let ms = self.state().weather.bits_per_s.map_or(0, |speed| bits / speed.max(1));
        i64::try_from(ms).unwrap_or(0)
    }

    /// One exchange. `bytes` is about how long the request is; `listen` hears what the server answers.
    async fn call<T: Send + 'static>(
        &self,
        kind: TaskKind,
        bytes: usize,
        ask: impl Fn(Transport) -> BoxFuture<'static, Result<T, ApiError>> + Clone + Send + Sync + 'static,
        listen: impl Fn(&Observer, Moment, &Result<T, ApiError>) + Clone + Send + Sync + 'static,
    ) -> Result<T, ApiError> {
        let fate = self.fate();
        self.executor.sleep(fate.request_delay + self.travel(bytes)).await;
        if fate.weather.has_portal {
            return Err(ApiError::NotTheServer("a page to log in".to_owned()));
        }
        if let Some(wait) = fate.busy_ms {
            return Err(ApiError::Busy { retry_after_ms: (wait > 1_000).then_some(wait) });
        }
        if fate.weather.is_mute || fate.is_lost {
            self.executor.sleep(if fate.is_lost { PATIENCE_MS } else { 0 }).await;
            return Err(if fate.is_lost { ApiError::Timeout } else { ApiError::Offline });
        }
        let observer = self.observer();
        let ask = move |transport: Transport, wire: Wire| {
            let (asked, listen, observer) = (ask(transport), listen.clone(), Arc::clone(&observer));
            let moment = observer.moment();
            async move {
                let answer = asked.await;
                // Half a request may be refused in any way; nobody hears it.
                if !wire.is_request_cut() {
                    listen(&observer, moment, &answer);
                }
                answer
            }
        };
        for delay in fate.late_delay.into_iter().chain(fate.twin_delay) {
            let (server, ask, is_packed) = (self.server.clone(), ask.clone(), self.is_packed);
            let wire = Wire::default();
            let asks = move || drop(server.ask(kind, is_packed, &wire.clone(), |transport| ask(transport, wire)));
            self.executor.after(delay, asks);
        }
        if fate.late_delay.is_some() {
            self.executor.sleep(PATIENCE_MS).await;
            return Err(ApiError::Timeout);
        }
        let wire = Wire::breaking(fate.request_cut, fate.answer_cut);
        let passed = wire.clone();
        let answered = self.server.ask(kind, self.is_packed, &wire, |transport| ask(transport, passed));
        let patience = self.executor.sleep(PATIENCE_MS);
        pin_mut!(answered, patience);
        let answer = match select(answered, patience).await {
            Either::Left((Ok(answer), _)) => answer,
            Either::Left((Err(_), _)) => return Err(ApiError::Offline),
            Either::Right(_) => return Err(ApiError::Timeout),
        };
        if wire.is_request_cut() {
            return Err(ApiError::Offline);
        }
        self.state().meter.down += wire.down();
        self.executor.sleep(fate.answer_delay + self.travel(wire.weight())).await;
        if self.state().weather.is_deaf || fate.is_answer_lost {
            self.executor.sleep(PATIENCE_MS).await;
            return Err(ApiError::Timeout);
        }
        if let Some(torn) = wire.torn() {
            return Err(torn);
        }
        if fate.is_garbled {
            return Err(ApiError::NotTheServer("half a body".to_owned()));
        }
        answer
    }
}
