//! What opening a phone with many rows costs, plain and under a key, and what its first opening with a key does.
//!
//! One opening is what an app waits for before its first screen: the database is taken, looked at and asked how syncing
//! stands. Plain and sealed openings take turns; they are of the same rows.

use std::path::Path;

use storewalk_client::{Config, HostKey, Phone};

use super::{field::Field, median, tell, timed};
use crate::field::copy_folder;

const OPENINGS: usize = 31;

/// Measures and prints.
///
/// # Errors
/// When server or phone cannot be set up.
pub async fn measure(rows: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let field = Field::open(&folder.path().join("server"), "T1", rows).await?;
    let (plain, sealed) = (folder.path().join("plain"), folder.path().join("sealed"));
    let phone = field.phone(&plain).await?;
    anyhow::ensure!(phone.sync().await?.complete, "the phone is not in step");
    phone.shutdown();
    copy_folder(&plain, &sealed)?;
    let key = HostKey::from_bytes(&[7; 32]).filter(|_| cfg!(feature = "encryption"));
    let ((), sealing) = timed(|| opened(&sealed, &field.url, key.clone()))?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..OPENINGS {
        without.push(timed(|| opened(&plain, &field.url, None))?.1);
        with.push(timed(|| opened(&sealed, &field.url, key.clone()))?.1);
    }
    let (without, with) = (median(without), median(with));
    tell(&format!("opening a phone with {rows} rows, median of {OPENINGS}: {without:.2} ms"));
    if key.is_none() {
        tell("under a key: this build cannot encrypt");
        return Ok(());
    }
    tell(&format!("the same under a key:                            {with:.2} ms, ratio {:.2}", with / without));
    tell(&format!("the first opening with a key, which seals it:    {sealing:.0} ms"));
    Ok(())
}

fn opened(dir: &Path, url: &str, key: Option<HostKey>) -> anyhow::Result<()> {
    let opened = Phone::open(Config { key, ..Config::new(dir, url) })?;
    anyhow::ensure!(opened.recovery.is_none(), "it had to be repaired");
    opened.phone.status()?;
    opened.phone.shutdown();
    Ok(())
}
