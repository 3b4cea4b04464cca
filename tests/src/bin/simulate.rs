//! Plays seeds of the simulator: `simulate --seeds 1000`, or one again: `simulate --family line --seed 42`.

use std::{
    io::Write,
    num::NonZero,
    process::ExitCode,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Instant,
};

use clap::Parser;
use storewalk_tests::simulation::{Counts, Family, Outcome, Simulator};

/// Plays a field organisation in bad weather, seed by seed, and looks for what must never happen.
#[derive(Parser, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Options {
    /// How many seeds to play.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What the runs are about; every family in turn unless named.
    #[arg(long)]
    family: Option<Family>,
    /// Steps of each run.
    #[arg(long, default_value_t = 150)]
    steps: u64,
    /// Runs at the same time; as many as the machine has cores unless given.
    #[arg(long)]
    jobs: Option<NonZero<usize>>,
    /// Plays each seed twice and compares what happened.
    #[arg(long)]
    twice: bool,
    /// Goes on after a failure.
    #[arg(long)]
    keep_going: bool,
    /// Tells the end of the story even if all went well.
    #[arg(long)]
    story: bool,
    /// Lines of the story to tell.
    #[arg(long, default_value_t = 60)]
    lines: usize,
    /// Names the families and what they are about.
    #[arg(long)]
    families: bool,
}

/// A run that is over.
struct Played {
    family: Family,
    seed: u64,
    outcome: anyhow::Result<Outcome>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let mut out = std::io::stdout();
    if options.families {
        for family in Family::ALL {
            writeln!(out, "{family:<10} {}", family.promise())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let simulator = Simulator::new()?;
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let total = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        let (next, is_over, simulator, options) = (&next, &is_over, &simulator, &options);
        let jobs =
            options.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get), NonZero::get);
        for _ in 0..jobs {
            let sender = sender.clone();
            scope.spawn(move || play_on(simulator, options, next, is_over, &sender));
        }
        drop(sender);
        let told = tell_all(&mut out, options, &receiver, is_over);
        is_over.store(true, Ordering::SeqCst);
        told
    })?;
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays one seed after another until all are played or nobody wants more.
fn play_on(
    simulator: &Simulator,
    options: &Options,
    next: &AtomicU64,
    is_over: &AtomicBool,
    played: &mpsc::Sender<Played>,
) {
    while !is_over.load(Ordering::SeqCst) {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= options.seeds {
            return;
        }
        let seed = options.seed.saturating_add(number);
        let family = options.family.unwrap_or_else(|| Family::of(seed));
        let outcome = play(simulator, options, family, seed);
        if played.send(Played { family, seed, outcome }).is_err() {
            return;
        }
    }
}

fn play(simulator: &Simulator, options: &Options, family: Family, seed: u64) -> anyhow::Result<Outcome> {
    let mut outcome = simulator.play(family, seed, options.steps)?;
    if options.twice {
        let again = simulator.play(family, seed, options.steps)?;
        if again.hash != outcome.hash {
            outcome.failures.push(format!("determinism: {:016x} and then {:016x}", outcome.hash, again.hash));
        }
    }
    Ok(outcome)
}

fn tell_all(
    out: &mut impl Write,
    options: &Options,
    played: &mpsc::Receiver<Played>,
    is_over: &AtomicBool,
) -> anyhow::Result<Totals> {
    let (mut total, started) = (Totals::default(), now());
    for Played { family, seed, outcome } in played {
        let outcome = outcome.unwrap_or_else(|error| could_not_be_played(&error));
        total.add(&outcome);
        if options.story && outcome.failures.is_empty() {
            writeln!(out, "{}", last(&outcome.tail, options.lines).join("\n"))?;
        }
        if !outcome.failures.is_empty() {
            tell(out, family, seed, options, &outcome)?;
            is_over.fetch_or(!options.keep_going, Ordering::SeqCst);
        }
        if total.played.is_multiple_of(100) || total.played == options.seeds {
            let seconds = started.elapsed().as_secs_f64();
            writeln!(out, "{} of {} seeds in {seconds:.0} s: {total}", total.played, options.seeds)?;
        }
    }
    Ok(total)
}

/// The machine failed, or an oracle did; the other seeds are played all the same.
fn could_not_be_played(error: &anyhow::Error) -> Outcome {
    Outcome {
        hash: 0,
        failures: vec![format!("played to its end: {error:#}")],
        tail: Vec::new(),
        counts: Counts::default(),
    }
}

fn tell(out: &mut impl Write, family: Family, seed: u64, options: &Options, outcome: &Outcome) -> std::io::Result<()> {
    writeln!(out, "seed {seed} of the family {family} fails:")?;
    for failure in outcome.failures.iter().take(20) {
        writeln!(out, "  {failure}")?;
    }
    if !options.keep_going {
        writeln!(out, "the end of the story:")?;
        for line in last(&outcome.tail, options.lines) {
            writeln!(out, "  {line}")?;
        }
    }
    let steps = options.steps;
    writeln!(out, "again: cargo xtask simulate --family {family} --seed {seed} --steps {steps}")
}

fn last(lines: &[String], count: usize) -> &[String] {
    &lines[lines.len().saturating_sub(count)..]
}

#[derive(Default)]
struct Totals {
    played: u64,
    failed: u64,
    commands: usize,
    refused: usize,
    photos: usize,
    phone_kills: usize,
    server_kills: usize,
    most_rounds: usize,
    told_ms: Vec<i64>,
    asked_ms: Vec<i64>,
    alone_ms: Vec<i64>,
    moved_rows: usize,
    handover_bytes: usize,
    handover_row_bytes: usize,
    handover_beside: usize,
}

impl Totals {
    fn add(&mut self, outcome: &Outcome) {
        self.played += 1;
        self.failed += u64::from(!outcome.failures.is_empty());
        self.commands += outcome.counts.commands;
        self.refused += outcome.counts.refused;
        self.photos += outcome.counts.photos;
        self.phone_kills += outcome.counts.phone_kills;
        self.server_kills += outcome.counts.server_kills;
        self.most_rounds = self.most_rounds.max(outcome.counts.rounds);
        self.told_ms.extend(outcome.counts.drain_told_ms);
        self.asked_ms.extend(outcome.counts.drain_asked_ms);
        self.alone_ms.extend(outcome.counts.drain_alone_ms);
        self.moved_rows += outcome.counts.moved_rows;
        self.handover_bytes += outcome.counts.handover_bytes;
        self.handover_row_bytes += outcome.counts.handover_row_bytes;
        self.handover_beside = self.handover_beside.max(outcome.counts.handover_beside);
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} failed; {} commands, {} refused, {} photos, {} phones and {} servers killed, at most {} quiet rounds; \
             queues empty {} when told of the network, {} in the {} runs where somebody had another reason to wait, {} when \
             not told; {} rows of {} bytes handed over in {} bytes, at most \
             {} beside the rows",
            self.failed,
            self.commands,
            self.refused,
            self.photos,
            self.phone_kills,
            self.server_kills,
            self.most_rounds,
            spread(&self.told_ms),
            spread(&self.asked_ms),
            self.asked_ms.len(),
            spread(&self.alone_ms),
            self.moved_rows,
            self.handover_row_bytes,
            self.handover_bytes,
            self.handover_beside
        )
    }
}

/// The middle, the ninety-ninth hundredth and the most of some times.
fn spread(times: &[i64]) -> String {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = |hundredth: usize| sorted.get(sorted.len().saturating_sub(1) * hundredth / 100).copied().unwrap_or(0);
    format!("after {}, {}, {} ms (half, 99 %, all)", at(50), at(99), at(100))
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch for people; no run reads it")]
fn now() -> Instant {
    Instant::now()
}
