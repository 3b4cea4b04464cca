//! Prints and matches of photos in SQL.

use rusqlite::{named_params, params};
use storewalk_domain::{
    ids::{OutletId, PhotoId, ShelfPrintsId},
    time::{BusinessDate, Timestamp},
};
use storewalk_sqlite::id_blob;

use super::{
    SqliteTxn, sql_error,
    values::{count, id, parsed, to_sql},
};
use crate::store::{PRINT_WAY, PhotoMatch, PhotoPrint, PrintPlace, PrintsRead, PrintsWrite, StoreError};

impl SqliteTxn<'_> {
    /// All rows of an answer.
    fn query_all<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map(params, read);
        found.and_then(Iterator::collect).map_err(sql_error)
    }
}

const PRINT: &str = "SELECT photo_id, outlet_id, taken_on, sha256, short, pdq, quality, way FROM photo_prints";

fn print_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<PhotoPrint> {
    Ok(PhotoPrint {
        photo_id: PhotoId(id(row, "photo_id")?),
        outlet_id: OutletId(id(row, "outlet_id")?),
        taken_on: parsed(row, "taken_on", BusinessDate::parse)?,
        sha256: row.get("sha256")?,
        short: u64::from_be_bytes(row.get("short")?),
        pdq: row.get("pdq")?,
        quality: row.get("quality")?,
        way: row.get("way")?,
    })
}

impl PrintsRead for SqliteTxn<'_> {
    fn photo_print(&self, photo: PhotoId) -> Result<Option<PhotoPrint>, StoreError> {
        let params = params![id_blob(photo.row()), PRINT_WAY];
        self.query(&format!("{PRINT} WHERE photo_id = ? AND way = ?"), params, print_of)
    }

    fn prints_after(&self, place: u64, limit: usize) -> Result<Vec<PrintPlace>, StoreError> {
        let sql = "SELECT place, photo_id, short FROM photo_prints
                   WHERE place > ? AND way = ? AND quality >= 50 ORDER BY place LIMIT ?";
        self.query_all(sql, params![to_sql(place)?, PRINT_WAY, to_sql(limit as u64)?], |row| {
            Ok(PrintPlace {
                place: count(row, "place")?,
                photo_id: PhotoId(id(row, "photo_id")?),
                short: u64::from_be_bytes(row.get("short")?),
            })
        })
    }

    fn prints_of_bytes(&self, sha256: &str) -> Result<Vec<PhotoPrint>, StoreError> {
        self.query_all(&format!("{PRINT} WHERE sha256 = ? ORDER BY place"), params![sha256], print_of)
    }

    fn matches_of(&self, photo: PhotoId) -> Result<Vec<PhotoMatch>, StoreError> {
        self.query_all(include_str!("prints/matches_of.sql"), named_params! { ":photo": id_blob(photo.row()) }, |row| {
            Ok(PhotoMatch {
                photo_id: PhotoId(id(row, "photo_id")?),
                other_id: PhotoId(id(row, "other_id")?),
                bits: row.get("bits")?,
                is_turned: row.get("is_turned")?,
                is_same_bytes: row.get("is_same_bytes")?,
                found_at: Timestamp(row.get("found_at")?),
            })
        })
    }

    fn shelf_prints_before(&self, day: BusinessDate, limit: usize) -> Result<Vec<ShelfPrintsId>, StoreError> {
        let sql = "SELECT id FROM shelf_prints WHERE taken_on < ? ORDER BY taken_on LIMIT ?";
        let params = params![day.to_string(), to_sql(limit as u64)?];
        self.query_all(sql, params, |row| Ok(ShelfPrintsId(id(row, "id")?)))
    }

    fn photos_without_print(&self, pass: Timestamp, limit: usize) -> Result<Vec<PhotoId>, StoreError> {
        let limit = to_sql(limit as u64)?;
        let params = named_params! { ":pass": pass.0, ":way": PRINT_WAY, ":limit": limit };
        self.query_all(include_str!("prints/without_print.sql"), params, |row| Ok(PhotoId(id(row, "photo_id")?)))
    }
}

impl PrintsWrite for SqliteTxn<'_> {
    fn put_photo_print(&mut self, print: &PhotoPrint) -> Result<(), StoreError> {
        let params = named_params! {
            ":photo": id_blob(print.photo_id.row()),
            ":outlet": id_blob(print.outlet_id.row()),
            ":taken_on": print.taken_on.to_string(),
            ":sha256": print.sha256,
            ":short": print.short.to_be_bytes(),
            ":pdq": print.pdq,
            ":quality": print.quality,
            ":way": print.way,
        };
        let photo = id_blob(print.photo_id.row());
        self.execute("DELETE FROM photo_prints WHERE photo_id = ? AND way < ?", params![photo, print.way])?;
        self.execute(include_str!("prints/put_photo_print.sql"), params)?;
        self.execute("DELETE FROM photo_look_tries WHERE photo_id = ?", params![photo])?;
        Ok(())
    }

    fn note_look(&mut self, photo: PhotoId, pass: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO photo_look_tries (photo_id, tried_at) VALUES (?, ?) \
                   ON CONFLICT (photo_id) DO UPDATE SET tried_at = excluded.tried_at";
        self.execute(sql, params![id_blob(photo.row()), pass.0])?;
        Ok(())
    }

    fn put_photo_match(&mut self, found: &PhotoMatch) -> Result<(), StoreError> {
        let params = named_params! {
            ":photo": id_blob(found.photo_id.row()),
            ":other": id_blob(found.other_id.row()),
            ":bits": found.bits,
            ":is_turned": found.is_turned,
            ":is_same_bytes": found.is_same_bytes,
            ":found_at": found.found_at.0,
        };
        self.execute(include_str!("prints/put_photo_match.sql"), params)?;
        Ok(())
    }
}
