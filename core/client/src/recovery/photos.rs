//! Queueing the photos again that lie in the folder and that the new database has no word of.
//!
//! Their names say which photo they are (`photos/files.rs`). What the server already holds it says so when asked, and
//! nothing is sent twice. An original without its thumbnail is queued alone; a thumbnail alone was freed before.

use std::{collections::BTreeMap, fs, path::Path};

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    ids::{PhotoId, RowId},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::Variant;

use crate::{ClientError, photos::sha256_hex, vault::Vault};

struct Found {
    name: String,
    sha256: String,
    size_bytes: u64,
}

/// Queues what lies in the folder.
pub(super) fn queue_found(
    connection: &Connection,
    folder: &Path,
    vault: &Vault,
    now: Timestamp,
) -> Result<(), ClientError> {
    for (photo, files) in find(folder, vault) {
        let known =
            connection.prepare_cached("SELECT 1 FROM uploads WHERE photo_id = ?")?.exists([id_blob(RowId(photo.0))])?;
        if known || !files.contains_key(&Variant::Original) {
            continue;
        }
        if let (Some(original), Some(thumbnail)) = (files.get(&Variant::Original), files.get(&Variant::Thumbnail)) {
            connection.execute(
                include_str!("../photos/insert_photo_file.sql"),
                named_params! {
                    ":photo": id_blob(RowId(photo.0)),
                    ":original": original.name,
                    ":original_sha256": original.sha256,
                    ":size": original.size_bytes,
                    ":thumbnail": thumbnail.name,
                    ":thumbnail_sha256": thumbnail.sha256,
                    ":thumbnail_size": thumbnail.size_bytes,
                    ":stamped": Option::<String>::None,
                },
            )?;
        }
        for (variant, file) in &files {
            connection.execute(
                include_str!("../photos/insert_upload.sql"),
                named_params! {
                    ":photo": id_blob(RowId(photo.0)),
                    ":variant": variant.as_str(),
                    ":sha256": file.sha256,
                    ":size": file.size_bytes,
                    ":path": file.name,
                    ":now": now.0,
                    // Nobody knows any more.
                    ":untold": false,
                },
            )?;
        }
    }
    Ok(())
}

fn find(folder: &Path, vault: &Vault) -> BTreeMap<PhotoId, BTreeMap<Variant, Found>> {
    let mut found: BTreeMap<PhotoId, BTreeMap<Variant, Found>> = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((photo, variant)) = meaning(&name) else { continue };
        let Ok(bytes) = vault.read(&entry.path()) else { continue };
        let file = Found { name, sha256: sha256_hex(&bytes), size_bytes: bytes.len() as u64 };
        found.entry(photo).or_default().insert(variant, file);
    }
    found
}

/// `<photo id>-<variant>.<extension>`
fn meaning(name: &str) -> Option<(PhotoId, Variant)> {
    let (stem, _) = name.rsplit_once('.')?;
    let (photo, variant) = stem.rsplit_once('-')?;
    Some((photo.parse().ok()?, Variant::from_name(variant)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_which_photo_it_is() {
        let id = "0195a3c0-0000-7000-8000-000000000001";
        let photo: PhotoId = id.parse().expect("an id");
        assert_eq!(meaning(&format!("{id}-original.png")), Some((photo, Variant::Original)));
        assert_eq!(meaning(&format!("{id}-thumbnail.jpg")), Some((photo, Variant::Thumbnail)));
        for other in ["", "notes.txt", ".part-x-original.jpg", "x-original.jpg"] {
            assert_eq!(meaning(other), None, "{other}");
        }
    }
}
