//! What the parts of the facade share: the phone, its threads, its bell, its host.
//!
//! **States.** Open → paused ⇄ open → shut down. Paused and shut down, calls answer `Closed`.
//!
//! **Invariants.** A call is begun on our own threads before anybody waits for it, and what it changed is rung there too:
//! a caller that gave up changes neither.

use std::{
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use storewalk_client::{ClientError, Phone};
use storewalk_domain::time::Zone;

use crate::{CancelToken, CoreError, Life, Platform, Topic, ending, lease::Lease, listen::Bell, runtime::Runtime};

/// The shared inside of a facade.
pub(crate) struct Core {
    pub(crate) phone: Phone,
    pub(crate) runtime: Runtime,
    pub(crate) bell: Arc<Bell>,
    pub(crate) platform: Platform,
    /// Where times of day are told in.
    pub(crate) zone: Zone,
    life: Arc<Mutex<Life>>,
    /// The right to change it, which may take as long as the work in hand; asking what it is never does.
    turning: Mutex<()>,
    /// Held until the core is shut down or nobody has it any more.
    lease: Mutex<Option<Lease>>,
}

impl Core {
    pub(crate) fn new(phone: Phone, runtime: Runtime, platform: Platform, zone: Zone, lease: Lease) -> Arc<Self> {
        let life = Arc::new(Mutex::new(Life::Open));
        let (turning, lease) = (Mutex::default(), Mutex::new(Some(lease)));
        Arc::new(Self { phone, runtime, bell: Arc::default(), platform, zone, life, turning, lease })
    }

    /// Reads.
    pub(crate) async fn read<V: Send + 'static, T: From<V> + Send + 'static>(
        &self,
        work: impl FnOnce(&Phone) -> Result<V, ClientError> + Send + 'static,
    ) -> Result<T, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run_blocking(move || Ok(work(&phone)?.into())).await
    }

    /// Reads a list.
    pub(crate) async fn list<V: Send + 'static, T: From<V> + Send + 'static>(
        &self,
        work: impl FnOnce(&Phone) -> Result<Vec<V>, ClientError> + Send + 'static,
    ) -> Result<Vec<T>, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run_blocking(move || Ok(work(&phone)?.into_iter().map(T::from).collect())).await
    }

    /// Reads what there may not be.
    pub(crate) async fn maybe<V: Send + 'static, T: From<V> + Send + 'static>(
        &self,
        work: impl FnOnce(&Phone) -> Result<Option<V>, ClientError> + Send + 'static,
    ) -> Result<Option<T>, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run_blocking(move || Ok(work(&phone)?.map(T::from))).await
    }

    /// Asks the host something, on a thread that may wait.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> Result<T, CoreError> + Send + 'static,
    ) -> Result<T, CoreError> {
        self.runtime.run_blocking(question).await
    }

    /// Changes something on this phone, and says so.
    pub(crate) async fn change<V: Send + 'static, T: From<V> + Send + 'static>(
        &self,
        topics: &'static [Topic],
        work: impl FnOnce(&Phone) -> Result<V, ClientError> + Send + 'static,
    ) -> Result<T, CoreError> {
        let (phone, bell) = (self.phone.clone(), Arc::clone(&self.bell));
        self.runtime
            .run_blocking(move || {
                let done = work(&phone);
                bell.ring(topics);
                Ok(done?.into())
            })
            .await
    }

    /// Works with the network, for as long as it takes or until it is cancelled, and says what may have changed.
    pub(crate) async fn travel<V, T, F>(
        &self,
        topics: &'static [Topic],
        cancel: Option<Arc<CancelToken>>,
        work: impl FnOnce(Phone) -> F,
    ) -> Result<T, CoreError>
    where
        V: Send + 'static,
        T: From<V> + Send + 'static,
        F: Future<Output = Result<V, ClientError>> + Send + 'static,
    {
        let platform = self.platform.clone();
        let is_metered = self.ask(move || platform.check_network()).await?;
        self.phone.network_is_metered(is_metered);
        self.stay(topics, cancel, work).await
    }

    /// The same without a network: work that waits for other work.
    pub(crate) async fn stay<V, T, F>(
        &self,
        topics: &'static [Topic],
        cancel: Option<Arc<CancelToken>>,
        work: impl FnOnce(Phone) -> F,
    ) -> Result<T, CoreError>
    where
        V: Send + 'static,
        T: From<V> + Send + 'static,
        F: Future<Output = Result<V, ClientError>> + Send + 'static,
    {
        // Rings when it is dropped, however this ends.
        let ring = Ring { bell: Arc::clone(&self.bell), topics };
        let work = work(self.phone.clone());
        self.runtime
            .run(cancel, async move {
                let _ring = ring;
                Ok(work.await?.into())
            })
            .await
    }

    /// What the core is doing.
    pub(crate) fn life(&self) -> Life {
        *self.alive()
    }

    /// The same, for those that must not hold the core.
    pub(crate) fn life_line(&self) -> Arc<Mutex<Life>> {
        Arc::clone(&self.life)
    }

    /// Lets the database go. Waits for the work in hand.
    pub(crate) fn pause(&self) {
        let turn = self.turn();
        if self.life() == Life::Open {
            self.phone.pause();
            *self.alive() = Life::Paused;
        }
        drop(turn);
        self.bell.ring(&[Topic::Life]);
    }

    /// Takes the database again.
    pub(crate) fn resume(&self) -> Result<(), CoreError> {
        let turn = self.turn();
        if self.life() != Life::Open {
            self.phone.resume()?;
            *self.alive() = Life::Open;
        }
        drop(turn);
        self.bell.ring(Topic::ALL);
        Ok(())
    }

    /// Ends everything. Blocks until no thread of ours runs, except on one of these: there it only begins.
    pub(crate) fn end(self: &Arc<Self>) {
        let (core, is_inside) = (Arc::clone(self), self.runtime.is_inside());
        match ending::begin(move || core.shut_down()) {
            // A panic in there has been told of; the core is no less over.
            Some(thread) if !is_inside => drop(thread.join()),
            None if !is_inside => self.shut_down(),
            _ => {}
        }
    }

    /// Ends everything, on a thread that is none of ours.
    fn shut_down(&self) {
        let turn = self.turn();
        self.phone.shutdown();
        *self.alive() = Life::ShutDown;
        drop(turn);
        self.bell.silence();
        self.runtime.stop();
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether the right to the folder was given back.
    #[cfg(test)]
    pub(crate) fn has_let_its_folder_go(&self) -> bool {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Where photos lie.
    pub(crate) fn folder(&self) -> PathBuf {
        self.phone.dir().to_owned()
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turning.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn alive(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("life", &self.life()).finish_non_exhaustive()
    }
}

/// Rings when it is dropped.
struct Ring {
    bell: Arc<Bell>,
    topics: &'static [Topic],
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.bell.ring(self.topics);
    }
}
