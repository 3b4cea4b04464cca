//! The object a shell holds: one phone core for the life of the process.

use std::sync::Arc;

use storewalk_client::{ClientError, Config, HttpApi, Phone, PhotoCopies, key_generation};
use storewalk_domain::time::Zone;

use crate::{
    ChangeListener, Checklists, CoreError, LeftBehind, Life, Notices, Orders, Outlets, Parcels, Photos, Plan, Platform,
    Recovery, Review, Session, Subscription, Sync, Tasks, Visits, core::Core, keys, lease::Lease, listen,
    runtime::Runtime,
};

/// How to open a core.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Setup {
    /// A folder that the app keeps for the core alone; made when there is none.
    pub folder: String,
    /// Where the server is: `https://…`, or `http://…` for a server on the same machine.
    pub server_url: String,
    /// `android`, `ios` or `python`.
    pub platform: String,
    /// What the owner calls the device.
    pub device_name: String,
    /// Version of the app.
    pub app_version: String,
    /// The IANA time zone that sentences tell times of day in.
    #[uniffi(default = "Asia/Shanghai")]
    pub zone: String,
    /// Longer side, in pixels, of the stamped copy that is made of each photo for people to look at: at least the 320
    /// that a stamp needs, and a smaller photo keeps its size. Zero for no copy.
    #[uniffi(default = 1600)]
    pub copy_long_edge: u32,
    /// How many days originals wait, on networks that are paid for by volume, for one that is not.
    #[uniffi(default = 1)]
    pub originals_wait_days: u8,
}

/// The phone's core.
///
/// States: `open → pause ⇄ resume → shutdown`. Paused and shut down, calls answer with `Closed`, and so do those of its
/// parts. Every part may be kept for as long as the core.
#[derive(Debug, uniffi::Object)]
pub struct Storewalk {
    core: Arc<Core>,
    recovery: Option<Recovery>,
    pub(crate) left_behind: Option<LeftBehind>,
}

/// How a folder is entered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// As it is.
    Usual,
    /// Without what the host's key does not open.
    Anew,
}

impl Storewalk {
    /// Opens the core.
    pub(crate) async fn through(setup: Setup, platform: Option<Platform>, door: Door) -> Result<Arc<Self>, CoreError> {
        let runtime = Runtime::start()?;
        let platform = platform.unwrap_or_default();
        let finish = runtime.run_blocking(move || opened(setup, platform, door)).await?;
        Ok(Arc::new(finish(runtime)))
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

#[uniffi::export]
impl Storewalk {
    /// Opens the core in its folder, making the database when there is none and repairing a damaged one; `recovery` then
    /// says what was saved. With a key store, what lies in the folder is encrypted, and what an earlier release left plain
    /// becomes so; a key that is not the one opens nothing and touches nothing (`key_wrong`). A folder that is open already, here or in another process, is refused as `already_open`.
    #[uniffi::constructor(default(platform = None))]
    pub async fn open(setup: Setup, platform: Option<Platform>) -> Result<Arc<Self>, CoreError> {
        Self::through(setup, platform, Door::Usual).await
    }

    /// What was brought back from a damaged database when the core was opened; nothing when all was well.
    pub fn recovery(&self) -> Option<Recovery> {
        self.recovery.clone()
    }

    /// What the core is doing.
    pub fn life(&self) -> Life {
        self.core.life()
    }

    /// Who is signed in.
    pub fn session(&self) -> Arc<Session> {
        Session::of(&self.core)
    }

    /// The plan of a day.
    pub fn plan(&self) -> Arc<Plan> {
        Plan::of(&self.core)
    }

    /// Calls at outlets.
    pub fn visits(&self) -> Arc<Visits> {
        Visits::of(&self.core)
    }

    /// The questions of a visit.
    pub fn checklists(&self) -> Arc<Checklists> {
        Checklists::of(&self.core)
    }

    /// Photos.
    pub fn photos(&self) -> Arc<Photos> {
        Photos::of(&self.core)
    }

    /// Drafts and orders.
    pub fn orders(&self) -> Arc<Orders> {
        Orders::of(&self.core)
    }

    /// Tasks.
    pub fn tasks(&self) -> Arc<Tasks> {
        Tasks::of(&self.core)
    }

    /// What needs a person.
    pub fn notices(&self) -> Arc<Notices> {
        Notices::of(&self.core)
    }

    /// A supervisor's decisions about photos.
    pub fn review(&self) -> Arc<Review> {
        Review::of(&self.core)
    }

    /// Profiles of outlets.
    pub fn outlets(&self) -> Arc<Outlets> {
        Outlets::of(&self.core)
    }

    /// Work that goes by another road.
    pub fn parcels(&self) -> Arc<Parcels> {
        Parcels::of(&self.core)
    }

    /// Bringing phone and server together.
    pub fn sync(&self) -> Arc<Sync> {
        Sync::of(&self.core)
    }

    /// Tells a listener what changes, until its handle is dropped or cancelled. The first call comes at once.
    pub fn listen(&self, listener: Arc<dyn ChangeListener>) -> Result<Arc<Subscription>, CoreError> {
        listen::listen(&self.core, listener)
    }

    /// Lets the database go before the system suspends the app. Waits for the work in hand; a sync under way ends with
    /// `Closed` and goes on after `resume`. Pausing twice is pausing once.
    pub async fn pause(&self) -> Result<(), CoreError> {
        let core = Arc::clone(&self.core);
        self.core
            .runtime
            .run_blocking(move || {
                core.pause();
                Ok(())
            })
            .await
    }

    /// Takes the database again.
    pub async fn resume(&self) -> Result<(), CoreError> {
        let core = Arc::clone(&self.core);
        self.core.runtime.run_blocking(move || core.resume()).await
    }

    /// Ends the core. Blocks until no thread of it runs and the folder may be opened again: a moment, and five seconds
    /// where a listener or a service of the host does not return. From inside of one of these it only begins the end and
    /// returns at once. Whoever calls it a second time waits for the first; afterwards it does nothing.
    pub fn shutdown(&self) {
        self.core.end();
    }

    /// Whether this is a thread of this core's: inside a listener or a service of the host.
    pub fn is_inside(&self) -> bool {
        self.core.runtime.is_inside()
    }
}

#[cfg(test)]
impl Storewalk {
    /// Whether somebody else may open its folder.
    pub(crate) fn has_let_its_folder_go(&self) -> bool {
        self.core.has_let_its_folder_go()
    }
}

/// Opens everything but the threads, which are already there.
fn opened(setup: Setup, platform: Platform, door: Door) -> Result<impl FnOnce(Runtime) -> Storewalk, CoreError> {
    let zone = Zone::from_name(&setup.zone).ok_or_else(|| CoreError::argument("zone"))?;
    HttpApi::new(&setup.server_url).map_err(|_| CoreError::argument("server_url"))?;
    if setup.folder.is_empty() || setup.folder.contains('\0') {
        return Err(CoreError::argument("folder"));
    }
    // Paths of photos leave the core; they hold in another process and after a change of folders, too.
    let folder = std::path::absolute(&setup.folder).map_err(ClientError::File)?;
    let lease = Lease::take(&folder)?;
    let mut config = Config::new(folder, setup.server_url);
    let left_behind = (door == Door::Anew).then(|| keys::set_aside(&lease, &config, &platform)).transpose()?;
    config.key = platform.key(key_generation(&config.dir)?)?;
    (config.platform, config.device_name) = (setup.platform, setup.device_name);
    config.app_version = setup.app_version;
    config.photo_copies = PhotoCopies {
        long_edge: usize::try_from(setup.copy_long_edge).unwrap_or(usize::MAX),
        is_stamped: setup.copy_long_edge > 0,
    };
    config.originals_wait_days = setup.originals_wait_days;
    let opened = Phone::open(config).map_err(CoreError::from)?;
    let recovery = opened.recovery.map(Recovery::from);
    Ok(move |runtime| {
        let core = Core::new(opened.phone, runtime, platform, zone, lease);
        Storewalk { core, recovery, left_behind }
    })
}

/// An amount as people read it, such as `31,418.80`.
#[uniffi::export]
pub fn money_text(money: storewalk_domain::money::Money) -> String {
    money.to_string()
}

/// The version of the core.
#[uniffi::export]
pub fn core_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
