//! `storewalk restore`: the database was put back from a backup.

use std::io::Write;

use crate::{config::Config, life, state::AppState};

/// Begins another life of the database and says what follows.
///
/// # Errors
/// When the database or the folder cannot be used.
pub(super) fn run(config: Config, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let folder = config.storage.data_dir.clone();
    let state = AppState::open(config)?;
    let epoch = life::restore(state.store.as_ref(), &folder, state.ids.as_ref())?;
    writeln!(out, "ok  another life of the database began (epoch {epoch})")?;
    writeln!(out, "--  every phone reads its data again at its next sync and sends what the server has forgotten")?;
    writeln!(
        out,
        "--  people whose sign-in is newer than the backup are asked for their password; nothing they captured is lost"
    )?;
    Ok(())
}
