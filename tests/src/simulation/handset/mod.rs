//! One phone with its user: opened, used, killed, opened again, and a ledger of everything it said it had taken in.
//!
//! **Invariants.** Whatever the core has acknowledged stands in the ledger from then on; nothing the core does later
//! can take it out. Between two openings only what was on disk is left.

mod calls;
mod death;
mod errand;
mod people;
mod rot;

pub use death::SyncEnd;
pub use people::Person;

use std::{
    collections::{BTreeSet, VecDeque},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storewalk_client::{ClientError, Config, Phone, PhotoCopies, Recovery};
use storewalk_domain::ids::CommandId;
use storewalk_domain::time::Clock;

use super::{
    clock::{PhoneClock, SeededIds},
    evidence::{Evidence, Hand, captured_after},
    executor::{Executor, TaskId, TaskKind},
    link::Link,
    observer::Observer,
    rng::Rng,
    room::Disk,
    template,
    trace::Trace,
};
use crate::world::Account;

/// A command that the core has taken in.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Captured {
    /// Its number on this device.
    pub seq: u64,
    /// Identity.
    pub command_id: CommandId,
    /// `{"kind", "args"}` as it was queued.
    pub command: Value,
}

/// A phone.
pub struct Handset {
    /// Name in the story.
    pub name: String,
    /// Whose it is.
    pub account: Account,
    /// Its clock.
    pub clock: Arc<PhoneClock>,
    /// Its line.
    pub link: Arc<Link>,
    /// What the core has taken in.
    pub ledger: Vec<Captured>,
    /// Listens at the server's door for it.
    pub observer: Arc<Observer>,
    /// Its disk.
    pub disk: Disk,
    known: BTreeSet<CommandId>,
    folder: PathBuf,
    ids: Arc<SeededIds>,
    executor: Executor,
    trace: Trace,
    open: Option<Open>,
    tasks: Vec<TaskId>,
    /// Its numbers may have been given anew.
    is_renumbered: bool,
    /// Everything the person did is to be seen: after harm, only from the next complete pull on.
    is_whole: Arc<AtomicBool>,
    has_published: Arc<AtomicBool>,
    is_copied: bool,
    /// The next deed ends in the middle of its writing.
    dies_next: Option<Rng>,
    /// A row may have been spoilt since its rows were last looked at.
    is_spoilt: bool,
    /// Parcels it was given to carry.
    errands: VecDeque<PathBuf>,
    /// Who else has a part in it.
    parked: Vec<Person>,
}

struct Open {
    phone: Phone,
    reader: Connection,
}

/// What a phone is made of.
pub struct Parts {
    /// Name in the story.
    pub name: String,
    /// Whose it is.
    pub account: Account,
    /// Its clock.
    pub clock: Arc<PhoneClock>,
    /// Its line.
    pub link: Arc<Link>,
    /// Listens at the server's door for it.
    pub observer: Arc<Observer>,
    /// Folder of its data.
    pub folder: PathBuf,
    /// Where its ids come from.
    pub rng: Rng,
}

impl Handset {
    /// A new phone, switched on for the first time.
    ///
    /// # Errors
    /// When the core cannot be opened.
    pub fn new(parts: Parts, executor: Executor, trace: Trace) -> anyhow::Result<Self> {
        template::lay_phone(&parts.folder)?;
        let mut handset = Self::made_of(parts, executor, trace);
        handset.open()?;
        Ok(handset)
    }

    fn made_of(parts: Parts, executor: Executor, trace: Trace) -> Self {
        Self {
            name: parts.name,
            account: parts.account,
            clock: parts.clock,
            link: parts.link,
            ledger: Vec::new(),
            observer: parts.observer,
            disk: Disk::default(),
            known: BTreeSet::new(),
            folder: parts.folder,
            ids: Arc::new(SeededIds::new(parts.rng)),
            executor,
            trace,
            open: None,
            tasks: Vec::new(),
            is_renumbered: false,
            is_whole: Arc::new(AtomicBool::new(true)),
            has_published: Arc::default(),
            is_copied: false,
            dies_next: None,
            is_spoilt: false,
            errands: VecDeque::new(),
            parked: Vec::new(),
        }
    }

    /// Another phone, made from this one's folder as it is: restored from a backup of it, or cloned.
    ///
    /// # Errors
    /// When the folder cannot be copied or the core cannot be opened.
    pub fn copy(&mut self, parts: Parts) -> anyhow::Result<Self> {
        copy_folder(&self.folder, &parts.folder)?;
        let mut copy = Self::made_of(parts, self.executor.clone(), self.trace.clone());
        copy.ledger.clone_from(&self.ledger);
        copy.known.clone_from(&self.known);
        copy.is_spoilt = self.is_spoilt;
        copy.link.takes_over_from(&self.link);
        let sight = self.link.sight(|sight| sight.clone());
        copy.link.sight(|own| *own = sight);
        if self.clock.was_set() {
            copy.clock.doubt();
        }
        for phone in [&mut *self, &mut copy] {
            phone.is_copied = true;
            phone.expect_new_numbers();
        }
        copy.open()?;
        copy.take_in()?;
        Ok(copy)
    }

    fn open(&mut self) -> anyhow::Result<Option<Recovery>> {
        let opened = Phone::open(Config {
            dir: self.folder.clone(),
            server_url: "http://localhost".to_owned(),
            platform: "simulator".to_owned(),
            device_name: self.name.clone(),
            app_version: "1.0.0".to_owned(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            ids: Arc::clone(&self.ids) as Arc<dyn storewalk_domain::ids::IdSource>,
            protocol: storewalk_wire::PROTOCOL,
            api: Some(Arc::clone(&self.link) as Arc<dyn storewalk_wire::SyncApi>),
            photo_copies: PhotoCopies::default(),
            key: None,
            originals_wait_days: 1,
            room: Some(Arc::new(self.disk.clone())),
        })
        .with_context(|| format!("open {}", self.name))?;
        let reader = Connection::open(self.folder.join("storewalk.sqlite"))?;
        reader.set_prepared_statement_cache_capacity(256);
        self.open = Some(Open { phone: opened.phone, reader });
        // Told without the folder, which has another name in every run.
        let within = |file: PathBuf| file.strip_prefix(&self.folder).map(Path::to_path_buf).unwrap_or(file.clone());
        Ok(opened.recovery.map(|recovery| Recovery { file: recovery.file.map(within), ..recovery }))
    }

    /// The core.
    ///
    /// # Panics
    /// When the phone is closed; it never is between two steps.
    pub fn phone(&self) -> &Phone {
        &self.open.as_ref().expect("a phone is open between two steps").phone
    }

    /// A look into the phone's database.
    ///
    /// # Panics
    /// When the phone is closed; it never is between two steps.
    pub fn database(&self) -> &Connection {
        &self.open.as_ref().expect("a phone is open between two steps").reader
    }

    /// Does something a person does, and enters into the ledger what the core took in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn act(
        &mut self,
        what: &str,
        act: impl FnOnce(&Phone) -> Result<Vec<String>, ClientError>,
    ) -> anyhow::Result<()> {
        if let Some(rng) = self.dies_next.take() {
            return self.act_and_die(what, act, rng);
        }
        let outcome = act(self.phone());
        let fresh = self.take_in()?;
        match outcome {
            Ok(refused) if refused.is_empty() => self.trace.note(&self.name, &format!("{what}: {fresh} taken in")),
            Ok(refused) => {
                self.trace.note(&self.name, &format!("{what}: refused, {}", refused.join(", ")));
                if fresh > 0 {
                    self.trace.fail("a refused command leaves nothing", &format!("{} {what}", self.name));
                }
            }
            Err(error) if error.code() == "storage_full" && self.disk.is_full() => {
                self.trace.note(&self.name, &format!("{what}: no room"));
                if fresh > 0 {
                    self.trace.fail("what found no room leaves nothing", &format!("{} {what}", self.name));
                }
            }
            Err(error) => {
                self.trace.fail("the core works", &format!("{} {what}: {error:?}", self.name));
            }
        }
        Ok(())
    }

    /// Enters new commands of the outbox into the ledger; says how many.
    fn take_in(&mut self) -> anyhow::Result<usize> {
        let last = self.ledger.last().filter(|_| !self.is_renumbered).map_or(0, |captured| captured.seq);
        let mut fresh = captured_after(self.database(), last, |id| self.known.contains(&id))?;
        // What stands in for a lost command was never captured.
        fresh.retain(|captured| {
            captured.command.get("kind").is_none_or(|kind| kind != "outbox.lost")
                && self.known.insert(captured.command_id)
        });
        let count = fresh.len();
        self.ledger.extend(fresh);
        Ok(count)
    }

    fn spawn(&mut self, future: impl Future<Output = ()> + Send + 'static) {
        let task = self.executor.spawn(TaskKind::Simulated, future);
        let executor = &self.executor;
        self.tasks.retain(|task| executor.is_alive(*task));
        self.tasks.push(task);
    }

    /// What runs on the phone.
    pub fn tasks(&self) -> Vec<TaskId> {
        self.tasks.iter().copied().filter(|task| self.executor.is_alive(*task)).collect()
    }

    /// Whether a pull was published since this was last asked.
    pub fn has_published_since(&self) -> bool {
        self.has_published.swap(false, Ordering::SeqCst)
    }

    fn drop_tasks(&mut self) {
        for task in self.tasks.drain(..) {
            self.executor.cancel(task);
        }
    }
}

impl Evidence for Handset {
    fn name(&self) -> &str {
        &self.name
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn database(&self) -> &Connection {
        Self::database(self)
    }

    fn ledger(&self) -> &[Captured] {
        &self.ledger
    }

    fn is_renumbered(&self) -> bool {
        self.is_renumbered
    }

    fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::SeqCst)
    }

    fn has_moved(&self) -> bool {
        self.observer.has_moved()
    }

    fn is_copied(&self) -> bool {
        self.is_copied
    }

    fn was_skewed(&self) -> bool {
        self.link.was_skewed()
    }
}

impl Hand for Handset {
    fn phone(&self) -> &Phone {
        Self::phone(self)
    }

    fn act(&mut self, what: &str, act: impl FnOnce(&Phone) -> Result<Vec<String>, ClientError>) -> anyhow::Result<()> {
        Self::act(self, what, act)
    }
}

/// What a copy takes along: all but the index that SQLite makes anew.
fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A lock that survives a panic.
pub fn unpoisoned<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
