//! Rows with versions, and the logs, in SQL.

mod raise;
mod sums;

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Row, Table},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{Checksum, RangeSum};

pub(super) use raise::Rewritten;

use super::{
    SqliteTxn, sql_error, store_error,
    values::{count, id, parsed, to_sql},
};
use crate::store::{BucketHead, FeedEntry, FeedRead, FeedWrite, Move, RowKey, StoreError, Written};

impl FeedRead for SqliteTxn<'_> {
    fn epoch(&self) -> Result<u64, StoreError> {
        let sql = "SELECT epoch FROM server_facts WHERE id = 1";
        self.query(sql, [], |row| count(row, "epoch"))?.ok_or(StoreError::Stopped)
    }

    fn bucket_head(&self, bucket: &Bucket) -> Result<Option<BucketHead>, StoreError> {
        let sql = "SELECT epoch, head, floor, row_count, checksum FROM bucket_heads WHERE bucket = ?";
        self.query(sql, [bucket.to_string()], |row| {
            Ok(BucketHead {
                epoch: count(row, "epoch")?,
                head: count(row, "head")?,
                floor: count(row, "floor")?,
                row_count: count(row, "row_count")?,
                checksum: Checksum::from_bits(row.get("checksum")?),
            })
        })
    }

    fn bucket_heads(&self) -> Result<BTreeMap<Bucket, u64>, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT bucket, head FROM bucket_heads").map_err(sql_error)?;
        let heads = statement.query_map([], |row| Ok((row.get::<_, String>("bucket")?, count(row, "head")?)));
        let heads: Vec<(String, u64)> = heads.and_then(Iterator::collect).map_err(sql_error)?;
        // A bucket of a class this release does not know is nobody's here.
        Ok(heads.into_iter().filter_map(|(bucket, head)| Some((bucket.parse().ok()?, head))).collect())
    }

    fn entries_after(&self, bucket: &Bucket, position: u64, limit: usize) -> Result<Vec<FeedEntry>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params = named_params! {
            ":bucket": bucket.to_string(),
            ":position": to_sql(position)?,
            ":limit": limit,
        };
        self.entries(include_str!("feed/entries_after.sql"), params)
    }

    fn entries_by_key(
        &self,
        bucket: &Bucket,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        let params = named_params! {
            ":bucket": bucket.to_string(),
            ":tbl": after.map_or("", |key| key.table.as_str()),
            ":row_id": after.map_or(&[][..], |key| key.id.as_bytes()),
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        };
        self.entries(include_str!("feed/entries_by_key.sql"), params)
    }

    fn count_after(&self, bucket: &Bucket, position: u64, limit: usize) -> Result<usize, StoreError> {
        let params = named_params! {
            ":bucket": bucket.to_string(),
            ":position": to_sql(position)?,
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let found = self.query(include_str!("feed/count_after.sql"), params, |row| row.get(0))?;
        Ok(found.unwrap_or_default())
    }

    fn range_sums(&self, bucket: &Bucket) -> Result<Vec<RangeSum>, StoreError> {
        self.sums_by_range(bucket)
    }

    fn entries_in_ranges(&self, bucket: &Bucket, ranges: &[u8]) -> Result<Vec<FeedEntry>, StoreError> {
        self.rows_in_ranges(bucket, ranges)
    }

    fn entry_of(&self, bucket: &Bucket, table: Table, id: RowId) -> Result<Option<FeedEntry>, StoreError> {
        let params = named_params! {
            ":bucket": bucket.to_string(),
            ":tbl": table.name(),
            ":row_id": id_blob(id),
        };
        self.query(include_str!("feed/entry_of.sql"), params, read_entry)
    }

    fn row_fields(&self, table: Table, id: RowId) -> Result<Option<Map<String, Value>>, StoreError> {
        storewalk_sqlite::get_fields(self.0, table, id).map_err(store_error)
    }

    fn rows_of(&self, table: Table) -> Result<Vec<Row>, StoreError> {
        let found = storewalk_sqlite::select_fields(self.0, table, "ORDER BY id", []).map_err(store_error)?;
        let typed = |fields| Row::from_json(table, Value::Object(fields));
        found.into_iter().map(|fields| typed(fields).map_err(|error| StoreError::Unfit(Box::new(error)))).collect()
    }

    fn row_version(&self, table: Table, id: RowId) -> Result<u64, StoreError> {
        let sql = "SELECT version FROM row_versions WHERE tbl = ? AND row_id = ?";
        let version = self.query(sql, rusqlite::params![table.name(), id_blob(id)], |row| count(row, "version"))?;
        Ok(version.unwrap_or_default())
    }
}

impl FeedWrite for SqliteTxn<'_> {
    fn put_row(&mut self, row: &Row) -> Result<Written, StoreError> {
        let mut fields = storewalk_sqlite::put_row(self.0, row).map_err(store_error)?;
        let version = self.count_up(row.table(), row.id())?;
        if version > 1 {
            // It was there before, and may have fields of a newer release.
            fields.extend(storewalk_sqlite::get_extra(self.0, row.table(), row.id()).map_err(store_error)?);
        }
        Ok(Written { version, fields })
    }

    fn remove_row(&mut self, table: Table, id: RowId) -> Result<u64, StoreError> {
        storewalk_sqlite::remove_row(self.0, table, id).map_err(store_error)?;
        self.count_up(table, id)
    }

    fn append(&mut self, bucket: &Bucket, moves: &[Move]) -> Result<u64, StoreError> {
        let epoch = self.epoch()?;
        let name = bucket.to_string();
        let allocated = to_sql(moves.len() as u64)?;
        let params = named_params! { ":bucket": name, ":epoch": to_sql(epoch)?, ":allocated": allocated };
        let (bucket_id, head, sum): (i64, i64, i64) = self
            .0
            .prepare_cached(include_str!("feed/allocate.sql"))
            .and_then(|mut statement| statement.query_row(params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .map_err(sql_error)?;
        let mut holding = Held { rows_gained: 0, checksum: Checksum::from_bits(sum) };
        for (position, moved) in (head - allocated + 1..).zip(moves) {
            self.move_entry(bucket_id, position, moved, &mut holding)?;
        }
        let sql = "UPDATE bucket_heads SET row_count = row_count + ?, checksum = ? WHERE id = ?";
        self.execute(sql, [holding.rows_gained, holding.checksum.to_bits(), bucket_id])?;
        Ok(u64::try_from(head).unwrap_or_default())
    }

    fn resum(&mut self, bucket: &Bucket) -> Result<bool, StoreError> {
        self.sum_anew(bucket)
    }

    fn forget_removals(&mut self, now: Timestamp, until: Timestamp) -> Result<usize, StoreError> {
        let note = "UPDATE bucket_entries SET removed_at = ? WHERE is_removed = 1 AND removed_at IS NULL";
        self.execute(note, [now.0])?;
        self.execute(include_str!("feed/raise_floors.sql"), named_params! { ":until": until.0 })?;
        self.execute("DELETE FROM bucket_entries WHERE is_removed = 1 AND removed_at < ?", [until.0])
    }
}

/// What a bucket holds while entries move in it.
struct Held {
    rows_gained: i64,
    checksum: Checksum,
}

impl SqliteTxn<'_> {
    fn count_up(&self, table: Table, id: RowId) -> Result<u64, StoreError> {
        let sql = "INSERT INTO row_versions (tbl, row_id, version) VALUES (?, ?, 1) \
                   ON CONFLICT (tbl, row_id) DO UPDATE SET version = version + 1 RETURNING version";
        let params = rusqlite::params![table.name(), id_blob(id)];
        self.query(sql, params, |row| count(row, "version"))?.ok_or(StoreError::Stopped)
    }

    /// Writes one entry and keeps up what the bucket holds.
    fn move_entry(&self, bucket_id: i64, position: i64, moved: &Move, held: &mut Held) -> Result<(), StoreError> {
        let key = rusqlite::params![bucket_id, moved.table.name(), id_blob(moved.id)];
        let sql =
            "SELECT row_hash FROM bucket_entries WHERE bucket_id = ? AND tbl = ? AND row_id = ? AND is_removed = 0";
        let before: Option<i64> = self.query(sql, key, |row| row.get("row_hash"))?;
        if let Some(before) = before {
            held.rows_gained -= 1;
            held.checksum = held.checksum.minus(Checksum::from_bits(before));
        }
        if !moved.is_removed {
            held.rows_gained += 1;
            held.checksum = held.checksum.plus(moved.checksum);
        }
        let params = named_params! {
            ":bucket_id": bucket_id,
            ":tbl": moved.table.name(),
            ":row_id": id_blob(moved.id),
            ":position": position,
            ":version": to_sql(moved.version)?,
            ":is_removed": moved.is_removed,
            ":row_hash": (!moved.is_removed).then(|| moved.checksum.to_bits()),
        };
        self.execute(include_str!("feed/move_entry.sql"), params)?;
        Ok(())
    }

    /// The entries that a query selects.
    fn entries(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<FeedEntry>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let entries = statement.query_map(params, read_entry);
        entries.and_then(Iterator::collect).map_err(sql_error)
    }

    /// The first row of a query, if there is one.
    pub(super) fn query<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        statement.query_row(params, read).optional().map_err(sql_error)
    }

    /// Runs a statement; says how many rows it touched.
    pub(super) fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.0.prepare_cached(sql).and_then(|mut statement| statement.execute(params)).map_err(sql_error)
    }
}

fn read_entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<FeedEntry> {
    Ok(FeedEntry {
        position: count(row, "position")?,
        table: parsed(row, "tbl", |name| name.parse().ok())?,
        id: RowId(id(row, "row_id")?),
        version: count(row, "version")?,
        is_removed: row.get("is_removed")?,
    })
}
