//! Rows in bulk: large buckets as immutable files that every phone of the bucket shares.
//!
//! **States of a bucket.** Small: its rows travel in pages. Missing: large, and no file of use; whoever asks first has
//! them built, the others wait for the same build a bounded time and else get pages. Ready: named to every phone that
//! starts from nothing. Outgrown: still named, and built anew beside.
//!
//! **Invariants.** A manifest is put only after its files are on the disk under their names. It is of one snapshot; the
//! log goes on from its position. One build runs at a time, off the writer's thread, and holds one file in memory. A
//! file is removed only when no manifest names it, and never during a build.
//!
//! **Non-goals.** Who may read: the door checks that for each request.

mod build;
mod cuts;
mod folder;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use storewalk_domain::{sync::Bucket, time::Timestamp};
use storewalk_wire::Snapshot;
use tokio::sync::watch;

pub use folder::{Folder, Opened};

use crate::{
    state::AppState,
    store::{BucketHead, Manifest, Store, StoreError, StoreRead},
};

/// How long a replaced manifest's files stay: a slow phone may still be fetching them.
pub const KEPT_MS: i64 = 24 * 3_600_000;

/// How long a phone waits for a build before it gets pages.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most segments sent at once; each holds a file open.
const STREAMS: usize = 1_024;

/// Which buckets travel in bulk, and how they are cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizes {
    /// Rows from which a bucket travels in bulk.
    pub bulk_rows: u64,
    /// Rows a file is meant to hold; it may hold between a quarter and one and a half times as many.
    pub file_rows: usize,
    /// Bytes, unpacked, at which a file ends early.
    pub file_bytes: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { bulk_rows: 1_000, file_rows: 2_000, file_bytes: 8 * 1024 * 1024 }
    }
}

/// How a bucket stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Bulk {
    /// It travels in pages.
    Small,
    /// Its files are to be built.
    Missing,
    /// Its files serve.
    Ready(Manifest),
    /// Its files serve, and are old.
    Outgrown(Manifest),
}

impl Bulk {
    /// What is named to a phone.
    pub(super) fn snapshot(self) -> Option<Snapshot> {
        match self {
            Self::Small | Self::Missing => None,
            Self::Ready(manifest) | Self::Outgrown(manifest) => Some(Snapshot {
                as_of: manifest.as_of,
                segments: manifest.segments.into_iter().map(|segment| segment.file).collect(),
            }),
        }
    }
}

/// How a bucket stands. Files are old when a fifth of the rows has changed since, of no use when half has, when removals
/// they do not know of were forgotten, or when they are of another life of the log.
pub(super) fn bulk_of(
    snapshot: &dyn StoreRead,
    bucket: &Bucket,
    head: &BucketHead,
    sizes: &Sizes,
) -> Result<Bulk, StoreError> {
    if head.row_count < sizes.bulk_rows {
        return Ok(Bulk::Small);
    }
    let is_of_use =
        |manifest: &Manifest| manifest.epoch == head.epoch && (head.floor.max(1)..=head.head).contains(&manifest.as_of);
    let Some(manifest) = snapshot.manifest(bucket)?.filter(is_of_use) else { return Ok(Bulk::Missing) };
    let rows = usize::try_from(head.row_count).unwrap_or(usize::MAX);
    let changed = snapshot.count_after(bucket, manifest.as_of, rows / 2 + 1)?;
    Ok(match changed {
        changed if changed <= rows / 5 => Bulk::Ready(manifest),
        changed if changed <= rows / 2 => Bulk::Outgrown(manifest),
        _ => Bulk::Missing,
    })
}

/// The segments of this server.
#[derive(Debug)]
pub struct Segments {
    folder: Folder,
    /// Builds under way; the sender is dropped when one ends.
    building: Mutex<BTreeMap<Bucket, watch::Receiver<()>>>,
    /// The right to write or remove files.
    turn: tokio::sync::Mutex<()>,
    /// How many segments may be sent at once.
    pub streams: Arc<tokio::sync::Semaphore>,
    /// Which buckets travel in bulk.
    pub sizes: Sizes,
}

impl Segments {
    /// Opens the folder, makes it when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, sizes: Sizes) -> std::io::Result<Self> {
        Ok(Self {
            folder: Folder::open(folder)?,
            building: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            streams: Arc::new(tokio::sync::Semaphore::new(STREAMS)),
            sizes,
        })
    }

    /// The files.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Waits until no build is under way.
    pub async fn rest(&self) {
        let builds: Vec<_> = self.building().values().cloned().collect();
        for mut watching in builds {
            while watching.changed().await.is_ok() {}
        }
    }

    /// Begins to build a bucket's files unless that is already being done; the receiver ends with the build.
    fn begin(&self, state: &AppState, bucket: &Bucket) -> watch::Receiver<()> {
        let mut building = self.building();
        if let Some(watching) = building.get(bucket) {
            return watching.clone();
        }
        let (sender, watching) = watch::channel(());
        building.insert(bucket.clone(), watching.clone());
        let under_way = UnderWay { state: state.clone(), bucket: bucket.clone(), _sender: sender };
        tokio::spawn(async move {
            if let Err(error) = build(&under_way.state, &under_way.bucket).await {
                tracing::warn!(error = %error, "the segments of a bucket could not be built");
            }
        });
        watching
    }

    fn building(&self) -> MutexGuard<'_, BTreeMap<Bucket, watch::Receiver<()>>> {
        self.building.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A build; ends it in the books however it ends.
struct UnderWay {
    state: AppState,
    bucket: Bucket,
    _sender: watch::Sender<()>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.state.segments.building().remove(&self.bucket);
    }
}

/// Has the files of buckets built, and waits for that a bounded time.
pub async fn wait_for(state: &AppState, buckets: &[Bucket]) {
    let builds: Vec<_> = buckets.iter().map(|bucket| state.segments.begin(state, bucket)).collect();
    let all = async {
        for mut watching in builds {
            // Nothing is ever sent: it ends when the sender is dropped.
            while watching.changed().await.is_ok() {}
        }
    };
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::info!("a build takes long; the rows travel in pages");
    }
}

/// Has the files of buckets built, and does not wait.
pub fn build_beside(state: &AppState, buckets: &[Bucket]) {
    for bucket in buckets {
        state.segments.begin(state, bucket);
    }
}

/// Builds a bucket's files from one snapshot and puts their manifest.
///
/// # Errors
/// When the store or the disk fails; files without a manifest are removed by the next [`tidy`].
pub async fn build(state: &AppState, bucket: &Bucket) -> Result<(), StoreError> {
    let _turn = state.segments.turn.lock().await;
    let (segments, wanted, now) = (Arc::clone(&state.segments), bucket.clone(), state.now());
    let built = state.store.read(move |snapshot| build::build(snapshot, &wanted, &segments, now)).await?;
    let Some(manifest) = built else { return Ok(()) };
    let bucket = bucket.clone();
    state.store.write(move |txn| txn.put_manifest(&bucket, &manifest)).await
}

/// Forgets the manifests replaced more than [`KEPT_MS`] ago and removes the files that none names any more; says how many.
///
/// # Errors
/// When the store or the disk fails.
pub async fn tidy(state: &AppState) -> Result<usize, StoreError> {
    let _turn = state.segments.turn.lock().await;
    let until = Timestamp(state.now().0.saturating_sub(KEPT_MS));
    let store: &dyn Store = state.store.as_ref();
    store.write(move |txn| txn.forget_manifests(until)).await?;
    let segments = Arc::clone(&state.segments);
    store
        .read(move |snapshot| {
            let named = snapshot.segment_names()?;
            segments.folder.keep_only(&named).map_err(|error| StoreError::Unavailable(Box::new(error)))
        })
        .await
}
