//! After the quiet: every oracle of the simulator, on what the processes left on disk.

use std::path::Path;

use rusqlite::Connection;

use super::handheld::{Handheld, Witness};
use crate::simulation::{evidence::Evidence, oracle, run::scope_of};

/// What a run went through, counted on the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Tally {
    pub(super) commands: usize,
    pub(super) refused: usize,
    pub(super) photos: usize,
}

/// Asks every oracle; gives their objections and the counts.
///
/// # Errors
/// When a database cannot be read.
pub(super) fn reckon(folder: &Path, phones: &[Handheld]) -> anyhow::Result<(Vec<String>, Tally)> {
    let server = Connection::open(folder.join("storewalk.sqlite"))?;
    let mut objections = sound("the server's database", &server)?;
    let (mut tally, mut captured) = (Tally::default(), Vec::new());
    for phone in phones {
        let witness: Witness = phone.evidence()?;
        tally.commands += witness.ledger().len();
        let scope = scope_of(witness.account());
        objections.extend(sound(witness.name(), witness.database())?);
        objections.extend(oracle::nothing_is_left_over(&witness)?);
        objections.extend(oracle::worked_through_once(&server, &witness)?);
        objections.extend(oracle::every_command_is_receipted(&server, &witness)?);
        objections.extend(oracle::shows_what_the_server_has(&server, &witness, &scope)?);
        objections.extend(oracle::holds_only_its_own(&witness, &scope)?);
        objections.extend(oracle::nothing_captured_is_lost(&witness)?);
        objections.extend(oracle::nothing_captured_is_hidden(&witness)?);
        captured.extend_from_slice(witness.ledger());
    }
    objections.extend(oracle::nothing_is_made_up(&server, captured.iter())?);
    objections.extend(oracle::bytes_are_those_announced(&server, folder)?);
    objections.extend(oracle::no_file_is_nobodys(&server, folder)?);
    objections.extend(oracle::within_credit(&server)?);
    tally.refused = server.query_row("SELECT count(*) FROM dead_letters", [], |row| row.get(0))?;
    let sql = "SELECT count(*) FROM photo_files WHERE variant = 'original'";
    tally.photos = server.query_row(sql, [], |row| row.get(0))?;
    Ok((objections, tally))
}

fn sound(name: &str, database: &Connection) -> anyhow::Result<Vec<String>> {
    let mut objections = Vec::new();
    let check: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if check != "ok" {
        objections.push(format!("{name}: {check}"));
    }
    if database.prepare("PRAGMA foreign_key_check")?.exists([])? {
        objections.push(format!("{name}: a row points at nothing"));
    }
    Ok(objections)
}
