//! The database file under its key.
//!
//! **Invariants.** A plain file becomes a sealed one by a copy that is whole on the disk before it takes the file's name: a
//! kill at any moment leaves one or the other. The plain file's log is written back and gone before that, so that a sealed
//! file never meets it.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use storewalk_sqlite::SqliteError;
use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyFault, Vault, boundary};
use crate::{ClientError, db, photos::sync_folder};

/// How a file of SQLite's begins that nobody encrypted.
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// Whether this build can encrypt a database.
///
/// # Errors
/// [`KeyFault::Unsupported`] when it cannot.
pub(super) fn ensure_supported() -> Result<(), ClientError> {
    let connection = Connection::open_in_memory()?;
    let version: Option<String> = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).optional()?;
    if version.is_some() { Ok(()) } else { Err(KeyFault::Unsupported.into()) }
}

/// Whether a file is a database that nobody encrypted.
fn is_plain(path: &Path) -> bool {
    let mut head = [0; PLAIN.len()];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && &head == PLAIN
}

/// Gives a connection the key to its file, before anything else is asked of it.
///
/// # Errors
/// When SQLite refuses.
pub(crate) fn unlock(connection: &Connection, vault: &Vault) -> Result<(), SqliteError> {
    let Some(key) = vault.database_key() else { return Ok(()) };
    // Errors come back as errors; the cipher would write each to standard error as well.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    let pragma = Zeroizing::new(format!("PRAGMA key = \"{}\"", *raw(key)));
    Ok(connection.execute_batch(&pragma)?)
}

/// A key as it is given without being derived from a passphrase.
fn raw(key: &[u8; KEY_BYTES]) -> Zeroizing<String> {
    let digits = b"0123456789abcdef";
    let mut text = Zeroizing::new(String::with_capacity(2 * KEY_BYTES + 3));
    text.push_str("x'");
    for byte in key {
        text.push(char::from(digits[usize::from(byte >> 4)]));
        text.push(char::from(digits[usize::from(byte & 15)]));
    }
    text.push('\'');
    text
}

/// Opens a file that may be plain or sealed: one that was set aside.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open_any(path: &Path, flags: OpenFlags, vault: &Vault) -> Result<Connection, SqliteError> {
    let connection = Connection::open_with_flags(path, flags)?;
    if !is_plain(path) {
        unlock(&connection, vault)?;
    }
    Ok(connection)
}

/// Encrypts the database of an earlier release, or of a phone that had no key; nothing happens to one that is sealed.
///
/// # Errors
/// When the file is damaged, or there is no room for a second one. It is as it was then.
pub(crate) fn encrypt_in_place(path: &Path, vault: &Vault) -> Result<(), ClientError> {
    let Some(key) = vault.database_key() else { return Ok(()) };
    let sealed = beside(path, "-sealing");
    // Of a start that was killed; its journal would be played back into the new one.
    for leftover in [&sealed, &beside(&sealed, "-journal")] {
        crate::photos::remove_file(leftover)?;
    }
    if !is_plain(path) {
        return Ok(());
    }
    tracing::info!("the database is encrypted; it was plain");
    let steps = export(path, &sealed, key)?;
    prove(&sealed, vault, steps)?;
    File::open(&sealed)?.sync_all()?;
    boundary("a sealed copy of the database is whole");
    fs::rename(&sealed, path)?;
    boundary("the sealed copy has the database's name");
    if let Some(folder) = path.parent() {
        sync_folder(folder)?;
    }
    Ok(())
}

/// Copies everything into a sealed file. Says which step of the schema it is at.
fn export(path: &Path, sealed: &Path, key: &[u8; KEY_BYTES]) -> Result<i64, ClientError> {
    boundary("a plain database is about to be opened");
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    boundary("the log is written back");
    // Takes the log's file away.
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    boundary("the log is gone");
    db::check(&connection)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    let steps: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let target = sealed.to_str().ok_or_else(|| ClientError::Internal("a folder whose name is no text".to_owned()))?;
    connection.execute("ATTACH DATABASE ? AS sealed KEY ?", params![target, *raw(key)])?;
    boundary("a sealed file is begun");
    connection.query_row("SELECT sqlcipher_export('sealed')", [], |_| Ok(()))?;
    boundary("everything is copied");
    connection.pragma_update(Some("sealed"), "user_version", steps)?;
    connection.execute("DETACH DATABASE sealed", [])?;
    if counts(&connection)? != counts(&open_sealed(sealed, key)?)? {
        return Err(ClientError::Internal("an encrypted copy lacks rows".to_owned()));
    }
    Ok(steps)
}

fn open_sealed(path: &Path, key: &[u8; KEY_BYTES]) -> Result<Connection, ClientError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let pragma = Zeroizing::new(format!("PRAGMA key = \"{}\"", *raw(key)));
    connection.execute_batch(&pragma)?;
    Ok(connection)
}

/// Proves that the sealed copy is one: every page is what its tag says, and it is at the same step.
fn prove(sealed: &Path, vault: &Vault, steps: i64) -> Result<(), ClientError> {
    let connection = open_any(sealed, OpenFlags::SQLITE_OPEN_READ_ONLY, vault)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if verdict == "ok" && found == steps && !is_plain(sealed) {
        return Ok(());
    }
    Err(ClientError::Internal("an encrypted copy cannot be read".to_owned()))
}

/// Rows of each table.
fn counts(connection: &Connection) -> Result<Vec<(String, u64)>, ClientError> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let count = |name: String| {
        let rows = connection.query_row(&format!("SELECT count(*) FROM \"{name}\""), [], |row| row.get(0))?;
        Ok((name, rows))
    };
    names.into_iter().map(count).collect()
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
