//! Uploads and received photo files in SQL.

use rusqlite::{named_params, params};
use storewalk_domain::{
    ids::{PhotoId, UserId},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::Variant;

use super::{
    SqliteTxn,
    values::{count, id, parsed, to_sql},
};
use crate::store::{PhotoFile, StoreError, UploadRecord, UploadsRead, UploadsWrite};

impl UploadsRead for SqliteTxn<'_> {
    fn upload(&self, photo: PhotoId, variant: Variant) -> Result<Option<UploadRecord>, StoreError> {
        let sql = "SELECT photo_id, variant, user_id, size_bytes, sha256, begun_at FROM uploads \
                   WHERE photo_id = ? AND variant = ?";
        self.query(sql, params![id_blob(photo.row()), variant.as_str()], |row| {
            Ok(UploadRecord {
                photo_id: PhotoId(id(row, "photo_id")?),
                variant: parsed(row, "variant", Variant::from_name)?,
                user_id: UserId(id(row, "user_id")?),
                size_bytes: count(row, "size_bytes")?,
                sha256: row.get("sha256")?,
                begun_at: Timestamp(row.get("begun_at")?),
            })
        })
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
