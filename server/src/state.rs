//! What every handler shares.

use std::sync::Arc;

use storewalk_domain::{
    ids::IdSource,
    time::{Clock, Timestamp},
};
use storewalk_photo::FindFaces;
use storewalk_wire::ProtocolWindow;
use uuid::Uuid;

use crate::{
    auth::AuthState,
    blob::{BlobStore, Turns},
    clock::{RandomIds, SystemClock},
    config::Config,
    error::StartError,
    life,
    line::Line,
    service::{
        arrived::Arrived,
        dead_letter::take_up_again,
        export,
        pokes::Pokes,
        print::Prints,
        receipt::ReceiptSigner,
        scope::begin_scopes,
        segments::{Segments, Sizes},
    },
    store::{Store, StoreError, sqlite::SqliteStore},
};

/// Finished uploads that may be looked at at once.
const VERIFIED_AT_ONCE: usize = 4;

/// Photos that are looked at at once.
const PHOTOS_AT_ONCE: usize = 2;

/// The server's parts. Cloning shares them.
#[derive(Clone)]
pub struct AppState {
    /// Everything but photo bytes.
    pub store: Arc<dyn Store>,
    /// Photo bytes.
    pub blobs: Arc<BlobStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn IdSource>,
    /// Settings.
    pub config: Arc<Config>,
    /// Password hashing and rate limits.
    pub auth: Arc<AuthState>,
    /// Whose turn it is at each upload.
    pub uploads: Arc<Turns>,
    /// How many finished uploads may be looked at at once; each is in memory whole.
    pub verify_slots: Arc<tokio::sync::Semaphore>,
    /// Signs receipts.
    pub receipts: ReceiptSigner,
    /// How many syncs may be worked on at once.
    pub sync_slots: Arc<tokio::sync::Semaphore>,
    /// How many syncs may stand in line, those being worked on included.
    pub line: Line,
    /// Photos that have arrived and are in line to be looked at.
    pub arrived: Arc<Arrived>,
    /// Which photos there are by what they look like.
    pub prints: Arc<Prints>,
    /// How many photos may be looked at at once: each takes up to 40 MiB beside its bytes.
    pub photo_slots: Arc<tokio::sync::Semaphore>,
    /// How many exports of photos may be under way at once.
    pub export_slots: Arc<tokio::sync::Semaphore>,
    /// What finds faces in photos that are handed out, where the settings name it.
    pub faces: Option<Arc<dyn FindFaces>>,
    /// Rows in bulk.
    pub segments: Arc<Segments>,
    /// Who is told when buckets change.
    pub pokes: Arc<Pokes>,
    /// Which protocols are served in full.
    pub protocols: ProtocolWindow,
}

impl AppState {
    /// Opens the database and the photo folder that the settings name, with the system's clock.
    ///
    /// # Errors
    /// When either cannot be opened.
    pub fn open(config: Config) -> Result<Self, StartError> {
        Self::open_with(config, Arc::new(SystemClock::start()), Arc::new(RandomIds))
    }

    /// The same with other clocks and ids.
    ///
    /// # Errors
    /// When the database or the photo folder cannot be opened.
    pub fn open_with(config: Config, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Result<Self, StartError> {
        let folder = &config.storage.data_dir;
        let unusable = |source| StartError::Folder { path: folder.clone(), source };
        let faces = config.export.face_finder()?;
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let blobs = BlobStore::open_with(&folder.join("photos"), &config.s3)?;
        let segments = Segments::open(&folder.join("segments"), Sizes::default()).map_err(unusable)?;
        let store = SqliteStore::open(&folder.join("storewalk.sqlite"), ids.as_ref())?;
        life::settle(&store, folder, ids.as_ref())?;
        let receipts = ReceiptSigner::of(&store)?;
        let store: Arc<dyn Store> = Arc::new(store);
        let now = clock.now();
        store.write_blocking::<_, StoreError>(move |txn| {
            txn.note_life(now)?;
            begin_scopes(txn, now)
        })?;
        let policies = config.policies.clone();
        store.write_blocking::<_, StoreError>(move |txn| take_up_again(txn, now, policies))?;
        let auth = AuthState::new(&config.auth, Arc::clone(&clock))?;
        let sync_slots = tokio::sync::Semaphore::new(config.server.syncs_at_once);
        let line = Line::of(config.server.syncs_in_line);
        Ok(Self {
            store,
            blobs: Arc::new(blobs),
            clock,
            ids,
            config: Arc::new(config),
            auth: Arc::new(auth),
            uploads: Arc::default(),
            verify_slots: Arc::new(tokio::sync::Semaphore::new(VERIFIED_AT_ONCE)),
            receipts,
            sync_slots: Arc::new(sync_slots),
            line,
            arrived: Arc::default(),
            prints: Arc::default(),
            photo_slots: Arc::new(tokio::sync::Semaphore::new(PHOTOS_AT_ONCE)),
            export_slots: Arc::new(tokio::sync::Semaphore::new(export::AT_ONCE)),
            faces,
            segments: Arc::new(segments),
            pokes: Arc::default(),
            protocols: ProtocolWindow::OURS,
        })
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id.
    pub fn new_id(&self) -> Uuid {
        self.ids.next_id()
    }
}
