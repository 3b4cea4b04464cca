//! The bytes the server holds are those the phone announced; no photo of the day stays without its bytes.

use std::path::Path;

use rusqlite::Connection;
use storewalk_domain::photo::Photo;
use storewalk_server::blob::{BlobStore, hash_file};
use storewalk_sqlite::select;

/// What is wrong with the photos, at quiescence.
///
/// # Errors
/// When the database or the folder cannot be read.
pub fn bytes_are_those_announced(server: &Connection, folder: &Path) -> anyhow::Result<Vec<String>> {
    let blobs = BlobStore::open(&folder.join("photos"))?;
    let mut objections = Vec::new();
    for photo in select::<Photo>(server, "ORDER BY id", [])? {
        let sql = "SELECT variant, sha256, size_bytes FROM photo_files WHERE photo_id = ? ORDER BY variant";
        let mut statement = server.prepare_cached(sql)?;
        let files: Vec<(String, String, u64)> = statement
            .query_map([photo.id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let original = files.iter().find(|(variant, _, _)| variant == "original");
        if original.is_none_or(|(_, sha256, size)| *sha256 != photo.sha256 || *size != photo.size_bytes) {
            objections.push(format!("photo {} is not held as announced: {files:?}", photo.id));
        }
        if photo.received_at.is_none() {
            objections.push(format!("photo {} is {:?} and not received", photo.id, photo.status));
        }
        for (variant, sha256, size) in &files {
            let held = blobs.path_of(sha256).filter(|path| path.is_file());
            let is_right = held.as_ref().is_some_and(|path| {
                hash_file(path).is_ok_and(|hash| hash == *sha256)
                    && path.metadata().is_ok_and(|metadata| metadata.len() == *size)
            });
            if !is_right {
                objections.push(format!("the {variant} of photo {} does not hash to {sha256}", photo.id));
            }
        }
    }
    Ok(objections)
}
