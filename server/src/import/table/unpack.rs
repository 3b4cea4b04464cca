//! How large an archive really is: read through once, counting, before anything keeps it in memory.
//!
//! The sizes an archive states about itself may be lies; a few kilobytes can unpack to gigabytes.

use std::io::{Cursor, Read, sink};

use zip::ZipArchive;

use crate::import::fault::{Fault, ImportCode};

/// Checks that an archive is whole and unpacks to at most `limit` bytes.
pub(super) fn check(bytes: &[u8], limit: u64) -> Result<(), Fault> {
    let damaged = || Fault::new(ImportCode::WorkbookDamaged);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut room = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| damaged())?;
        let read = std::io::copy(&mut entry.take(room.saturating_add(1)), &mut sink()).map_err(|_| damaged())?;
        room = room
            .checked_sub(read)
            .ok_or_else(|| Fault::new(ImportCode::WorkbookTooLarge).with("limit", limit >> 20))?;
    }
    Ok(())
}
