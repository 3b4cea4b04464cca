//! What a host tells the core when it opens it.

use std::{path::PathBuf, sync::Arc};

use storewalk_domain::{ids::IdSource, time::Clock};
use storewalk_wire::{PROTOCOL, SyncApi};

use crate::{
    HostKey, Room,
    clock::{RandomIds, SystemClock},
};

/// How to open a phone core.
#[derive(Clone)]
pub struct Config {
    /// Folder of this phone's data: `storewalk.sqlite`, `outbox.mirror`, `photos/` and more. Made when it does not exist.
    pub dir: PathBuf,
    /// Where the server is: `https://…`, or `http://…` for a server on the same machine.
    pub server_url: String,
    /// `android`, `ios`, `python`, `demo`.
    pub platform: String,
    /// What the owner calls the device.
    pub device_name: String,
    /// Version of the app.
    pub app_version: String,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdSource>,
    /// The protocol the app speaks; another than this release's only where releases are tested against each other.
    pub protocol: u32,
    /// How to reach the server; `None` for HTTP to `server_url`.
    pub api: Option<Arc<dyn SyncApi>>,
    /// The host's key to the data; `None` for data that nobody encrypts.
    pub key: Option<HostKey>,
    /// How much may be written; `None` for as much as the disk gives.
    pub room: Option<Arc<dyn Room>>,
    /// Which copies are made of photos.
    pub photo_copies: PhotoCopies,
    /// How many days originals wait for a network that is not paid for by volume, where there is none.
    pub originals_wait_days: u8,
}

/// Which copies are made of photos for people to look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PhotoCopies {
    /// Longer side of the stamped copy, in pixels; a smaller photo stays as it is.
    pub long_edge: usize,
    /// Whether there is a stamped copy at all.
    pub is_stamped: bool,
}

impl Default for PhotoCopies {
    fn default() -> Self {
        Self { long_edge: 1_600, is_stamped: true }
    }
}

impl Config {
    /// The settings of a real phone: the system's clock, random ids, HTTP.
    pub fn new(dir: impl Into<PathBuf>, server_url: impl Into<String>) -> Self {
        Self {
            dir: dir.into(),
            server_url: server_url.into(),
            platform: String::from("unknown"),
            device_name: String::new(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            clock: Arc::new(SystemClock::new()),
            ids: Arc::new(RandomIds),
            protocol: PROTOCOL,
            api: None,
            key: None,
            room: None,
            photo_copies: PhotoCopies::default(),
            originals_wait_days: 1,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("platform", &self.platform).finish_non_exhaustive()
    }
}
