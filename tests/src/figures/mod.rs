//! What the sync engine does and costs, each figure beside the least that plain SQLite does in the same run.
//!
//! **Map.** A phone alone: `start`, `cold` (M1 to M3), `noop` (M4), `reads` (M6), `heal` (M11), `encryption`, `opening`, with `field` for rows
//! and server and `floor` for plain rusqlite. Many phones: `push` is M5 of the sync guide, `throughput` M8, `herd` M7; `served` is the server as a process of its own,
//! `crowd` an organisation as large as a figure needs, `wall` the console's photo pages, `caller` a phone reduced to its requests.
//!
//! **Invariants.** Clients, server and floor share the machine and the run; every figure says what it counted. What was
//! sent is counted again on the server afterwards, or the figure is none.

mod caller;
pub mod cold;
mod crowd;
pub mod encryption;
pub mod field;
pub mod floor;
pub mod heal;
pub mod herd;
mod lift;
pub mod noop;
pub mod opening;
pub mod photos;
pub mod push;
pub mod reads;
pub mod served;
pub mod start;
pub mod throughput;
pub mod wall;

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
fn now() -> Instant {
    Instant::now()
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// One line of a figure's report.
fn tell(text: &str) {
    // A closed pipe must not end a measurement half-way.
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// What some work gave, and how many milliseconds it took.
///
/// # Errors
/// The work's own.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
pub fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, f64)> {
    let began = Instant::now();
    let done = work()?;
    Ok((done, began.elapsed().as_secs_f64() * 1_000.0))
}

/// The same for work that waits for others.
///
/// # Errors
/// The work's own.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
pub async fn timed_async<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(T, f64)> {
    let began = Instant::now();
    let done = work.await?;
    Ok((done, began.elapsed().as_secs_f64() * 1_000.0))
}

/// The middle one of some times; 0 of none.
pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Seconds of processor time this process has used, all threads; `None` where the system does not say.
pub fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // Linux counts in hundredths of a second on every architecture it is built for here.
    Some(ticks / 100.0)
}

/// Milliseconds of processor time that the living threads of a process have used; `None` where the system does not say.
pub fn cpu_ms(process: u32) -> Option<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{process}/task")).ok()? {
        // A thread may end while its fellows are counted.
        let Ok(text) = std::fs::read_to_string(thread.ok()?.path().join("schedstat")) else { continue };
        nanoseconds += text.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1_000_000.0)
}

/// Memory a process holds now and held at most, in bytes (`VmRSS`, `VmHWM`).
///
/// # Errors
/// When the system does not say.
pub fn memory_of(process: u32) -> anyhow::Result<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let read = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("a memory line")?;
        let kib: u64 = line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?;
        anyhow::Ok(kib * 1024)
    };
    Ok((read("VmRSS")?, read("VmHWM")?))
}

/// Bytes of all files below a folder.
///
/// # Errors
/// When it cannot be read.
pub fn bytes_below(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.metadata()?;
        bytes += if file.is_dir() { bytes_below(&entry.path())? } else { file.len() };
    }
    Ok(bytes)
}
