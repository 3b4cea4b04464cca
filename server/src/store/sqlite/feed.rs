//! Rows with versions, and the logs, in SQL.

use rusqlite::{OptionalExtension, named_params};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Row, Table},
};
use storewalk_sqlite::id_blob;

use super::{
    SqliteTxn, sql_error, store_error,
    values::{count, id, parsed, to_sql},
};
use crate::store::{BucketHead, FeedEntry, FeedRead, FeedWrite, Move, StoreError};

impl FeedRead for SqliteTxn<'_> {
    fn epoch(&self) -> Result<u64, StoreError> {
        let sql = "SELECT epoch FROM server_facts WHERE id = 1";
        self.query(sql, [], |row| count(row, "epoch"))?.ok_or(StoreError::Stopped)
    }

    fn bucket_head(&self, bucket: &Bucket) -> Result<Option<BucketHead>, StoreError> {
        let sql = "SELECT epoch, head, floor, row_count FROM bucket_heads WHERE bucket = ?";
        self.query(sql, [bucket.to_string()], |row| {
            Ok(BucketHead {
                epoch: count(row, "epoch")?,
                head: count(row, "head")?,
                floor: count(row, "floor")?,
                row_count: count(row, "row_count")?,
            })
        })
    }

    fn entries_after(&self, bucket: &Bucket, position: u64, limit: usize) -> Result<Vec<FeedEntry>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let params = named_params! {
            ":bucket": bucket.to_string(),
            ":position": to_sql(position)?,
            ":limit": limit,
        };
        let mut statement = self.0.prepare_cached(include_str!("feed/entries_after.sql")).map_err(sql_error)?;
        let entries = statement.query_map(params, |row| {
            Ok(FeedEntry {
                position: count(row, "position")?,
                table: parsed(row, "tbl", |name| name.parse().ok())?,
                id: RowId(id(row, "row_id")?),
                version: count(row, "version")?,
                is_removed: row.get("is_removed")?,
            })
        });
        entries.and_then(Iterator::collect).map_err(sql_error)
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
    fn put_row(&mut self, row: &Row) -> Result<u64, StoreError> {
        storewalk_sqlite::put_row(self.0, row).map_err(store_error)?;
        self.count_up(row.table(), row.id())
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
        let (bucket_id, head): (i64, i64) = self
            .0
            .prepare_cached(include_str!("feed/allocate.sql"))
            .and_then(|mut statement| statement.query_row(params, |row| Ok((row.get(0)?, row.get(1)?))))
            .map_err(sql_error)?;
        let mut rows_gained = 0_i64;
        for (position, moved) in (head - allocated + 1..).zip(moves) {
            rows_gained += self.move_entry(bucket_id, position, moved)?;
        }
        if rows_gained != 0 {
            let sql = "UPDATE bucket_heads SET row_count = row_count + ? WHERE id = ?";
            self.execute(sql, [rows_gained, bucket_id])?;
        }
        Ok(u64::try_from(head).unwrap_or_default())
    }
}

impl SqliteTxn<'_> {
    fn count_up(&self, table: Table, id: RowId) -> Result<u64, StoreError> {
        let sql = "INSERT INTO row_versions (tbl, row_id, version) VALUES (?, ?, 1) \
                   ON CONFLICT (tbl, row_id) DO UPDATE SET version = version + 1 RETURNING version";
        let params = rusqlite::params![table.name(), id_blob(id)];
        self.query(sql, params, |row| count(row, "version"))?.ok_or(StoreError::Stopped)
    }

    /// Writes one entry; says by how much the bucket's number of rows changed.
    fn move_entry(&self, bucket_id: i64, position: i64, moved: &Move) -> Result<i64, StoreError> {
        let key = rusqlite::params![bucket_id, moved.table.name(), id_blob(moved.id)];
        let sql = "SELECT is_removed FROM bucket_entries WHERE bucket_id = ? AND tbl = ? AND row_id = ?";
        let was_there = self.query(sql, key, |row| row.get(0))?.is_some_and(|is_removed: bool| !is_removed);
        let params = named_params! {
            ":bucket_id": bucket_id,
            ":tbl": moved.table.name(),
            ":row_id": id_blob(moved.id),
            ":position": position,
            ":version": to_sql(moved.version)?,
            ":is_removed": moved.is_removed,
        };
        self.execute(include_str!("feed/move_entry.sql"), params)?;
        Ok(i64::from(!moved.is_removed) - i64::from(was_there))
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
