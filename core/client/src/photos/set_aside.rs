//! Photos whose command was refused and set aside by a supervisor: their bytes are nobody's any more and are freed.
//!
//! Until a supervisor has decided, the bytes of a refused photo stay, whatever else happens: it may be taken in.

use std::path::Path;

use rusqlite::{Connection, named_params};

use super::files;
use crate::{ClientError, Phone};

/// Frees them; says how many files went.
pub(super) fn free(phone: &Phone, folder: &Path) -> Result<u64, ClientError> {
    let mut freed = 0;
    for (photo, names) in phone.read(found)? {
        // The rows first: a kill in between leaves strays, which a sweep clears, never a row without its file.
        phone.write(|transaction| forget(transaction, &photo))?;
        for name in names {
            files::remove(&folder.join(name))?;
            freed += 1;
        }
    }
    Ok(freed)
}

type Found = Vec<([u8; 16], Vec<String>)>;

fn found(connection: &Connection) -> Result<Found, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("set_aside.sql"))?;
    let photos: Vec<[u8; 16]> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut paths = connection.prepare_cached(
        "SELECT path FROM uploads WHERE photo_id = :photo
         UNION SELECT thumbnail_path FROM photo_files WHERE photo_id = :photo
         UNION SELECT original_path FROM photo_files WHERE photo_id = :photo AND original_path IS NOT NULL
         UNION SELECT stamped_path FROM photo_files WHERE photo_id = :photo AND stamped_path IS NOT NULL",
    )?;
    let mut found = Vec::new();
    for photo in photos {
        let names = paths.query_map(named_params! { ":photo": photo }, |row| row.get(0))?;
        found.push((photo, names.collect::<Result<_, _>>()?));
    }
    Ok(found)
}

fn forget(connection: &Connection, photo: &[u8; 16]) -> Result<(), ClientError> {
    for sql in ["DELETE FROM uploads WHERE photo_id = ?", "DELETE FROM photo_files WHERE photo_id = ?"] {
        connection.execute(sql, [photo])?;
    }
    Ok(())
}
