//! Uploads and received photo files in SQL.

use rusqlite::{Row, named_params, params};
use storewalk_domain::{
    ids::{PhotoId, UserId},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::Variant;

use super::{
    SqliteTxn, sql_error,
    values::{count, id, parsed, to_sql},
};
use crate::store::{PhotoFile, StoreError, UploadRecord, UploadsRead, UploadsWrite};

/// The columns of an upload.
const COLUMNS: &str =
    "photo_id, variant, user_id, size_bytes, sha256, begun_at, touched_at, expired_at, metadata FROM uploads";

fn record(row: &Row<'_>) -> rusqlite::Result<UploadRecord> {
    Ok(UploadRecord {
        photo_id: PhotoId(id(row, "photo_id")?),
        variant: parsed(row, "variant", Variant::from_name)?,
        user_id: UserId(id(row, "user_id")?),
        size_bytes: count(row, "size_bytes")?,
        sha256: row.get("sha256")?,
        begun_at: Timestamp(row.get("begun_at")?),
        touched_at: Timestamp(row.get("touched_at")?),
        expired_at: row.get::<_, Option<i64>>("expired_at")?.map(Timestamp),
        metadata: row.get("metadata")?,
    })
}

impl UploadsRead for SqliteTxn<'_> {
    fn upload(&self, photo: PhotoId, variant: Variant) -> Result<Option<UploadRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE photo_id = ? AND variant = ?");
        self.query(&sql, params![id_blob(photo.row()), variant.as_str()], record)
    }

    fn uploads_untouched_since(&self, before: Timestamp, most: usize) -> Result<Vec<UploadRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE touched_at <= ? ORDER BY touched_at, photo_id, variant LIMIT ?");
        let mut statement = self.0.prepare_cached(&sql).map_err(sql_error)?;
        let params = params![before.0, i64::try_from(most).unwrap_or(i64::MAX)];
        let rows = statement.query_map(params, record).map_err(sql_error)?;
        rows.collect::<Result<_, _>>().map_err(sql_error)
    }

    fn is_hash_held(&self, sha256: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM photo_files WHERE sha256 = ? LIMIT 1";
        Ok(self.query(sql, params![sha256], |_| Ok(()))?.is_some())
    }

    fn photo_file(&self, photo: PhotoId, variant: Variant) -> Result<Option<PhotoFile>, StoreError> {
        let sql = "SELECT photo_id, variant, sha256, size_bytes, media_type, received_at FROM photo_files \
                   WHERE photo_id = ? AND variant = ?";
        self.query(sql, params![id_blob(photo.row()), variant.as_str()], |row| {
            Ok(PhotoFile {
                photo_id: PhotoId(id(row, "photo_id")?),
                variant: parsed(row, "variant", Variant::from_name)?,
                sha256: row.get("sha256")?,
                size_bytes: count(row, "size_bytes")?,
                media_type: row.get("media_type")?,
                received_at: Timestamp(row.get("received_at")?),
            })
        })
    }
}

impl UploadsWrite for SqliteTxn<'_> {
    fn put_upload(&mut self, upload: &UploadRecord) -> Result<(), StoreError> {
        let params = named_params! {
            ":photo_id": id_blob(upload.photo_id.row()),
            ":variant": upload.variant.as_str(),
            ":user_id": id_blob(upload.user_id.row()),
            ":size_bytes": to_sql(upload.size_bytes)?,
            ":sha256": upload.sha256,
            ":begun_at": upload.begun_at.0,
            ":touched_at": upload.touched_at.0,
            ":expired_at": upload.expired_at.map(|at| at.0),
            ":metadata": upload.metadata,
        };
        self.execute(include_str!("uploads/put_upload.sql"), params)?;
        Ok(())
    }

    fn remove_upload(&mut self, photo: PhotoId, variant: Variant) -> Result<(), StoreError> {
        let sql = "DELETE FROM uploads WHERE photo_id = ? AND variant = ?";
        self.execute(sql, params![id_blob(photo.row()), variant.as_str()])?;
        Ok(())
    }

    fn put_photo_file(&mut self, file: &PhotoFile) -> Result<(), StoreError> {
        let params = named_params! {
            ":photo_id": id_blob(file.photo_id.row()),
            ":variant": file.variant.as_str(),
            ":sha256": file.sha256,
            ":size_bytes": to_sql(file.size_bytes)?,
            ":media_type": file.media_type,
            ":received_at": file.received_at.0,
        };
        self.execute(include_str!("uploads/put_photo_file.sql"), params)?;
        Ok(())
    }
}
