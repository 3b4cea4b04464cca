//! One run of lanes: a header and a time for each, a summary at the end.
//!
//! A failed lane does not stop the next one, except where a later lane could only repeat the failure.

use std::{
    cell::Cell,
    io::Write,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use xshell::Shell;

use crate::lanes::{ALL, Lane};

/// How a lane ended when nothing was wrong.
pub(crate) enum Ended {
    /// It did what it promises.
    Done,
    /// It could not run here; why, in one line.
    CannotRun(String),
}

/// What the lanes share.
pub(crate) struct Run {
    /// Stands in the repository's root; what is set in its environment is seen by every later lane.
    pub(crate) shell: Shell,
    /// A lane that cannot run fails.
    pub(crate) is_strict: bool,
    /// Whether the compiler at hand is the one whose word on format and lints counts.
    pub(crate) judges_style: Cell<bool>,
}

struct Line {
    name: &'static str,
    verdict: String,
    took: Duration,
    is_failure: bool,
}

impl Run {
    pub(crate) fn new(shell: Shell, is_strict: bool) -> Self {
        Self { shell, is_strict, judges_style: Cell::new(true) }
    }

    /// Runs every lane in order.
    pub(crate) fn all(&self) -> Result<()> {
        self.only(ALL)
    }

    /// Runs these lanes in order; an error when one of them failed.
    pub(crate) fn only(&self, lanes: &[Lane]) -> Result<()> {
        let started = now();
        let mut summary = Vec::new();
        for (position, lane) in lanes.iter().enumerate() {
            say(&format!("\n== {}/{} {}: {}", position + 1, lanes.len(), lane.name, lane.promise));
            let line = self.one(lane);
            say(&format!("-- {}: {} in {}", line.name, line.verdict, spoken(line.took)));
            let is_the_end = line.is_failure && lane.others_need_it;
            summary.push(line);
            if is_the_end {
                break;
            }
        }
        summarise(&summary, lanes.len(), started.elapsed())
    }

    fn one(&self, lane: &Lane) -> Line {
        let started = now();
        let (verdict, is_failure) = match (lane.run)(self) {
            Ok(Ended::Done) => ("passed".to_owned(), false),
            Ok(Ended::CannotRun(why)) if self.is_strict => {
                (format!("FAILED, nothing may be skipped here: {why}"), true)
            }
            Ok(Ended::CannotRun(why)) => (format!("skipped: {why}"), false),
            Err(error) => (format!("FAILED: {error:#}"), true),
        };
        Line { name: lane.name, verdict, took: started.elapsed(), is_failure }
    }
}

fn summarise(lines: &[Line], planned: usize, took: Duration) -> Result<()> {
    say("\n== summary");
    for line in lines {
        say(&format!("{:<10} {:>8}  {}", line.name, spoken(line.took), line.verdict));
    }
    let failed = lines.iter().filter(|line| line.is_failure).count();
    let not_reached = planned - lines.len();
    say(&format!("{:<10} {:>8}", "total", spoken(took)));
    if failed > 0 {
        bail!("{failed} of {planned} lanes failed, {not_reached} were not reached");
    }
    Ok(())
}

fn spoken(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 {
        format!("{:.1} s", took.as_secs_f64())
    } else {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    }
}

/// Prints one line at once. A closed pipe is no reason to stop the work.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch for people; no rule reads it")]
fn now() -> Instant {
    Instant::now()
}
