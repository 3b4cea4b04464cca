//! One run: a server, phones, kills, then quiet, then the reckoning.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;

use super::{
    handheld::{Handheld, Parts},
    line::{Fate, Road},
    phone::{ACTING, OPENING, SYNCING, UPLOADING},
    reckoning::{Tally, reckon},
    server::Server,
};
use crate::{
    simulation::{rng::Rng, template, world::PHONES},
    world::ACCOUNTS,
};

/// How long a phone may take to be in step once the weather is quiet.
const PATIENCE: Duration = Duration::from_mins(2);

/// The programs that are started and killed.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The server.
    pub server: PathBuf,
    /// What comes before the server's own arguments.
    pub server_arguments: Vec<String>,
    /// A phone.
    pub phone: PathBuf,
}

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Options {
    /// The programs.
    pub programs: Programs,
    /// How many processes to kill.
    pub kills: u32,
    /// Decides deeds, weather and kills.
    pub seed: u64,
    /// Longest time before the quiet; fewer kills then, and the summary says so.
    pub limit: Duration,
    /// How many phones.
    pub phones: usize,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What must not be and was; empty when all is well.
    pub objections: Vec<String>,
    /// Phones killed, by what was under way; one kill counts for everything it interrupted.
    pub phones_killed: u32,
    /// Of these: while the core was opened, a deed was done, a sync ran, bytes were sent, in idleness.
    pub interrupted: [u32; 5],
    /// Servers killed.
    pub servers_killed: u32,
    /// Of these: within 150 ms after the start, so while starting or recovering.
    pub servers_killed_young: u32,
    /// Connections by what became of them.
    pub fates: BTreeMap<String, u64>,
    /// Commands that phones took in.
    pub commands: usize,
    /// Of these: refused by the server, visibly.
    pub refused: usize,
    /// Photos whose bytes the server holds.
    pub photos: usize,
    /// Seconds of bad weather.
    pub stormy: u64,
    /// Milliseconds of quiet until the last phone was in step.
    pub settled_ms: u128,
    /// Where everything lies, kept when there are objections.
    pub folder: Option<PathBuf>,
}

struct Fleet {
    rng: Rng,
    server: Server,
    phones: Vec<Handheld>,
    summary: Summary,
    server_started: Instant,
}

/// Plays a run from beginning to end.
///
/// # Errors
/// When the machine fails; what the run itself shows is in the summary.
pub fn run(options: &Options) -> anyhow::Result<Summary> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    template::prepare(&runtime)?;
    let folder = tempfile::tempdir()?;
    let mut summary = runtime.block_on(async {
        let mut fleet = Fleet::muster(options, folder.path()).await?;
        fleet.storm(options).await?;
        fleet.settle().await?;
        anyhow::Ok(fleet.close(&folder.path().join("server")))
    })??;
    runtime.shutdown_background();
    if !summary.objections.is_empty() {
        summary.folder = Some(folder.keep());
    }
    Ok(summary)
}

impl Fleet {
    async fn muster(options: &Options, folder: &Path) -> anyhow::Result<Self> {
        let rng = Rng::new(options.seed);
        let server_folder = folder.join("server");
        template::lay_server(&server_folder)?;
        let camera = folder.join("camera");
        template::lay_photos(&camera)?;
        let mut server = Server::new(options.programs.clone(), &server_folder);
        server.start()?;
        let mut phones = Vec::new();
        for number in 0..options.phones {
            let login = PHONES[number % PHONES.len()];
            let name = format!("{login}-{number}");
            let mut phone = Handheld::new(Parts {
                account: ACCOUNTS.into_iter().find(|account| account.login == login).context("an account")?,
                road: Road::open(server.port(), rng.fork(100 + number as u64)).await?,
                folder: folder.join(&name),
                camera: camera.clone(),
                programs: options.programs.clone(),
                seed: rng.fork(200 + number as u64).next(),
                name,
            });
            phone.start(false)?;
            phones.push(phone);
        }
        Ok(Self { rng: rng.fork(1), server, phones, summary: Summary::default(), server_started: now() })
    }

    /// Kills until there have been enough, or time is up.
    async fn storm(&mut self, options: &Options) -> anyhow::Result<()> {
        let began = now();
        while self.summary.phones_killed + self.summary.servers_killed < options.kills
            && began.elapsed() < options.limit
            && self.summary.objections.is_empty()
        {
            // Mostly soon, sometimes late: a start takes a few dozen milliseconds, a deed a few.
            let reach = self.rng.weighted(&[(4, 20_u64), (4, 120), (2, 500)]).unwrap_or(120);
            self.pause(reach).await;
            if self.rng.chance(25) {
                self.kill_server().await?;
            } else {
                self.kill_phone().await?;
            }
        }
        self.summary.stormy = began.elapsed().as_secs();
        Ok(())
    }

    async fn kill_server(&mut self) -> anyhow::Result<()> {
        self.summary.servers_killed += 1;
        self.summary.servers_killed_young += u32::from(self.server_started.elapsed() < Duration::from_millis(150));
        let objection = self.server.kill()?;
        self.summary.objections.extend(objection);
        self.pause(200).await;
        self.server_started = now();
        self.server.start()
    }

    async fn kill_phone(&mut self) -> anyhow::Result<()> {
        let chosen = self.rng.index(self.phones.len());
        self.summary.phones_killed += 1;
        match self.phones[chosen].kill()? {
            Ok(0) => self.summary.interrupted[4] += 1,
            Ok(bits) => {
                for (place, bit) in [OPENING, ACTING, SYNCING, UPLOADING].into_iter().enumerate() {
                    self.summary.interrupted[place] += u32::from(bits & bit != 0);
                }
            }
            Err(objection) => self.summary.objections.push(objection),
        }
        self.pause(60).await;
        self.phones[chosen].start(false)
    }

    async fn pause(&mut self, reach_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.rng.below(reach_ms))).await;
    }

    /// Quiet weather until every phone says that it is in step; then once more, for what the others sent meanwhile.
    async fn settle(&mut self) -> anyhow::Result<()> {
        let began = now();
        for phone in &mut self.phones {
            phone.calm()?;
        }
        for phone in &mut self.phones {
            self.summary.objections.extend(phone.finish(PATIENCE).await?);
        }
        self.summary.settled_ms = began.elapsed().as_millis();
        for phone in &mut self.phones {
            phone.start(true)?;
            self.summary.objections.extend(phone.finish(PATIENCE).await?);
        }
        Ok(())
    }

    fn close(mut self, folder: &Path) -> anyhow::Result<Summary> {
        self.summary.objections.extend(self.server.kill()?);
        self.summary.objections.extend(self.server.faults());
        let (objections, tally) = reckon(folder, &self.phones)?;
        self.summary.objections.extend(objections);
        let Tally { commands, refused, photos } = tally;
        (self.summary.commands, self.summary.refused, self.summary.photos) = (commands, refused, photos);
        for phone in &self.phones {
            for (fate, count) in phone.road.fates() {
                *self.summary.fates.entry(name_of(fate)).or_default() += count;
            }
        }
        Ok(std::mem::take(&mut self.summary))
    }
}

fn name_of(fate: Fate) -> String {
    format!("{fate:?}").to_lowercase()
}

#[expect(clippy::disallowed_methods, reason = "real processes live in real time")]
fn now() -> Instant {
    Instant::now()
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [opening, acting, syncing, uploading, idle] = self.interrupted;
        writeln!(
            f,
            "{} kills in {} s: {} of phones ({opening} while opening, {acting} while acting, {syncing} while syncing, \
             {uploading} while uploading, {idle} idle), {} of the server ({} within 150 ms of its start)",
            self.phones_killed + self.servers_killed,
            self.stormy,
            self.phones_killed,
            self.servers_killed,
            self.servers_killed_young,
        )?;
        let fates: Vec<String> = self.fates.iter().map(|(fate, count)| format!("{count} {fate}")).collect();
        writeln!(f, "connections: {}", fates.join(", "))?;
        write!(
            f,
            "{} commands taken in, {} of them refused visibly, {} photos held; in step after {} ms of quiet",
            self.commands, self.refused, self.photos, self.settled_ms
        )
    }
}
