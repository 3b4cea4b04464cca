//! Opening the database, and bringing work back from a damaged one.
//!
//! **Invariants.** A damaged file is moved aside, never deleted; a start that ends in the middle is gone on with by the
//! next one. Commands found in it or in the mirror are queued again
//! under their own numbers; the server knows them by number and identity, so nothing is done twice. After a repair the
//! server is asked where it stands before anything is sent. A file that was not let go in order is checked before use.
//!
//! **Non-goals.** Completeness of the rows that came from the server: those that can be read are carried over so that
//! the day goes on, and the first pull settles them all.

mod aside;
#[cfg(test)]
mod kill;
mod photos;
mod rows;
mod salvage;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use storewalk_domain::{
    ids::{DeviceId, IdSource},
    time::Clock,
};

use self::salvage::Salvage;
use crate::{
    ClientError,
    db::{self, Db, has_its_tables, open_connection},
    outbox::{self, Mirror},
    session, sync,
    vault::{self, Vault, where_sealed},
};

const DATABASE: &str = "storewalk.sqlite";
const MIRROR: &str = "outbox.mirror";
const PHOTOS: &str = "photos";
/// There while the database is in use; found at a start, it means the last end was no orderly one.
const IN_USE: &str = "storewalk.in-use";

/// What was brought back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// Commands that were not acknowledged and are queued again.
    pub commands_kept: u64,
    /// Where the damaged file lies now; `None` when the file was sound and only its last writes were missing.
    pub file: Option<PathBuf>,
}

/// An opened database.
pub(crate) struct OpenedDb {
    pub(crate) db: Db,
    pub(crate) mirror: Mirror,
    pub(crate) recovery: Option<Recovery>,
}

/// Opens the database of a folder: makes it, checks it or replaces it, as it needs.
pub(crate) fn open(
    dir: &Path,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    app_version: &str,
    vault: &Vault,
) -> Result<OpenedDb, ClientError> {
    let path = dir.join(DATABASE);
    let must_check = dir.join(IN_USE).exists();
    let was_damaged = is_noted_damaged(dir);
    mark_in_use(dir);
    let mut salvage = Salvage::from_mirror(&dir.join(MIRROR), vault);
    // The move comes before anything is opened: until it is done, these are the damaged file's names.
    let begun = aside::unfinished(dir, DATABASE)?;
    let mut file = None;
    let checked = if was_damaged {
        Err(ClientError::damaged("met at work before".to_owned()))
    } else {
        open_checked(&path, must_check, vault)
    };
    let connection = match checked {
        Err(fault) if fault.is_damage() => {
            tracing::error!(%fault, "the database is damaged; it is moved aside and the outbox brought back");
            let aside = aside::move_aside(dir, DATABASE, MIRROR, clock.now())?;
            salvage.add_file(&aside, vault);
            file = Some(aside);
            open_connection(&path, vault)?
        }
        other => other?,
    };
    if let (None, Some(begun)) = (&file, &begun)
        && !has_device(&connection)?
    {
        tracing::warn!("the last start ended while work was brought back from a damaged file; going on with it");
        salvage.add_file(begun, vault);
        file = Some(begun.clone());
    }
    let db = Db::new(&path, vault, connection);
    let kept = db.write(|transaction| {
        let is_new = make_device(transaction, &salvage, clock, ids, app_version)?;
        if let Some(damaged) = &file {
            let rows = rows::carry_over(transaction, damaged, vault)?;
            tracing::info!(rows, "rows of the last pull were carried over");
        }
        let kept = bring_back(transaction, &salvage, is_new, must_check)?;
        if is_new || kept > 0 {
            photos::queue_found(transaction, &dir.join(PHOTOS), vault, clock.now())?;
        }
        note_version(transaction, app_version)?;
        Ok(kept)
    })?;
    file.iter().chain(&begun).for_each(|file| aside::mark_finished(file));
    let mirror = Mirror::at(dir.join(MIRROR), vault.clone());
    mirror.rewrite(&db);
    forget_damage(dir);
    vault::seal_set_aside(dir, vault)?;
    let file = file.map(where_sealed);
    let recovery = (file.is_some() || kept > 0).then_some(Recovery { commands_kept: kept, file });
    Ok(OpenedDb { db, mirror, recovery })
}

/// Opens a file and looks at what must not be lost; at all of it when `must_check`.
fn open_checked(path: &Path, must_check: bool, vault: &Vault) -> Result<Connection, ClientError> {
    let connection = open_connection(path, vault)?;
    if must_check {
        db::check(&connection)?;
        if !has_its_tables(&connection)? {
            return Err(ClientError::damaged("the definition of a table is not what it was".to_owned()));
        }
    }
    if has_device(&connection)? {
        session::device(&connection)?;
        session::session(&connection)?;
        for stored in outbox::pending_after(&connection, 0, usize::MAX)? {
            stored.read()?;
        }
    }
    Ok(connection)
}

/// Whether the database was ever taken into use: its first row is written together with all that was brought back.
fn has_device(connection: &Connection) -> Result<bool, ClientError> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM device)", [], |row| row.get(0))?)
}

/// Makes the installation's row in a new database: the old installation again, as far as it is known.
fn make_device(
    connection: &Connection,
    salvage: &Salvage,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    app_version: &str,
) -> Result<bool, ClientError> {
    let is_new = connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM device)", [], |row| row.get(0))?;
    if is_new {
        let id = salvage.device_id().unwrap_or_else(|| DeviceId(ids.next_id()));
        session::create_device(connection, id, app_version, clock.now())?;
    }
    Ok(is_new)
}

/// Queues what the salvage holds and the database does not. Says how many commands were brought back or mended.
fn bring_back(connection: &Connection, salvage: &Salvage, is_new: bool, must_check: bool) -> Result<u64, ClientError> {
    let device = session::device(connection)?;
    if salvage.device_id() != Some(device.id) {
        return Ok(0);
    }
    let from = if is_new { 0 } else { device.last_seq };
    let mut kept = 0;
    for pending in salvage.commands() {
        if pending.envelope.seq > from {
            kept += u64::from(outbox::insert_recovered(connection, pending)?);
        } else if must_check {
            kept += u64::from(outbox::mend(connection, pending)?);
        }
    }
    if is_new {
        salvage.restore_device(connection)?;
        salvage.restore_session(connection)?;
        salvage.restore_local(connection);
    } else if kept > 0 {
        salvage.raise_counters(connection)?;
    }
    if kept > 0 {
        sync::rebase_in_place(connection)?;
    }
    Ok(kept)
}

/// A newer app may be able to read what the last one could not, and may decide otherwise what is still pending.
fn note_version(connection: &Connection, app_version: &str) -> Result<(), ClientError> {
    let changed =
        connection.execute("UPDATE device SET app_version = :version WHERE app_version <> :version", [app_version])?;
    let unknown = if changed > 0 { sync::take_in_unknown(connection)? } else { 0 };
    let rows = unknown + sync::take_in_new(connection)?;
    if rows > 0 {
        tracing::info!(rows, "rows of a newer release were taken in");
    }
    if changed > 0 && outbox::pending_count(connection)? > 0 {
        // What an older app decided is decided by today's rules, on rows that this app may read otherwise.
        sync::rebase_in_place(connection)?;
    }
    Ok(())
}

/// What the note says when work has met damage. Not every damage shows at a check, so the next start does not ask again.
const DAMAGED: &[u8] = b"damaged";

fn is_noted_damaged(dir: &Path) -> bool {
    std::fs::read(dir.join(IN_USE)).is_ok_and(|note| note == DAMAGED)
}

/// Notes that work has met damage: the next start moves the file aside, whatever a check says.
pub(crate) fn mark_damaged(dir: &Path) {
    if let Err(error) = std::fs::write(dir.join(IN_USE), DAMAGED) {
        tracing::warn!(%error, "the note of damage was not left; the next start checks the file");
    }
}

/// The file is another one now.
fn forget_damage(dir: &Path) {
    if is_noted_damaged(dir)
        && let Err(error) = std::fs::write(dir.join(IN_USE), b"")
    {
        tracing::warn!(%error, "the note of damage stays; the next start repairs once more");
    }
}

/// Notes that the file is in use: a start that finds this note checks the file. A note of damage stays.
pub(crate) fn mark_in_use(dir: &Path) {
    if is_noted_damaged(dir) {
        return;
    }
    // A full disk must not keep the phone from opening; what is lost is one check.
    if let Err(error) = std::fs::write(dir.join(IN_USE), b"") {
        tracing::warn!(%error, "the note of use was not left");
    }
}

/// Notes that the file was let go in order. A damaged one keeps its note, so that the next start looks at it.
pub(crate) fn mark_clean(dir: &Path, is_damaged: bool) {
    if !is_damaged && let Err(error) = std::fs::remove_file(dir.join(IN_USE)) {
        tracing::debug!(%error, "the note of use stays; the next start checks the file for nothing");
    }
}
