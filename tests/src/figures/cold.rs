//! Bringing many rows to a new phone: SYNC.md M1, M2, M3; and the memory a phone needs for it: M15.
//!
//! Phone, server and floor take turns in this process; the memory is that of one more phone in a process of its own.

use std::path::Path;

use anyhow::Context;

use super::{
    bytes_below, cpu_seconds,
    field::{Field, new_phone, rows},
    floor, median, memory_of, tell, timed, timed_async,
};
use crate::demo::Ledger;

const RUNS: usize = 5;

/// The subcommand by which a program plays the phone: see [`play_phone`].
pub const AS_PHONE: &str = "as-phone";

/// What one new phone cost.
#[derive(Default)]
struct Cost {
    ms: f64,
    cpu: f64,
    down: u64,
    up: u64,
    disk: u64,
    database: u64,
}

/// Measures and prints.
///
/// # Errors
/// When the server or a phone cannot be set up.
pub async fn measure(count: usize) -> anyhow::Result<()> {
    let ledger = Ledger::default();
    let folder = tempfile::tempdir()?;
    let field = Field::open(&folder.path().join("server"), "T1", count).await?;
    let world = rows("T1", count)?;
    let json: usize = world.iter().map(|row| row.to_json().map_or(0, |fields| fields.to_string().len())).sum();
    let decoded = floor::decode(&world)?;
    // A phone that never synced: the tables the floor fills.
    let bare = folder.path().join("bare");
    field.phone(&bare).await?.shutdown();
    // The first phone finds the server making its files; those after it find them made.
    let first = cold(&field, &folder.path().join("first"), count).await?;
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    let mut last = Cost::default();
    for run in 0..RUNS {
        let file = folder.path().join(format!("floor-{run}.sqlite"));
        let mut database = floor::prepare(&file, &bare.join("storewalk.sqlite"))?;
        let (inserted, ms) = timed(|| floor::insert(&mut database, &decoded))?;
        anyhow::ensure!(inserted == count, "the floor has {inserted} rows of {count}");
        floors.push(ms);
        last = cold(&field, &folder.path().join(format!("phone-{run}")), count).await?;
        ours.push((last.ms, last.cpu));
    }
    let floor = median(floors);
    let ms = median(ours.iter().map(|(ms, _)| *ms).collect());
    let cpu = median(ours.iter().map(|(_, cpu)| *cpu).collect());
    ledger.line(&format!("{count} rows, {} bytes of JSON each, to a new phone; median of {RUNS}", json / count.max(1)));
    ledger.line(&format!("  wall time over loopback:      {ms:.0} ms (first phone of all: {:.0} ms)", first.ms));
    ledger.line(&format!("  floor, plain rusqlite:        {floor:.0} ms"));
    ledger.line(&format!("  ratio to the floor:           {:.2} (goal 2.0)", ms / floor));
    ledger.line(&format!("  processor, phone and server:  {cpu:.2} s"));
    ledger.line(&format!("  bodies down, up:              {} + {} bytes", last.down, last.up));
    let (began, most) = memory_of_a_phone(&field, &folder.path().join("alone")).await?;
    ledger.line(&format!("  a phone's memory at most:     {most} bytes (goal 60000000), signed in {began}"));
    ledger.line(&format!("  on the phone's disk:          {} bytes, of these database {}", last.disk, last.database));
    Ok(())
}

/// A phone as a process of its own: its first sync. Tells its memory before and at most.
///
/// # Errors
/// When the phone cannot be set up or does not get everything.
pub async fn play_phone(url: &str, dir: &Path) -> anyhow::Result<()> {
    let phone = new_phone(url, dir).await?;
    let (before, _) = memory_of(std::process::id())?;
    let report = phone.sync().await?;
    anyhow::ensure!(report.complete, "the phone is not in step");
    phone.shutdown();
    tell(&format!("{before} {}", memory_of(std::process::id())?.1));
    Ok(())
}

/// What such a phone held before its first sync and at most, in bytes.
async fn memory_of_a_phone(field: &Field, dir: &Path) -> anyhow::Result<(u64, u64)> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    let output = command.arg(AS_PHONE).arg(&field.url).arg(dir).output().await?;
    let said = String::from_utf8_lossy(&output.stdout);
    anyhow::ensure!(output.status.success(), "a phone alone: {}", String::from_utf8_lossy(&output.stderr));
    let (began, most) = said.trim().split_once(' ').context("two figures")?;
    Ok((began.parse()?, most.parse()?))
}

async fn cold(field: &Field, dir: &Path, count: usize) -> anyhow::Result<Cost> {
    let phone = field.phone(dir).await?;
    let before = cpu_seconds().unwrap_or_default();
    let (report, ms) = timed_async(async { Ok(phone.sync().await?) }).await?;
    let cpu = cpu_seconds().unwrap_or_default() - before;
    anyhow::ensure!(report.complete, "the phone is not in step");
    let held = usize::try_from(report.rows_applied).unwrap_or_default();
    anyhow::ensure!(held >= count, "the phone got {held} rows of {count}");
    phone.shutdown();
    let database = std::fs::metadata(dir.join("storewalk.sqlite"))?.len();
    let cost = Cost { ms, cpu, down: report.bytes_down, up: report.bytes_up, disk: bytes_below(dir)?, database };
    std::fs::remove_dir_all(dir)?;
    Ok(cost)
}
