//! A sync without news: SYNC.md M4.

use super::{field::Field, median, timed_async};
use crate::demo::Ledger;

const RUNS: usize = 51;

/// Measures and prints, for a phone of one territory and one of `most`.
///
/// # Errors
/// When the server or the phone cannot be set up.
pub async fn measure(most: usize) -> anyhow::Result<()> {
    let ledger = Ledger::default();
    for territories in [1, most] {
        let folder = tempfile::tempdir()?;
        let names: Vec<String> = (0..territories).map(|number| format!("T{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let field = Field::open(&folder.path().join("server"), "T0", 1_000).await?;
        for name in &names {
            field.load(name, 20).await?;
        }
        field.grant(&names).await?;
        let phone = field.phone(&folder.path().join("phone")).await?;
        phone.sync().await?;
        // What the phone tells about itself has changed with the first sync: the second tells it.
        let whole = phone.sync().await?;
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..RUNS {
            let (report, ms) = timed_async(async { Ok(phone.sync().await?) }).await?;
            anyhow::ensure!(report.complete, "the phone is not in step");
            times.push(ms);
            bytes = report.bytes_up + report.bytes_down;
        }
        phone.shutdown();
        ledger.line(&format!("sync without news, {territories} territories; median of {RUNS}"));
        ledger.line(&format!(
            "  bodies up and down:           {bytes} bytes (goal 300); the sync before: {}",
            whole.bytes_up + whole.bytes_down
        ));
        ledger.line(&format!("  wall time over loopback:      {:.2} ms (goal 5)", median(times)));
    }
    Ok(())
}
