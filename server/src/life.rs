//! Whether the database is the one this folder knew last, or an older one put back from a backup.
//!
//! **How it is told.** Beside the database lies a note of how far it had come: the life of its logs, the sum of all
//! positions ever given out, the highest device number. A database that is behind the note was put back. The note is
//! written at every start, every minute while there is work, and at an orderly end; what was done in the last minute
//! before a crash is the only work whose loss it can miss. `storewalk restore` says it outright.
//!
//! **What follows.** Another life begins: all logs get a new epoch, so that every phone reads its buckets again and
//! sends what the server has forgotten, and device numbers that may be in use are not given to new phones.
//!
//! **Non-goals.** A phone that claims to be ahead changes nothing: claims are free.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use storewalk_domain::ids::IdSource;

use crate::{
    error::StartError,
    store::{Evidence, Store, StoreError, sqlite::fresh_epoch},
};

const NOTE: &str = "storewalk.life";

/// Numbers that phones may have got since the note was written.
const NUMBERS_SINCE_NOTE: u32 = 100;

/// Numbers that phones may have got in a life of which nothing is known.
const NUMBERS_UNKNOWN: u32 = 10_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Note {
    epoch: u64,
    positions: u64,
    device_number: u32,
}

impl Note {
    fn of(evidence: Evidence) -> Self {
        let Evidence { epoch, positions, device_number } = evidence;
        Self { epoch, positions, device_number }
    }
}

/// Compares the database with the note and begins another life if it was put back from a backup. Says whether it was.
///
/// # Errors
/// When the store or the folder cannot be used.
pub fn settle(store: &(dyn Store + 'static), folder: &Path, ids: &dyn IdSource) -> Result<bool, StartError> {
    // The note first: a server that runs beside this process may write a newer one at any moment.
    let note = read(folder);
    let evidence = evidence(store)?;
    let older_than = note.filter(|note| {
        note.epoch != evidence.epoch
            || note.positions > evidence.positions
            || note.device_number > evidence.device_number
    });
    if let Some(note) = older_than {
        tracing::warn!(
            positions = evidence.positions,
            noted = note.positions,
            "the database is older than the one this folder knew: it was put back from a backup; phones will read \
             everything again and send what it has forgotten"
        );
        let given = note.device_number.max(evidence.device_number).saturating_add(NUMBERS_SINCE_NOTE);
        begin(store, fresh_epoch(ids), given)?;
    }
    write(store, folder)?;
    Ok(older_than.is_some())
}

/// Begins another life whatever the note says. Gives the new epoch.
///
/// # Errors
/// When the store or the folder cannot be used.
pub fn restore(store: &(dyn Store + 'static), folder: &Path, ids: &dyn IdSource) -> Result<u64, StartError> {
    let epoch = fresh_epoch(ids);
    let given = evidence(store)?.device_number.saturating_add(NUMBERS_UNKNOWN);
    begin(store, epoch, given)?;
    write(store, folder)?;
    Ok(epoch)
}

/// Writes down how far the database has come, if that is not known yet.
///
/// # Errors
/// When the store or the folder cannot be used.
pub fn write(store: &(dyn Store + 'static), folder: &Path) -> Result<(), StartError> {
    let note = Note::of(evidence(store)?);
    if read(folder) == Some(note) {
        return Ok(());
    }
    put(folder, &note).map_err(|source| StartError::Folder { path: folder.to_owned(), source })
}

fn evidence(store: &(dyn Store + 'static)) -> Result<Evidence, StoreError> {
    store.read_blocking(|snapshot| snapshot.evidence())
}

fn begin(store: &(dyn Store + 'static), epoch: u64, numbers_given: u32) -> Result<(), StoreError> {
    store.write_blocking(move |txn| txn.begin_life(epoch, numbers_given))
}

/// The note; `None` when there is none, or it cannot be read: then nothing is known.
fn read(folder: &Path) -> Option<Note> {
    serde_json::from_slice(&fs::read(folder.join(NOTE)).ok()?).ok()
}

fn put(folder: &Path, note: &Note) -> io::Result<()> {
    let fresh = folder.join("storewalk.life.new");
    let mut file = File::create(&fresh)?;
    file.write_all(&serde_json::to_vec(note)?)?;
    file.sync_all()?;
    fs::rename(fresh, folder.join(NOTE))
}

#[cfg(test)]
mod tests {
    use storewalk_domain::{ids::TerritoryId, outlet::Territory, sync::Bucket, text::Localized};
    use uuid::Uuid;

    use super::*;
    use crate::{
        clock::RandomIds,
        store::{Move, sqlite::SqliteStore},
    };

    fn open(folder: &Path) -> SqliteStore {
        SqliteStore::open(&folder.join("storewalk.sqlite"), &RandomIds).expect("opened")
    }

    fn work(store: &(dyn Store + 'static), number: u128) {
        let territory = Territory {
            id: TerritoryId(Uuid::from_u128(number)),
            code: format!("T{number}"),
            name: Localized::same("T"),
            region_code: "jiangcheng".into(),
        };
        let done: Result<(), StoreError> = store.write_blocking(move |txn| {
            let version = txn.put_row(&territory.clone().into())?.version;
            let (table, id) = (storewalk_domain::sync::Table::Territories, territory.id.row());
            txn.append(
                &Bucket::Org,
                &[Move { table, id, version, is_removed: false, checksum: storewalk_wire::Checksum::default() }],
            )?;
            Ok(())
        });
        done.expect("done");
    }

    fn epochs(store: &(dyn Store + 'static)) -> (u64, u64) {
        let found: Result<_, StoreError> = store.read_blocking(|snapshot| {
            Ok((snapshot.epoch()?, snapshot.bucket_head(&Bucket::Org)?.expect("a log").epoch))
        });
        found.expect("read")
    }

    #[test]
    fn a_database_put_back_from_a_backup_begins_another_life_and_one_that_only_stopped_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let backup = folder.path().join("backup.sqlite");
        let database = folder.path().join("storewalk.sqlite");
        let first = {
            let store = open(folder.path());
            work(&store, 1);
            assert!(!settle(&store, folder.path(), &RandomIds).expect("settled"), "a new folder knows nothing");
            epochs(&store)
        };
        fs::copy(&database, &backup).expect("a backup");
        {
            let store = open(folder.path());
            assert!(!settle(&store, folder.path(), &RandomIds).expect("settled"), "a stop is no restore");
            assert_eq!(epochs(&store), first);
            work(&store, 2);
            write(&store, folder.path()).expect("noted");
        }
        for suffix in ["-wal", "-shm"] {
            fs::remove_file(folder.path().join(format!("storewalk.sqlite{suffix}"))).ok();
        }
        fs::copy(&backup, &database).expect("put back");
        let store = open(folder.path());
        assert!(settle(&store, folder.path(), &RandomIds).expect("settled"));
        let second = epochs(&store);
        assert_ne!(second.0, first.0);
        assert_eq!(second.0, second.1, "the log of every bucket, too");
        assert!(!settle(&store, folder.path(), &RandomIds).expect("settled"), "once is enough");
        assert_eq!(epochs(&store), second);
    }

    #[test]
    fn what_an_operator_says_is_believed_without_any_note() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(folder.path());
        let store: &(dyn Store + 'static) = &store;
        work(store, 1);
        let before = epochs(store);
        let epoch = restore(store, folder.path(), &RandomIds).expect("restored");
        assert_ne!(before.0, epoch);
        assert_eq!(epochs(store), (epoch, epoch));
        let next: Result<u32, StoreError> = store.write_blocking(|txn| txn.next_device_number());
        assert_eq!(next.expect("a number"), NUMBERS_UNKNOWN + 1, "numbers that phones may have are not given again");
    }
}
