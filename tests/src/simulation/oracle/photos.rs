//! The bytes the server holds are those the phone announced; no photo of the day stays without its bytes.

use std::path::{Path, PathBuf};

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

/// Photo files that belong to no photo and to no upload that may go on: what a killed server must not leave behind.
///
/// # Errors
/// When the database or the folder cannot be read.
pub fn no_file_is_nobodys(server: &Connection, folder: &Path) -> anyhow::Result<Vec<String>> {
    let blobs = BlobStore::open(&folder.join("photos"))?;
    let mut objections = Vec::new();
    let is_known = |sql: &str, name: &str| server.query_row(sql, [name], |row| row.get::<_, bool>(0));
    for file in blobs.growing().all()? {
        let sql = "SELECT EXISTS (SELECT 1 FROM uploads WHERE expired_at IS NULL AND hex(photo_id) || variant = ?)";
        let name = format!("{}{}", file.photo_id.0.simple().to_string().to_uppercase(), file.variant.as_str());
        if file.is_unproven || !is_known(sql, &name)? {
            objections.push(format!("{} grows for nobody", file.path.display()));
        }
    }
    let is_hash = |name: &str| name.len() == 64;
    for path in files_below(&folder.join("photos"))? {
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| is_hash(name)) else { continue };
        if path.components().any(|part| part.as_os_str() == "delivered") {
            continue;
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM photo_files WHERE sha256 = ?1)
                       OR EXISTS (SELECT 1 FROM uploads WHERE sha256 = ?1)";
        if !is_known(sql, name)? {
            objections.push(format!("{} belongs to no photo", path.display()));
        }
    }
    Ok(objections)
}

fn files_below(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files_below(&path)?) } else { found.push(path) }
    }
    Ok(found)
}
