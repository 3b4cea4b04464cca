//! Plays seeds of the simulator: `simulate --seeds 1000`, or one again: `simulate --seed 42`.

use std::{io::Write, process::ExitCode};

use clap::Parser;
use storewalk_tests::simulation::{Outcome, Simulator};

/// Plays a field organisation in bad weather, seed by seed, and looks for what must never happen.
#[derive(Parser, Debug)]
struct Options {
    /// How many seeds to play.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Steps of each run.
    #[arg(long, default_value_t = 150)]
    steps: u64,
    /// Plays each seed twice and compares what happened.
    #[arg(long)]
    twice: bool,
    /// Goes on after a failure.
    #[arg(long)]
    keep_going: bool,
    /// Tells the end of the story even if all went well.
    #[arg(long)]
    story: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    let simulator = Simulator::new()?;
    let mut out = std::io::stdout();
    let mut total = Totals::default();
    for (played, seed) in (0..).zip(options.seed..options.seed.saturating_add(options.seeds)) {
        let mut outcome = simulator.play(seed, options.steps)?;
        if options.twice {
            let again = simulator.play(seed, options.steps)?;
            if again.hash != outcome.hash {
                outcome.failures.push(format!("determinism: {:016x} and then {:016x}", outcome.hash, again.hash));
            }
        }
        total.add(&outcome);
        if options.story {
            writeln!(out, "{}", outcome.tail.join("\n"))?;
        }
        if !outcome.failures.is_empty() {
            tell(&mut out, seed, &options, &outcome)?;
            if !options.keep_going {
                return Ok(ExitCode::FAILURE);
            }
        }
        if (played + 1) % 100 == 0 || played + 1 == options.seeds {
            writeln!(out, "{} of {} seeds, {total}", played + 1, options.seeds)?;
        }
    }
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(out: &mut impl Write, seed: u64, options: &Options, outcome: &Outcome) -> std::io::Result<()> {
    writeln!(out, "seed {seed} fails:")?;
    for failure in outcome.failures.iter().take(20) {
        writeln!(out, "  {failure}")?;
    }
    if !options.keep_going {
        writeln!(out, "the end of the story:")?;
        for line in outcome.tail.iter().rev().take(60).rev() {
            writeln!(out, "  {line}")?;
        }
    }
    let steps = options.steps;
    writeln!(out, "again: cargo run --release -p storewalk-tests --bin simulate -- --seed {seed} --steps {steps}")
}

#[derive(Default)]
struct Totals {
    failed: u64,
    commands: usize,
    refused: usize,
    photos: usize,
    phone_kills: usize,
    server_kills: usize,
    most_rounds: usize,
}

impl Totals {
    fn add(&mut self, outcome: &Outcome) {
        self.failed += u64::from(!outcome.failures.is_empty());
        self.commands += outcome.counts.commands;
        self.refused += outcome.counts.refused;
        self.photos += outcome.counts.photos;
        self.phone_kills += outcome.counts.phone_kills;
        self.server_kills += outcome.counts.server_kills;
        self.most_rounds = self.most_rounds.max(outcome.counts.rounds);
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} failed; {} commands, {} refused, {} photos, {} phones and {} servers killed, at most {} quiet rounds",
            self.failed,
            self.commands,
            self.refused,
            self.photos,
            self.phone_kills,
            self.server_kills,
            self.most_rounds
        )
    }
}
