//! `storewalk doctor`: the effective settings, and whether what they need is there.

use std::io::Write;

use storewalk_domain::sync::{Bucket, Table};

use crate::{
    config::Config,
    state::AppState,
    store::{StoreError, StoreRead},
};

const FACES: &str = "ok  covered copies hide what people marked, and faces that are found";
const NO_FACES: &str =
    "ok  covered copies hide what people marked; export.face_cascade names nothing that finds faces besides";

/// Writes the report.
///
/// # Errors
/// When something the settings need is missing; the report says what.
pub(super) async fn examine(config: Config, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    writeln!(out, "{}", config.to_toml())?;
    let state = AppState::open(config)?;
    writeln!(out, "ok  the data folder can be written")?;
    writeln!(out, "{}", if state.faces.is_some() { FACES } else { NO_FACES })?;
    let report = state.store.read(findings).await?;
    for line in report {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn findings(snapshot: &dyn StoreRead) -> Result<Vec<String>, StoreError> {
    let mut lines = vec![format!("ok  the database can be read (epoch {})", snapshot.epoch()?)];
    let handbook = snapshot.rows_of(Table::HandbookEntries)?.len();
    let people = snapshot.rows_of(Table::People)?.len();
    lines.push(match handbook {
        0 => "--  the handbook is loaded when the server first starts".to_owned(),
        count => format!("ok  {count} handbook entries"),
    });
    lines.push(match people {
        0 => "--  nobody can sign in yet: see storewalk create-account".to_owned(),
        count => format!("ok  {count} people"),
    });
    if let Some(head) = snapshot.bucket_head(&Bucket::Org)? {
        lines.push(format!("ok  {} rows for everybody, at position {}", head.row_count, head.head));
    }
    Ok(lines)
}
