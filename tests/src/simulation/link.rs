//! A phone's line to the server, and everything that happens to lines in the field.
//!
//! A request may be lost before the server hears it, or its answer after the server has acted; it may arrive twice, or
//! minutes after the phone gave up and asked anew; something else may answer; the answer may arrive cut short.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::{
    future::{BoxFuture, Either, select},
    pin_mut,
};
use storewalk_wire::{
    ApiError, RefreshRequest, SessionGrant, SignInRequest, SyncApi, SyncRequest, SyncResponse, UploadRequest,
    UploadState,
};

use super::{
    executor::{Executor, TaskKind},
    observer::Observer,
    rng::Rng,
    server::Server,
    transport::Transport,
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
}

/// The line of one phone.
pub struct Link {
    executor: Executor,
    server: Server,
    observer: Arc<Observer>,
    is_packed: bool,
    state: Mutex<LinkState>,
}

struct LinkState {
    weather: Weather,
    rng: Rng,
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
}

impl Link {
    /// A line in fair weather.
    pub fn new(executor: Executor, server: Server, observer: Arc<Observer>, mut rng: Rng) -> Self {
        let is_packed = rng.chance(50);
        let state = Mutex::new(LinkState { weather: Weather::default(), rng });
        Self { executor, server, observer, is_packed, state }
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    fn state(&self) -> MutexGuard<'_, LinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fate(&self) -> Fate {
        let mut state = self.state();
        let LinkState { weather, rng } = &mut *state;
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
        }
    }

    async fn call<T: Send + 'static>(
        &self,
        kind: TaskKind,
        ask: impl Fn(Transport) -> BoxFuture<'static, Result<T, ApiError>> + Clone + Send + Sync + 'static,
    ) -> Result<T, ApiError> {
        let fate = self.fate();
        self.executor.sleep(fate.request_delay).await;
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
        for delay in fate.late_delay.into_iter().chain(fate.twin_delay) {
            let (server, ask, is_packed) = (self.server.clone(), ask.clone(), self.is_packed);
            self.executor.after(delay, move || drop(server.ask(kind, is_packed, ask)));
        }
        if fate.late_delay.is_some() {
            self.executor.sleep(PATIENCE_MS).await;
            return Err(ApiError::Timeout);
        }
        let answered = self.server.ask(kind, self.is_packed, ask);
        let patience = self.executor.sleep(PATIENCE_MS);
        pin_mut!(answered, patience);
        let answer = match select(answered, patience).await {
            Either::Left((Ok(answer), _)) => answer,
            Either::Left((Err(_), _)) => return Err(ApiError::Offline),
            Either::Right(_) => return Err(ApiError::Timeout),
        };
        self.executor.sleep(fate.answer_delay).await;
        if self.state().weather.is_deaf || fate.is_answer_lost {
            self.executor.sleep(PATIENCE_MS).await;
            return Err(ApiError::Timeout);
        }
        if fate.is_garbled {
            return Err(ApiError::NotTheServer("half a body".to_owned()));
        }
        answer
    }
}

#[async_trait]
impl SyncApi for Link {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        let (request, observer) = (request.clone(), Arc::clone(&self.observer));
        self.call(TaskKind::Atomic, move |server| {
            let (request, observer) = (request.clone(), Arc::clone(&observer));
            Box::pin(async move {
                let answer = server.sign_in(&request).await;
                observer.session(&answer);
                answer
            })
        })
        .await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        let (request, observer) = (request.clone(), Arc::clone(&self.observer));
        self.call(TaskKind::Atomic, move |server| {
            let (request, observer) = (request.clone(), Arc::clone(&observer));
            Box::pin(async move {
                let answer = server.refresh(&request).await;
                observer.session(&answer);
                answer
            })
        })
        .await
    }

    async fn sync(&self, access_token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        let (token, request, observer) = (access_token.to_owned(), request.clone(), Arc::clone(&self.observer));
        self.call(TaskKind::Threaded, move |server| {
            let (token, request, observer) = (token.clone(), request.clone(), Arc::clone(&observer));
            Box::pin(async move {
                let answer = server.sync(&token, &request).await;
                observer.sync(&request, &answer);
                answer
            })
        })
        .await
    }

    async fn create_upload(&self, access_token: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        let (token, request, observer) = (access_token.to_owned(), request.clone(), Arc::clone(&self.observer));
        self.call(TaskKind::Atomic, move |server| {
            let (token, request, observer) = (token.clone(), request.clone(), Arc::clone(&observer));
            Box::pin(async move {
                let answer = server.create_upload(&token, &request).await;
                observer.upload(&answer);
                answer
            })
        })
        .await
    }

    async fn append_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        let (token, request, observer) = (access_token.to_owned(), request.clone(), Arc::clone(&self.observer));
        self.call(TaskKind::Atomic, move |server| {
            let (token, request, bytes) = (token.clone(), request.clone(), bytes.clone());
            let observer = Arc::clone(&observer);
            Box::pin(async move {
                let answer = server.append_upload(&token, &request, offset, bytes).await;
                observer.upload(&answer);
                answer
            })
        })
        .await
    }
}
