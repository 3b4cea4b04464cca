//! Who is told when buckets change: a broadcast of the heads that moved, and the streams that listen.
//!
//! **Invariants.** Nothing is told before it is committed. Heads that move often are told at most once per [`Pace`]. A
//! poke says only how far a bucket has come; what is in it is pulled. One that is lost does no harm: the next one, the
//! next pull or a new stream says the same. A device has one stream, the newest; all streams together are bounded.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use storewalk_domain::{ids::DeviceId, sync::Bucket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, oneshot, watch};

use crate::store::{Store, StoreError};

/// Most streams at once.
const STREAMS: usize = 4_000;

/// Broadcasts a slow stream may lag behind before it looks for itself.
const BACKLOG: usize = 64;

/// How far buckets have come.
pub type Heads = BTreeMap<Bucket, u64>;

/// How often streams speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Least time between two pokes.
    pub between: Duration,
    /// Time without a poke after which a stream shows that it lives.
    pub heartbeat: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { between: Duration::from_secs(1), heartbeat: Duration::from_secs(20) }
    }
}

/// The broadcast and its listeners.
#[derive(Debug)]
pub struct Pokes {
    sender: broadcast::Sender<Arc<Heads>>,
    is_running: Arc<AtomicBool>,
    places: Arc<Semaphore>,
    /// The end of each device's stream that another one replaces.
    listening: Mutex<BTreeMap<DeviceId, oneshot::Sender<()>>>,
    closing: watch::Sender<bool>,
    pace: Pace,
}

impl Default for Pokes {
    fn default() -> Self {
        Self::at(Pace::default(), STREAMS)
    }
}

/// One device's place among the listeners.
#[derive(Debug)]
pub struct Listener {
    /// Heads that moved.
    pub moved: broadcast::Receiver<Arc<Heads>>,
    /// Resolves when another stream of the device takes over.
    pub replaced: oneshot::Receiver<()>,
    /// Turns true when the server stops.
    pub closing: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Pokes {
    /// Pokes at another pace, to at most so many streams.
    pub fn at(pace: Pace, streams: usize) -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            is_running: Arc::default(),
            places: Arc::new(Semaphore::new(streams)),
            listening: Mutex::default(),
            closing: watch::channel(false).0,
            pace,
        }
    }

    /// How often streams speak.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Listens for a device; its stream before this one ends. `None` when there are too many streams.
    pub fn listen(&self, store: &Arc<dyn Store>, device: DeviceId) -> Option<Listener> {
        let (end, replaced) = oneshot::channel();
        let before = self.listening.lock().unwrap_or_else(PoisonError::into_inner).insert(device, end);
        // Ended even when there is no place for the new one: a device that comes again has lost its line.
        drop(before);
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let moved = self.sender.subscribe();
        self.run(store);
        Some(Listener { moved, replaced, closing: self.closing.subscribe(), _place: place })
    }

    /// Ends every stream; the server stops.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Follows the store's commits from the first listener on.
    fn run(&self, store: &Arc<dyn Store>) {
        if self.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        let following = Following {
            store: Arc::downgrade(store),
            commits: store.commits(),
            sender: self.sender.clone(),
            between: self.pace.between,
            running: Running(Arc::clone(&self.is_running)),
        };
        tokio::spawn(following.run());
    }
}

/// Says when nobody follows any more, however it ended.
struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The one task that looks at the heads. It holds the store only while it looks, so that the store can be closed.
struct Following {
    store: Weak<dyn Store>,
    commits: watch::Receiver<u64>,
    sender: broadcast::Sender<Arc<Heads>>,
    between: Duration,
    running: Running,
}

impl Following {
    async fn run(mut self) {
        let _running = &self.running;
        let mut known = Heads::new();
        while let Some(heads) = self.heads().await {
            match heads {
                Ok(heads) => {
                    let moved: Heads =
                        heads.iter().filter(|(bucket, head)| known.get(bucket) != Some(head)).map(own).collect();
                    known = heads;
                    if !moved.is_empty() {
                        // Nobody listens just now: nobody misses it.
                        self.sender.send(Arc::new(moved)).ok();
                    }
                }
                Err(error) => tracing::warn!(error = %error, "the heads could not be read"),
            }
            tokio::time::sleep(self.between).await;
            if self.commits.changed().await.is_err() {
                break;
            }
        }
    }

    async fn heads(&self) -> Option<Result<Heads, StoreError>> {
        let store = self.store.upgrade()?;
        Some(store.read(|snapshot| snapshot.bucket_heads()).await)
    }
}

fn own((bucket, head): (&Bucket, &u64)) -> (Bucket, u64) {
    (bucket.clone(), *head)
}
