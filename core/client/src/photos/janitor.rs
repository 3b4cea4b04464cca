//! Freeing what the server holds for good, and clearing what a killed app left behind.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use rusqlite::{Connection, named_params};
use serde::Serialize;
use storewalk_domain::time::{DAY_MS, Timestamp};

use super::{files, set_aside};
use crate::{ClientError, Phone, receipt};

/// How long an original stays after the server has verified it.
const GRACE_MS: i64 = 7 * DAY_MS;

/// How much a sweep freed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct SweepReport {
    /// Originals freed.
    pub originals_freed: u64,
    /// Bytes of them.
    pub bytes_freed: u64,
    /// Files of nobody that were cleared.
    pub strays_cleared: u64,
}

/// Taken for reading while a photo's files are written and not yet named by a row, for writing while strays are
/// cleared: otherwise a sweep could take a new photo for a stray. One for the process, as photos are few and short.
static FOLDER: RwLock<()> = RwLock::new(());

/// Holds sweeps off.
pub(super) fn while_sweeping_waits() -> RwLockReadGuard<'static, ()> {
    FOLDER.read().unwrap_or_else(PoisonError::into_inner)
}

/// Frees originals and clears strays.
pub(super) fn sweep(phone: &Phone) -> Result<SweepReport, ClientError> {
    let folder = phone.photos_dir();
    let mut report = SweepReport::default();
    let before = phone.now().trusted().plus_ms(-GRACE_MS);
    let held = phone.read(|connection| held_by_server(connection, before))?;
    let (free, unreceipted): (Vec<_>, Vec<_>) = held.into_iter().partition(|original| original.is_receipted);
    if !unreceipted.is_empty() {
        let photos: Vec<[u8; 16]> = unreceipted.iter().map(|original| original.photo).collect();
        phone.write(|transaction| receipt::want_for_sweep(transaction, &photos, phone.now().device_at))?;
    }
    for original in free {
        // The row first: a kill in between leaves a stray, which is cleared below, never a row without its file.
        phone.write(|transaction| forget_original(transaction, &original.photo))?;
        for name in [Some(&original.name), original.stamped.as_ref()].into_iter().flatten() {
            files::remove(&folder.join(name))?;
        }
        report.originals_freed += 1;
        report.bytes_freed += original.size_bytes;
    }
    report.strays_cleared = set_aside::free(phone, &folder)?;
    report.strays_cleared += clear_strays(phone, &folder)?;
    Ok(report)
}

struct Original {
    photo: [u8; 16],
    name: String,
    stamped: Option<String>,
    size_bytes: u64,
    is_receipted: bool,
}

/// Originals of which the server said by pull that it has held and verified them since before an instant.
fn held_by_server(connection: &Connection, before: Timestamp) -> Result<Vec<Original>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("held_by_server.sql"))?;
    let rows = statement.query_map(named_params! { ":before": before.0 }, |row| {
        Ok(Original {
            photo: row.get("photo_id")?,
            name: row.get("original_path")?,
            stamped: row.get("stamped_path")?,
            size_bytes: row.get("size_bytes")?,
            is_receipted: row.get("is_receipted")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn forget_original(connection: &Connection, photo: &[u8; 16]) -> Result<(), ClientError> {
    let params = named_params! { ":photo": photo };
    let forget = "UPDATE photo_files SET original_path = NULL, stamped_path = NULL WHERE photo_id = :photo";
    connection.execute(forget, params)?;
    let settle = "UPDATE uploads SET state = 'done', offset = size_bytes, last_error = NULL
                  WHERE photo_id = :photo AND variant = 'original'";
    connection.execute(settle, params)?;
    Ok(())
}

fn clear_strays(phone: &Phone, folder: &Path) -> Result<u64, ClientError> {
    if !folder.is_dir() {
        return Ok(0);
    }
    let _alone = FOLDER.write().unwrap_or_else(PoisonError::into_inner);
    let named = phone.read(names)?;
    let mut cleared = 0;
    for path in files::strays(folder, &named)? {
        files::remove(&path)?;
        cleared += 1;
    }
    Ok(cleared)
}

/// The files that rows name.
fn names(connection: &Connection) -> Result<BTreeSet<String>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("named_files.sql"))?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
