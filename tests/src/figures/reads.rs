//! Reading a screen's rows while many others are being written: SYNC.md M6, with 100,000 of them.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{Connection, OpenFlags, named_params};
use storewalk_domain::{outlet::Outlet, visit::Visit};
use storewalk_sqlite::select;

use super::{
    field::{Field, watched_outlet},
    timed, timed_async,
};
use crate::demo::Ledger;

/// Measures and prints.
///
/// # Errors
/// When the server or the phone cannot be set up.
pub async fn measure(rows: usize) -> anyhow::Result<()> {
    let ledger = Ledger::default();
    let folder = tempfile::tempdir()?;
    let field = Field::open(&folder.path().join("server"), "T1", 5_000).await?;
    let dir = folder.path().join("phone");
    let phone = field.phone(&dir).await?;
    phone.sync().await?;
    let file = dir.join("storewalk.sqlite");
    let (alone, point_alone) = {
        let connection = reader(&file)?;
        let times = (0..2_000).map(|_| screen(&connection)).collect::<anyhow::Result<Vec<_>>>()?;
        let points = (0..20_000).map(|_| point(&connection)).collect::<anyhow::Result<Vec<_>>>()?;
        (percentile(times, 0.99), Spread::of(points))
    };
    field.load("T2", rows).await?;
    field.grant(&["T1", "T2"]).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let reading = {
        let (file, is_over) = (file.clone(), Arc::clone(&is_over));
        std::thread::spawn(move || -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
            let connection = reader(&file)?;
            let (mut times, mut points) = (Vec::new(), Vec::new());
            while !is_over.load(Ordering::Relaxed) {
                times.push(screen(&connection)?);
                points.extend((0..10).map(|_| point(&connection)).collect::<anyhow::Result<Vec<_>>>()?);
            }
            Ok((times, points))
        })
    };
    let (report, ms) = timed_async(async { Ok(phone.sync().await?) }).await?;
    is_over.store(true, Ordering::Relaxed);
    let (times, points) = reading.join().map_err(|_| anyhow::anyhow!("the reader broke off"))??;
    phone.shutdown();
    ledger.line(&format!("a screen of 50 visits while {} rows arrive in {ms:.0} ms", report.rows_applied));
    let (count, longest) = (times.len(), times.iter().copied().fold(0.0, f64::max));
    ledger.line(&format!(
        "  p99 of {count} reads:          {:.3} ms (goal 1), longest {longest:.1} ms",
        percentile(times, 0.99)
    ));
    ledger.line(&format!("  p99 with nothing going on:    {alone:.3} ms"));
    ledger.line(&format!("  one outlet by its id:         {} (goal 10 us)", Spread::of(points)));
    ledger.line(&format!("  with nothing going on:        {point_alone}"));
    Ok(())
}

/// How long something took, mostly and at worst.
struct Spread {
    half: f64,
    p99: f64,
}

impl Spread {
    /// Of milliseconds.
    fn of(times: Vec<f64>) -> Self {
        Self { half: percentile(times.clone(), 0.5), p99: percentile(times, 0.99) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "half within {:.1} us, 99 % within {:.1} us", self.half * 1_000.0, self.p99 * 1_000.0)
    }
}

/// One row by its identity, read into what the rules work with.
fn point(connection: &Connection) -> anyhow::Result<f64> {
    let outlet = watched_outlet("T1").into_bytes();
    let (found, ms) = timed(|| {
        let found: Vec<Outlet> = select(connection, "WHERE id = :id", named_params! { ":id": outlet })?;
        Ok(found.len())
    })?;
    anyhow::ensure!(found == 1, "no such outlet");
    Ok(ms)
}

fn reader(file: &Path) -> anyhow::Result<Connection> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    Ok(connection)
}

fn screen(connection: &Connection) -> anyhow::Result<f64> {
    let outlet = watched_outlet("T1").into_bytes();
    let ((), ms) = timed(|| {
        let tail = "WHERE outlet_id = :outlet ORDER BY visited_on DESC, id LIMIT 50";
        let visits: Vec<Visit> = select(connection, tail, named_params! { ":outlet": outlet })?;
        anyhow::ensure!(visits.len() == 50, "{} visits", visits.len());
        Ok(())
    })?;
    Ok(ms)
}

fn percentile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let place = (times.len() as f64 * share) as usize;
    times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
