//! One damaged row among many: SYNC.md M11, with 100,000 of them.

use rusqlite::Connection;

use super::{field::Field, timed, timed_async};
use crate::demo::Ledger;

/// Measures and prints.
///
/// # Errors
/// When the server or the phone cannot be set up, or the row is not mended.
pub async fn measure(rows: usize) -> anyhow::Result<()> {
    let ledger = Ledger::default();
    let folder = tempfile::tempdir()?;
    let field = Field::open(&folder.path().join("server"), "T1", rows).await?;
    let dir = folder.path().join("phone");
    let phone = field.phone(&dir).await?;
    phone.sync().await?;
    let file = dir.join("storewalk.sqlite");
    let address = || -> anyhow::Result<String> {
        let connection = Connection::open(&file)?;
        Ok(connection.query_row("SELECT address FROM outlets WHERE code = 'S00777'", [], |row| row.get(0))?)
    };
    let sound = address()?;
    Connection::open(&file)?.execute("UPDATE outlets SET address = '坏' WHERE code = 'S00777'", [])?;
    let (scan, scan_ms) = timed(|| Ok(phone.scan()?))?;
    anyhow::ensure!(scan.damaged == 1, "the scan found {} damaged rows", scan.damaged);
    let (report, ms) = timed_async(async { Ok(phone.sync().await?) }).await?;
    anyhow::ensure!(address()? == sound, "the row is not mended");
    phone.shutdown();
    ledger.line(&format!("one damaged row among {rows}"));
    ledger.line(&format!("  looking at every row:         {scan_ms:.0} ms for {} rows", scan.rows));
    ledger.line(&format!("  mending:                      {ms:.0} ms, {} row fetched", report.rows_healed));
    let bytes = report.bytes_up + report.bytes_down;
    ledger.line(&format!("  bodies up and down:           {bytes} bytes (goal 65536)"));
    Ok(())
}
