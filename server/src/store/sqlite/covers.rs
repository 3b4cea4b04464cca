//! What people said about people in photos, in SQL.

use rusqlite::{Row, params};
use storewalk_domain::{
    ids::{PhotoId, UserId},
    photo::Cover,
    time::Timestamp,
};
use storewalk_sqlite::id_blob;

use super::{
    SqliteTxn,
    values::{id, json, parsed},
};
use crate::store::{CoversRead, CoversWrite, StoreError};

const COVERS: &str = "SELECT photo_id, version, areas, marked_by, marked_at FROM photo_covers \
                      WHERE photo_id = :photo ORDER BY version DESC";

impl CoversRead for SqliteTxn<'_> {
    fn covers(&self, photo: PhotoId) -> Result<Vec<Cover>, StoreError> {
        self.all(COVERS, &[(":photo", &id_blob(photo.row()))], read_cover)
    }

    fn cover(&self, photo: PhotoId) -> Result<Option<Cover>, StoreError> {
        self.query(&format!("{COVERS} LIMIT 1"), &[(":photo", &id_blob(photo.row()))], read_cover)
    }
}

impl CoversWrite for SqliteTxn<'_> {
    fn put_cover(&mut self, cover: &Cover) -> Result<(), StoreError> {
        let sql = "INSERT INTO photo_covers (photo_id, version, areas, marked_by, marked_at) VALUES (?, ?, ?, ?, ?)";
        let (photo, by) = (id_blob(cover.photo_id.row()), id_blob(cover.marked_by.row()));
        self.execute(sql, params![photo, cover.version, json(&cover.areas)?, by, cover.marked_at.0])?;
        Ok(())
    }
}

fn read_cover(row: &Row<'_>) -> rusqlite::Result<Cover> {
    Ok(Cover {
        photo_id: PhotoId(id(row, "photo_id")?),
        version: row.get("version")?,
        areas: parsed(row, "areas", |areas| serde_json::from_str(areas).ok())?,
        marked_by: UserId(id(row, "marked_by")?),
        marked_at: Timestamp(row.get("marked_at")?),
    })
}
