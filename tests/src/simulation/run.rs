//! One run: a seed, an organisation, a stretch of troubled days, then quiet, then the reckoning.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::Context;
use storewalk_domain::{sync::Bucket, time::Clock};
use tempfile::TempDir;

use super::{
    books::Books,
    clock::{PhoneClock, ServerClock, TrueTime},
    desk,
    disk::Kept,
    executor::Executor,
    family::Family,
    handset::{Handset, Parts, unpoisoned},
    link::Link,
    observer::{Observer, Verdicts},
    oracle,
    reckoning::ROUND_MS,
    rng::Rng,
    scopes::Scopes,
    script,
    server::Server,
    skew::Skew,
    template,
    trace::Trace,
    weather::{self, Climate},
    world as small,
};
use crate::world;

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The hash of everything that happened.
    pub hash: u64,
    /// What oracles objected to; empty when all is well.
    pub failures: Vec<String>,
    /// The last lines of the story.
    pub tail: Vec<String>,
    /// Counts of what the run went through.
    pub counts: Counts,
}

/// What a run went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Commands that phones took in.
    pub commands: usize,
    /// Of these: refused by the server.
    pub refused: usize,
    /// Photos whose bytes the server holds.
    pub photos: usize,
    /// Phones killed.
    pub phone_kills: usize,
    /// Servers killed.
    pub server_kills: usize,
    /// Rounds of quiet weather until everything was in step.
    pub rounds: usize,
    /// Times that somebody packed what was unsent.
    pub errands: usize,
    /// Milliseconds of quiet until every queue was empty, when the phones were told that there is a network.
    pub drain_told_ms: Option<i64>,
    /// The same where the server had asked a phone to wait, or it had no room, or a sign-in was under way in a dead line.
    pub drain_asked_ms: Option<i64>,
    /// The same when they found out by themselves.
    pub drain_alone_ms: Option<i64>,
    /// Rows and removals that a last handover, in quiet, brought to phones.
    pub moved_rows: usize,
    /// Bytes of the answers that brought them, as they travelled.
    pub handover_bytes: usize,
    /// Bytes of these rows, written out.
    pub handover_row_bytes: usize,
    /// Most bytes that came to one phone beside the rows.
    pub handover_beside: usize,
}

/// A run under way.
pub(super) struct Run {
    pub(super) rng: Rng,
    /// For what came later than the first kinds of trouble: their draws must not shift.
    pub(super) chaos: Rng,
    pub(super) time: TrueTime,
    pub(super) executor: Executor,
    pub(super) trace: Trace,
    pub(super) climate: Climate,
    pub(super) server: Server,
    pub(super) handsets: Vec<Handset>,
    pub(super) counts: Counts,
    pub(super) photos: Vec<PathBuf>,
    pub(super) verdicts: Verdicts,
    /// Backups of the server and when they were made.
    pub(super) backups: Vec<(i64, Kept)>,
    pub(super) ledger: Arc<Mutex<Books>>,
    /// At the end: everybody who shares a phone has been on it once more.
    pub(super) have_all_had_their_turn: bool,
    folder: TempDir,
}

/// Plays a seed from beginning to end.
///
/// # Errors
/// When the machine fails; what the run itself shows is in the outcome.
pub fn run(family: Family, seed: u64, steps: u64) -> anyhow::Result<Outcome> {
    let mut run = Run::new(family, seed)?;
    run.play(steps)?;
    if run.trace.failures().is_empty() {
        run.come_to_rest()?;
    }
    run.close()
}

impl Run {
    fn new(family: Family, seed: u64) -> anyhow::Result<Self> {
        let seeded = Rng::new(seed);
        let time = TrueTime::from(small::start());
        let executor = Executor::new(time.clone(), seeded.fork(1));
        let trace = Trace::new(time.clone());
        let folder = template::temporary_folder()?;
        let server_folder = folder.path().join("server");
        template::lay_server(&server_folder)?;
        let books = Arc::new(Mutex::new(Books::default()));
        let after_commit = {
            let (books, folder, trace) = (Arc::clone(&books), server_folder.clone(), trace.clone());
            move || {
                let objections = unpoisoned(&books).look(&folder);
                for objection in objections.unwrap_or_else(|error| vec![error.to_string()]) {
                    trace.fail("money", &objection);
                }
            }
        };
        let clock = ServerClock(time.clone());
        let server = Server::new(executor.clone(), clock, server_folder, seeded.fork(2), Arc::new(after_commit));
        let mut rng = seeded.fork(3);
        let climate = family.climate(&mut rng);
        server.set_bulk_rows(climate.bulk_rows);
        let photos = template::lay_photos(&folder.path().join("camera"))?;
        Ok(Self {
            rng,
            chaos: seeded.fork(5),
            time,
            executor,
            trace,
            climate,
            server,
            handsets: Vec::new(),
            counts: Counts::default(),
            photos,
            verdicts: Verdicts::default(),
            backups: Vec::new(),
            ledger: books,
            have_all_had_their_turn: false,
            folder,
        })
    }

    fn play(&mut self, steps: u64) -> anyhow::Result<()> {
        self.start_server()?;
        for number in 0..self.climate.phones {
            self.hand_out(number)?;
        }
        for _ in 0..steps {
            let pause = weather::draw_pause(&mut self.rng, &self.climate);
            self.executor.run_until(self.time.now().saturating_add(pause));
            let chosen = self.rng.index(self.handsets.len());
            self.trouble(chosen)?;
            self.work(chosen)?;
            self.tend()?;
            self.look_at(chosen)?;
            if !self.trace.failures().is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What somebody's phone of this number is made of.
    pub(super) fn parts(&mut self, login: &'static str, number: usize) -> anyhow::Result<Parts> {
        let account = world::ACCOUNTS.into_iter().find(|account| account.login == login).context("an account")?;
        let label = number as u64 + 10;
        let name = format!("{login}-{number}");
        let observer =
            Arc::new(Observer::new(name.clone(), login, self.scopes(), Arc::clone(&self.verdicts), self.trace.clone()));
        if self.climate.store_faults > 0 {
            observer.expect_faults();
        }
        let rng = self.rng.fork(label);
        let link = Link::new(self.executor.clone(), self.server.clone(), Arc::clone(&observer), rng.fork(1));
        link.set_short_pages(self.climate.short_pages);
        if self.climate.skews > 0 && self.chaos.chance(self.climate.skews) {
            let old = if number.is_multiple_of(2) { Skew::OldPhone } else { Skew::Outdated };
            link.set_skew(if self.chaos.chance(50) { old } else { Skew::NewServer });
        }
        Ok(Parts {
            clock: Arc::new(PhoneClock::new(self.time.clone(), label)),
            link: Arc::new(link),
            observer,
            folder: self.folder.path().join(&name),
            rng: rng.fork(2),
            name,
            account,
        })
    }

    fn hand_out(&mut self, number: usize) -> anyhow::Result<()> {
        let parts = self.parts(small::PHONES[number % small::PHONES.len()], number)?;
        let mut handset = Handset::new(parts, self.executor.clone(), self.trace.clone())?;
        // Most people get their phone in the office; some sign in on the road.
        if self.rng.chance(75) {
            handset.start_sign_in();
            self.executor.run_out(&handset.tasks(), ROUND_MS);
            handset.start_sync();
            self.executor.run_out(&handset.tasks(), ROUND_MS);
        }
        self.handsets.push(handset);
        Ok(())
    }

    /// What a person does, or the app by itself.
    fn work(&mut self, chosen: usize) -> anyhow::Result<()> {
        let handset = &mut self.handsets[chosen];
        match self.rng.below(100) {
            0..=59 => {
                for _ in 0..=self.rng.below(3) {
                    script::act(handset, &mut self.rng, &self.photos)?;
                }
            }
            60..=71 => handset.start_sync(),
            72..=79 => handset.start_upload(),
            80..=89 => desk::act(&self.server, &mut self.rng, &self.trace),
            90..=92 => {
                let swept = handset.phone().photos().janitor();
                self.trace.note(&handset.name, &format!("swept: {swept:?}"));
                if swept.is_err() && !handset.disk.is_full() {
                    self.trace.fail("the core works", "the janitor failed");
                }
            }
            93 => {
                handset.phone().pause();
                handset.phone().resume()?;
            }
            _ => {}
        }
        if self.climate.corrections > 0 && self.chaos.rarely(self.climate.corrections) {
            script::correct(handset, &mut self.chaos)?;
        }
        if self.rng.rarely(self.climate.hasty_users) {
            handset.start_sync();
            handset.start_sync();
            handset.start_upload();
        }
        Ok(())
    }

    /// What a shell does by itself: syncs when it is due, asks for the password when it is needed.
    fn tend(&mut self) -> anyhow::Result<()> {
        for handset in &mut self.handsets {
            if !handset.tasks().is_empty() || self.rng.chance(50) {
                continue;
            }
            let status = handset.phone().status()?;
            if status.needs_sign_in {
                handset.start_sign_in();
            } else if status.next_attempt_at <= handset.clock.now() {
                handset.start_sync();
                handset.start_upload();
                handset.start_delivery()?;
            }
        }
        Ok(())
    }

    /// The oracles that are cheap enough to be asked on the way.
    fn look_at(&mut self, chosen: usize) -> anyhow::Result<()> {
        let handset = &self.handsets[chosen];
        let mut objections = vec![
            ("a next attempt", oracle::always_a_next_attempt(handset)?),
            ("a next attempt", oracle::waits_are_in_bounds(handset)?),
        ];
        if self.rng.chance(10) {
            objections.push(("nothing hidden", oracle::nothing_captured_is_hidden(handset)?));
        }
        if handset.has_published_since() || self.rng.chance(4) {
            let scope = handset.link.sight(|sight| sight.scope());
            objections.push(("only its own", oracle::holds_only_its_own(handset, &scope)?));
            objections.push(("whole pulls", oracle::shows_whole_pulls(handset)?));
        }
        if self.rng.chance(4) {
            objections.push(("nothing lost", oracle::nothing_captured_is_lost(handset)?));
        }
        if self.executor.is_stuck() {
            objections.push(("nothing hangs", vec!["the server waits for a thread that never answers".to_owned()]));
        }
        self.object(objections);
        Ok(())
    }

    pub(super) fn object(&self, objections: Vec<(&str, Vec<String>)>) {
        for (oracle, found) in objections {
            for objection in found {
                self.trace.fail(oracle, &objection);
            }
        }
    }

    fn close(mut self) -> anyhow::Result<Outcome> {
        self.counts.commands = self.handsets.iter().map(|handset| handset.ledger.len()).sum();
        let outcome = Outcome {
            hash: self.trace.hash(),
            failures: self.trace.failures(),
            tail: self.trace.tail(),
            counts: self.counts,
        };
        self.handsets.clear();
        unpoisoned(&self.ledger).close();
        self.server.kill(&mut self.chaos)?;
        Ok(outcome)
    }

    /// Who may see what.
    pub(super) fn scopes(&self) -> Scopes {
        unpoisoned(&self.ledger).scopes.clone()
    }

    pub(super) fn start_server(&mut self) -> anyhow::Result<()> {
        self.server.start()?;
        let objections = unpoisoned(&self.ledger).look(self.server.folder())?;
        self.object(vec![("money", objections)]);
        self.server.set_weather(self.climate.slow_store_ms, self.climate.store_faults);
        Ok(())
    }

    pub(super) fn kill_server(&mut self) -> anyhow::Result<()> {
        unpoisoned(&self.ledger).close();
        self.counts.server_kills += 1;
        self.server.kill(&mut self.chaos)
    }
}

/// The buckets a person may see at the beginning, and for good where nobody's scope changes.
pub(crate) fn scope_of(account: &world::Account) -> BTreeSet<Bucket> {
    let territories = account.territories().into_iter().map(Bucket::Territory);
    let dealers = account.dealers().into_iter().map(Bucket::Dealer);
    [Bucket::Org, Bucket::User(world::user(account.login))].into_iter().chain(territories).chain(dealers).collect()
}
