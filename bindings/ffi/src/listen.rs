//! Telling a shell what has changed: topics, never contents. It asks again for what it shows.
//!
//! **States of a listener.** Told at once of every topic, with the current state → told of what changed since it was last
//! told, at most five times a second → silent, once its handle is cancelled or gone, or the core is shut down.
//!
//! **Invariants.** One listener is called by one thread at a time, on a thread of ours, while nothing is locked: it may
//! call the core, cancel itself, or throw, which is noted and changes nothing. After `cancel` returns no call begins.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use storewalk_client::Phone;
use storewalk_domain::time::Zone;
use tokio::sync::Notify;

use crate::{CoreError, PlatformError, SyncStatus, core::Core};

/// The least time between two calls of a listener.
const GAP: Duration = Duration::from_millis(200);

/// What a screen can show; each names a part of the facade.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, uniffi::Enum)]
pub enum Topic {
    /// Opened, paused, resumed.
    Life,
    /// Who is signed in.
    Session,
    /// The plan of a day.
    Plan,
    /// Visits and their questions.
    Visits,
    /// Photos, and how far they have come.
    Photos,
    /// Drafts and orders.
    Orders,
    /// Tasks.
    Tasks,
    /// What needs a person.
    Notices,
    /// Profiles of outlets.
    Outlets,
    /// Where syncing stands.
    Sync,
}

impl Topic {
    /// Every topic.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Life,
        Self::Session,
        Self::Plan,
        Self::Visits,
        Self::Photos,
        Self::Orders,
        Self::Tasks,
        Self::Notices,
        Self::Outlets,
        Self::Sync,
    ];
}

/// What the core is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum Life {
    /// It works.
    Open,
    /// It has let the database go and answers `Closed`, until it is resumed.
    Paused,
    /// It is over.
    ShutDown,
}

/// What has changed.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Change {
    /// What to ask for again; at the first call everything.
    pub topics: Vec<Topic>,
    /// Whether this is the first call.
    pub is_first: bool,
    /// What the core is doing.
    pub life: Life,
    /// Where syncing stands; nothing while the database is closed.
    pub status: Option<SyncStatus>,
}

/// Is told what has changed.
#[uniffi::export(foreign)]
pub trait ChangeListener: Send + Sync {
    /// Something has changed. Called on a thread of the core's, another one each time.
    ///
    /// # Errors
    /// Noted, and nothing else: the next change is told all the same.
    fn changed(&self, change: Change) -> Result<(), PlatformError>;
}

/// Keeps a listener; when it is dropped or cancelled, the listener is called no more.
#[derive(uniffi::Object)]
pub struct Subscription {
    slot: Arc<Slot>,
}

#[uniffi::export]
impl Subscription {
    /// Ends it. A call that has begun may still be under way; none begins after this returns.
    pub fn cancel(&self) {
        self.slot.cancel();
    }

    /// Whether it has ended.
    pub fn is_cancelled(&self) -> bool {
        self.slot.listener().is_none()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.slot.cancel();
    }
}

/// One listener and what it has not yet been told.
struct Slot {
    listener: Mutex<Option<Arc<dyn ChangeListener>>>,
    untold: Mutex<BTreeSet<Topic>>,
    news: Notify,
}

impl Slot {
    fn listener(&self) -> MutexGuard<'_, Option<Arc<dyn ChangeListener>>> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, topics: &[Topic]) {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner).extend(topics);
        self.news.notify_one();
    }

    fn take(&self) -> Vec<Topic> {
        std::mem::take(&mut *self.untold.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    fn cancel(&self) {
        // Dropped after the lock is given back: a host's object may run code when it goes.
        let gone = self.listener().take();
        drop(gone);
        self.news.notify_one();
    }

    /// Tells the listener, on this thread. Says whether there still is one.
    fn tell(&self, change: Change) -> bool {
        let Some(listener) = self.listener().clone() else { return false };
        if let Err(error) = listener.changed(change) {
            tracing::warn!(%error, "a listener failed");
        }
        true
    }
}

/// Everybody who listens.
#[derive(Default)]
pub(crate) struct Bell {
    slots: Mutex<Vec<Weak<Slot>>>,
}

impl Bell {
    /// Says that these have changed.
    pub(crate) fn ring(&self, topics: &[Topic]) {
        for slot in self.slots() {
            slot.add(topics);
        }
    }

    /// Lets every listener go.
    pub(crate) fn silence(&self) {
        for slot in self.slots() {
            slot.cancel();
        }
    }

    fn slots(&self) -> Vec<Arc<Slot>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| slot.strong_count() > 0);
        slots.iter().filter_map(Weak::upgrade).collect()
    }
}

/// Begins to tell a listener.
pub(crate) fn listen(core: &Core, listener: Arc<dyn ChangeListener>) -> Result<Arc<Subscription>, CoreError> {
    let slot = Arc::new(Slot { listener: Mutex::new(Some(listener)), untold: Mutex::default(), news: Notify::new() });
    slot.add(Topic::ALL);
    core.bell.slots.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&slot));
    let teller = Teller { slot: Arc::clone(&slot), phone: core.phone.clone(), life: core.life_line(), zone: core.zone };
    core.runtime.begin(teller.run())?;
    Ok(Arc::new(Subscription { slot }))
}

/// Tells one listener. It holds the phone, not the core: a core that nobody holds any more can go.
struct Teller {
    slot: Arc<Slot>,
    phone: Phone,
    life: Arc<Mutex<Life>>,
    zone: Zone,
}

impl Teller {
    async fn run(self) {
        let teller = Arc::new(self);
        let mut is_first = true;
        loop {
            teller.slot.news.notified().await;
            let topics = teller.slot.take();
            let telling = Arc::clone(&teller);
            let told = tokio::task::spawn_blocking(move || telling.tell(topics, is_first));
            // A listener of Rust's own may panic; a foreign one cannot.
            if !told.await.unwrap_or(true) {
                return;
            }
            is_first = false;
            tokio::time::sleep(GAP).await;
        }
    }

    /// Says whether to go on.
    fn tell(&self, topics: Vec<Topic>, is_first: bool) -> bool {
        if topics.is_empty() {
            return self.slot.listener().is_some();
        }
        let life = *self.life.lock().unwrap_or_else(PoisonError::into_inner);
        let status = self.phone.status().ok().map(|status| SyncStatus::of(status, self.zone));
        self.slot.tell(Change { topics, is_first, life, status })
    }
}
