//! Bringing many rows to a new phone: SYNC.md M1, M2, M3.

use super::{
    bytes_below, cpu_seconds,
    field::{Field, rows},
    floor, median, timed, timed_async,
};
use crate::demo::Ledger;

const RUNS: usize = 5;

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
    ledger.line(&format!("  on the phone's disk:          {} bytes, of these database {}", last.disk, last.database));
    Ok(())
}

async fn cold(field: &Field, dir: &std::path::Path, count: usize) -> anyhow::Result<Cost> {
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
