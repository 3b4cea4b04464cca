//! The handle a shell holds.
//!
//! **States.** `open → pause ⇄ resume → shutdown`. Paused and shut down, every call answers [`ClientError::Closed`].
//!
//! **Invariants.** A `Phone` is a cheap handle; clones share one core. Nothing is held across an `await` but the right
//! to sync. A future that is dropped half way leaves the database as after a kill: whole.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{Connection, Transaction};
use storewalk_domain::{
    ids::IdSource,
    time::{CaptureTime, Clock, ServerAnchor, Timestamp},
};
use storewalk_wire::{DeviceInfo, SyncApi};
use uuid::Uuid;

use crate::{
    ClientError, Config, PhotoCopies,
    db::Db,
    outbox::Mirror,
    recovery::{self, Recovery},
    room::Bound,
    session::{self, SessionView},
    sync,
    transport::{HttpApi, Traffic},
    vault::{self, Vault},
};

/// An opened core, and what had to be repaired to open it.
#[derive(Debug)]
pub struct Opened {
    /// The core.
    pub phone: Phone,
    /// What was brought back from a damaged database; `None` when nothing was wrong.
    pub recovery: Option<Recovery>,
}

/// The phone core.
#[derive(Clone)]
pub struct Phone {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) dir: PathBuf,
    /// The keys to what lies there.
    pub(crate) vault: Vault,
    pub(crate) db: Db,
    pub(crate) mirror: Mirror,
    /// Files of rows on their way in.
    pub(crate) segments: sync::SegmentFiles,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) api: Arc<dyn SyncApi>,
    http: Option<Arc<HttpApi>>,
    platform: String,
    device_name: String,
    pub(crate) app_version: String,
    /// The newest protocol this app speaks.
    pub(crate) protocol: u32,
    /// The last meeting with the server's clock; the same as in the database.
    pub(crate) anchor: Mutex<Option<ServerAnchor>>,
    /// The latest instant the phone was sure of; the same as in the database.
    pub(crate) trusted_floor: Mutex<Option<Timestamp>>,
    /// The right to sync; one at a time.
    pub(crate) syncing: tokio::sync::Mutex<()>,
    /// The right to send photo bytes; one at a time, beside any sync.
    pub(crate) uploading: tokio::sync::Mutex<()>,
    /// Held while small pictures are fetched.
    pub(crate) fetching: tokio::sync::Mutex<()>,
    /// The right to hand in parcels of others; one at a time, beside everything else.
    pub(crate) delivering: tokio::sync::Mutex<()>,
    /// The right to exchange the refresh token; one at a time.
    pub(crate) refreshing: tokio::sync::Mutex<()>,
    /// Counts how often the phone heard of another network.
    pub(crate) network: tokio::sync::watch::Sender<u64>,
    /// The right to change the host's key; one at a time.
    pub(crate) rotating: Mutex<()>,
    /// A failure that could not be written down because the storage was the failure.
    pub(crate) unwritten: Mutex<Option<sync::Failure>>,
    photo_copies: PhotoCopies,
    /// What is known of the line that photos travel on.
    pub(crate) line: crate::photos::Line,
    pub(crate) originals_wait_days: u8,
    is_shut_down: AtomicBool,
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phone").finish_non_exhaustive()
    }
}

impl Phone {
    /// Opens the core in its folder, making the database when there is none and repairing it when it is damaged.
    ///
    /// # Errors
    /// When the folder or the database cannot be used, the server's address is none, or with [`ClientError::Key`] when
    /// the data is under another key than the host's; then nothing was touched.
    pub fn open(config: Config) -> Result<Opened, ClientError> {
        let (api, http) = if let Some(api) = config.api {
            (api, None)
        } else {
            let http = Arc::new(HttpApi::of_app(&config.server_url, config.protocol, &config.app_version)?);
            (Arc::clone(&http) as Arc<dyn SyncApi>, Some(http))
        };
        std::fs::create_dir_all(&config.dir)?;
        // Before anything is touched: what another key sealed must not be taken for damage.
        let vault = Vault::open(&config.dir, config.key.as_ref())?;
        vault::clear_shown(&config.dir, config.clock.now());
        session::settle_parking(&config.dir)?;
        let (clock, ids) = (config.clock.as_ref(), config.ids.as_ref());
        let opened = recovery::open(&config.dir, clock, ids, &config.app_version, &vault)?;
        opened.db.set_bound(Bound(config.room));
        let inner = Inner {
            anchor: Mutex::new(opened.db.read(sync::anchor)?),
            trusted_floor: Mutex::new(opened.db.read(sync::trusted_floor)?),
            segments: sync::SegmentFiles::of(&config.dir, &vault),
            dir: config.dir,
            vault,
            db: opened.db,
            mirror: opened.mirror,
            clock: config.clock,
            ids: config.ids,
            api,
            http,
            platform: config.platform,
            device_name: config.device_name,
            app_version: config.app_version,
            protocol: config.protocol,
            syncing: tokio::sync::Mutex::new(()),
            refreshing: tokio::sync::Mutex::new(()),
            uploading: tokio::sync::Mutex::new(()),
            fetching: tokio::sync::Mutex::new(()),
            delivering: tokio::sync::Mutex::new(()),
            rotating: Mutex::new(()),
            network: tokio::sync::watch::Sender::new(0),
            unwritten: Mutex::new(None),
            photo_copies: config.photo_copies,
            line: crate::photos::Line::default(),
            originals_wait_days: config.originals_wait_days,
            is_shut_down: AtomicBool::new(false),
        };
        let phone = Self { inner: Arc::new(inner) };
        phone.seal_what_is_plain()?;
        Ok(Opened { phone, recovery: opened.recovery })
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn session(&self) -> Result<Option<SessionView>, ClientError> {
        self.read(|connection| {
            let device = session::device(connection)?;
            Ok(session::session(connection)?.map(|session| SessionView {
                user: session.user,
                actor: session.actor,
                policies: session.policies,
                device_id: device.id,
                device_number: device.number,
                needs_sign_in: session.needs_sign_in,
            }))
        })
    }

    /// Lets the database go before the operating system suspends the app. Waits for the work in hand; a sync under
    /// way ends with [`ClientError::Closed`] and goes on after [`Phone::resume`].
    pub fn pause(&self) {
        self.inner.db.close();
        vault::clear_shown(&self.inner.dir, self.inner.clock.now());
        recovery::mark_clean(&self.inner.dir, self.inner.db.is_damaged());
    }

    /// Takes the database again.
    ///
    /// # Errors
    /// When it cannot be opened, or the core was shut down.
    pub fn resume(&self) -> Result<(), ClientError> {
        if self.inner.is_shut_down.load(Ordering::Acquire) {
            return Err(ClientError::Closed);
        }
        recovery::mark_in_use(&self.inner.dir);
        self.inner.db.reopen()
    }

    /// Ends the core for good. Waits for the work in hand.
    pub fn shutdown(&self) {
        self.inner.is_shut_down.store(true, Ordering::Release);
        self.pause();
    }

    /// Bytes sent and received so far; zero with a transport that does not count.
    pub fn traffic(&self) -> Traffic {
        self.inner.http.as_ref().map(|http| http.traffic()).unwrap_or_default()
    }

    /// A fresh id.
    pub fn new_id(&self) -> Uuid {
        self.inner.ids.next_id()
    }

    /// The time as far as the phone can tell.
    pub fn now(&self) -> CaptureTime {
        let boot_id = self.inner.clock.boot_id();
        let anchor = self.inner.anchor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_of_boot = anchor.as_ref().is_some_and(|anchor| anchor.boot_id == boot_id);
        let floor = *self.inner.trusted_floor.lock().unwrap_or_else(PoisonError::into_inner);
        CaptureTime {
            device_at: self.inner.clock.now(),
            monotonic_ms: self.inner.clock.monotonic_ms(),
            boot_id,
            anchor,
            not_before: floor.filter(|_| !is_of_boot),
        }
    }

    /// The folder of this phone's data.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Which copies are made of photos.
    pub(crate) fn photo_copies(&self) -> PhotoCopies {
        self.inner.photo_copies
    }

    /// The transport, where it is the one over HTTP.
    pub(crate) fn http(&self) -> Option<&HttpApi> {
        self.inner.http.as_deref()
    }

    /// Reads in one snapshot, without waiting for any writer. `work` must not write through another handle.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, ClientError>) -> Result<T, ClientError> {
        self.inner.db.read(work)
    }

    /// Writes local rows in one transaction: drafts and queues, never synced rows, which only commands change.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        self.inner.db.write(work)
    }

    pub(crate) fn device_info(
        &self,
        device_id: storewalk_domain::ids::DeviceId,
        parcel_key: Option<String>,
    ) -> DeviceInfo {
        DeviceInfo {
            device_id,
            name: self.inner.device_name.clone(),
            platform: self.inner.platform.clone(),
            app_version: self.inner.app_version.clone(),
            parcel_key,
            number: None,
        }
    }
}
