//! The life of a phone process: opens the core in its folder, works and syncs at random until somebody kills it, or
//! until it is told that the weather is quiet, and then until nothing is left to do.
//!
//! Standard input: a line `quiet` ends the work; the end of input ends the process, so that no phone outlives the run.
//! One byte of the file `phase` says what was under way when a kill struck.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use rusqlite::Connection;
use storewalk_client::{ClientError, Config, Phone, SystemClock};
use storewalk_domain::time::{Clock, Timestamp};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::{sleep, timeout},
};

use super::journal::Journal;
use crate::{
    simulation::{
        evidence::{Evidence, Hand, captured_after},
        handset::Captured,
        rng::Rng,
        script,
    },
    world::{Account, PASSWORD},
};

/// Longest time between two attempts of any kind, photos that the server refused included.
const LONGEST_MS: i64 = 6 * 3_600_000;

/// How a phone process is started.
#[derive(Clone, Debug)]
pub struct Life {
    /// Folder of the phone's data.
    pub folder: PathBuf,
    /// Where the road to the server begins.
    pub url: String,
    /// Whose it is.
    pub account: Account,
    /// Decides what its user does.
    pub seed: u64,
    /// Folder of the photos its camera takes.
    pub camera: PathBuf,
    /// Whether nobody uses it any more: it only comes into step.
    pub is_quiet: bool,
}

/// What is under way, as bits of one byte that survives the process.
pub(super) struct Phase {
    file: File,
    bits: AtomicU8,
}

/// Opening the core, recovery included.
pub(super) const OPENING: u8 = 1;
/// A deed of the user.
pub(super) const ACTING: u8 = 2;
/// A sync.
pub(super) const SYNCING: u8 = 4;
/// Sending photo bytes.
pub(super) const UPLOADING: u8 = 8;

impl Phase {
    fn open(folder: &Path) -> anyhow::Result<Self> {
        let file = File::options().create(true).write(true).truncate(false).open(folder.join("phase"))?;
        Ok(Self { file, bits: AtomicU8::new(0) })
    }

    fn during(&self, bit: u8) -> anyhow::Result<Entered<'_>> {
        self.write(self.bits.fetch_or(bit, Ordering::SeqCst) | bit)?;
        Ok(Entered { phase: self, bit })
    }

    fn write(&self, bits: u8) -> anyhow::Result<()> {
        Ok(self.file.write_all_at(&[bits], 0)?)
    }
}

/// Takes its bit back when it goes.
struct Entered<'p> {
    phase: &'p Phase,
    bit: u8,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let left = self.phase.bits.fetch_and(!self.bit, Ordering::SeqCst) & !self.bit;
        // Only the summary reads it.
        drop(self.phase.write(left));
    }
}

/// The machine's clock, put forward when the phone has nothing to do but wait.
#[derive(Debug, Default)]
struct Clockwork {
    system: SystemClock,
    ahead_ms: AtomicI64,
}

impl Clock for Clockwork {
    fn now(&self) -> Timestamp {
        self.system.now().plus_ms(self.ahead_ms.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> i64 {
        self.system.monotonic_ms() + self.ahead_ms.load(Ordering::SeqCst)
    }

    fn boot_id(&self) -> String {
        self.system.boot_id()
    }
}

/// The phone in its user's hand.
struct Holder {
    name: String,
    account: Account,
    phone: Phone,
    reader: Connection,
    journal: Journal,
    phase: Arc<Phase>,
}

impl Evidence for Holder {
    fn name(&self) -> &str {
        &self.name
    }

    fn account(&self) -> &Account {
        &self.account
    }

    fn database(&self) -> &Connection {
        &self.reader
    }

    fn ledger(&self) -> &[Captured] {
        &self.journal.taken
    }
}

impl Hand for Holder {
    fn phone(&self) -> &Phone {
        &self.phone
    }

    fn act(&mut self, what: &str, act: impl FnOnce(&Phone) -> Result<Vec<String>, ClientError>) -> anyhow::Result<()> {
        let phase = Arc::clone(&self.phase);
        let _acting = phase.during(ACTING)?;
        self.journal.begin(what)?;
        let refused = act(&self.phone).with_context(|| format!("the core works: {what}"))?;
        let taken = captured_after(&self.reader, self.last_taken(), |_| false)?;
        ensure!(refused.is_empty() || taken.is_empty(), "a refused command leaves nothing: {what}, {refused:?}");
        self.journal.end(taken)
    }
}

impl Holder {
    fn last_taken(&self) -> u64 {
        self.journal.taken.last().map_or(0, |captured| captured.seq)
    }

    /// After a kill: what stands in the outbox and not in the journal is of the deed that was cut short.
    fn catch_up(&mut self) -> anyhow::Result<()> {
        let found = captured_after(&self.reader, self.last_taken(), |_| false)?;
        if self.journal.cut_short.is_none() {
            ensure!(found.is_empty(), "the outbox holds what nobody meant: {found:?}");
            return Ok(());
        }
        self.journal.end(found)
    }
}

/// Lives until it is killed, or until the weather is quiet and everything is in step.
///
/// # Errors
/// When something happens that must not, whatever the weather.
pub async fn live(life: Life) -> anyhow::Result<()> {
    std::fs::create_dir_all(&life.folder)?;
    let phase = Arc::new(Phase::open(&life.folder)?);
    let clock = Arc::new(Clockwork::default());
    let mut photos: Vec<PathBuf> =
        std::fs::read_dir(&life.camera)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    photos.sort();
    let holder = {
        let _opening = phase.during(OPENING)?;
        let config = Config { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..Config::new(&life.folder, &life.url) };
        let opened = Phone::open(config).context("open the core")?;
        // A kill leaves what was written: nothing may look damaged afterwards.
        ensure!(opened.recovery.is_none(), "the core found damage: {:?}", opened.recovery);
        let phone = opened.phone;
        let reader = Connection::open(life.folder.join("storewalk.sqlite"))?;
        reader.busy_timeout(Duration::from_secs(10))?;
        let journal = Journal::open(&life.folder)?;
        let mut holder = Holder {
            name: life.account.login.to_owned(),
            account: life.account,
            phone,
            reader,
            journal,
            phase: Arc::clone(&phase),
        };
        holder.catch_up()?;
        holder
    };
    let phone = holder.phone.clone();
    let is_quiet = Arc::new(AtomicBool::new(life.is_quiet));
    let work = tokio::task::spawn_blocking({
        let (is_quiet, rng) = (Arc::clone(&is_quiet), Rng::new(life.seed));
        move || work(holder, rng, &photos, &is_quiet)
    });
    let netting = net(&phone, &phase, life.account.login, Rng::new(life.seed).fork(1), &is_quiet);
    let sending = send(&phone, &phase, Rng::new(life.seed).fork(2), &is_quiet);
    let (heard, worked, synced, sent) =
        tokio::join!(listen(&phone, &is_quiet), async { work.await? }, netting, sending);
    worked.and(synced).and(sent).and(heard)?;
    drain(&phone, &clock, life.account.login).await?;
    phone.shutdown();
    Ok(())
}

/// Waits for the word that the weather is quiet, and tells the core, as an app does when the system says that there is
/// a network.
async fn listen(phone: &Phone, is_quiet: &AtomicBool) -> anyhow::Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while !is_quiet.load(Ordering::SeqCst) {
        let Some(line) = lines.next_line().await? else { std::process::exit(2) };
        is_quiet.store(line == "quiet", Ordering::SeqCst);
    }
    phone.network_returned().context("the core works: the network is back")?;
    tokio::spawn(async move {
        // Nobody left to wait for this phone.
        while let Ok(Some(_)) = lines.next_line().await {}
        std::process::exit(2);
    });
    Ok(())
}

/// The user: one deed after another.
fn work(mut holder: Holder, mut rng: Rng, photos: &[PathBuf], is_quiet: &AtomicBool) -> anyhow::Result<()> {
    let pace = tokio::runtime::Handle::current();
    while !is_quiet.load(Ordering::SeqCst) {
        script::act(&mut holder, &mut rng, photos)?;
        if rng.chance(3) {
            holder.phone.photos().janitor().context("the core works: sweep")?;
        }
        pace.block_on(sleep(Duration::from_millis(rng.below(250))));
    }
    Ok(())
}

/// The app: signs in when it must, syncs again and again, now and then twice at once, now and then giving up half way.
async fn net(phone: &Phone, phase: &Phase, login: &str, mut rng: Rng, is_quiet: &AtomicBool) -> anyhow::Result<()> {
    while !is_quiet.load(Ordering::SeqCst) {
        let status = phone.status()?;
        let wait = status.next_attempt_at.since_ms(phone.now().device_at);
        ensure!(wait <= LONGEST_MS, "the next attempt is {wait} ms away");
        let syncing = phase.during(SYNCING)?;
        if status.needs_sign_in {
            bearable("sign in", phone.sign_in(login, PASSWORD).await.map(|_| ()))?;
        } else {
            match rng.below(10) {
                0 => {
                    let (one, two) = tokio::join!(phone.sync(), phone.sync());
                    bearable("sync", one.map(|_| ()))?;
                    bearable("sync", two.map(|_| ()))?;
                }
                1 | 2 => {
                    let patience = Duration::from_millis(rng.below(200));
                    if let Ok(ended) = timeout(patience, phone.sync()).await {
                        bearable("sync", ended.map(|_| ()))?;
                    }
                }
                _ => bearable("sync", phone.sync().await.map(|_| ()))?,
            }
        }
        drop(syncing);
        sleep(Duration::from_millis(rng.below(150))).await;
    }
    Ok(())
}

/// The app's other half: photo bytes.
async fn send(phone: &Phone, phase: &Phase, mut rng: Rng, is_quiet: &AtomicBool) -> anyhow::Result<()> {
    while !is_quiet.load(Ordering::SeqCst) {
        let uploading = phase.during(UPLOADING)?;
        bearable("upload", phone.upload_photos().await.map(|_| ()))?;
        drop(uploading);
        sleep(Duration::from_millis(50 + rng.below(250))).await;
    }
    Ok(())
}

/// Whatever the line does may come of a call; faults of the core may not.
fn bearable(call: &str, ended: Result<(), ClientError>) -> anyhow::Result<()> {
    match ended {
        Err(
            error @ (ClientError::Storage { .. }
            | ClientError::Internal(_)
            | ClientError::File(_)
            | ClientError::Rejected(_)),
        ) => Err(error).with_context(|| format!("the core works: {call}")),
        _ => Ok(()),
    }
}

/// Rounds until nothing is left to send and the last one went well. Time passes as fast as the next attempt is due.
async fn drain(phone: &Phone, clock: &Clockwork, login: &str) -> anyhow::Result<()> {
    let mut last = String::new();
    for round in 1..=400 {
        if phone.status()?.needs_sign_in {
            bearable("sign in", phone.sign_in(login, PASSWORD).await.map(|_| ()))?;
        }
        let synced = phone.sync().await.map(|report| report.complete);
        let sent = phone.upload_photos().await;
        let status = phone.status()?;
        let is_in_step = matches!(synced, Ok(true)) && sent.is_ok();
        if is_in_step && status.unsent_commands == 0 && status.unsent_photos == 0 && status.last_error.is_none() {
            tracing::info!(round, "in step");
            return Ok(());
        }
        last = format!("{synced:?}, {sent:?}, {status:?}");
        let wait = status.next_attempt_at.since_ms(clock.now());
        ensure!(wait <= LONGEST_MS, "the next attempt is {wait} ms away");
        tracing::info!(round, last, "not yet in step");
        // At least a little, or a photo whose turn has not come would be asked for again and again.
        clock.ahead_ms.fetch_add(wait.max(1_000), Ordering::SeqCst);
        sleep(Duration::from_millis(20)).await;
    }
    bail!("the queue does not empty: {last}")
}
