//! Checksums of buckets: of their ranges, and from scratch.

use rusqlite::named_params;
use storewalk_domain::{ids::RowId, sync::Bucket};
use storewalk_sqlite::id_blob;
use storewalk_wire::{Checksum, RANGES, RangeSum, range_of, row_checksum};

use super::{Rewritten, read_entry, sql_error};
use crate::store::{
    FeedEntry, FeedRead, StoreError,
    sqlite::{
        SqliteTxn,
        values::{id, to_sql},
    },
};

/// Rows looked at before what was found about them is written.
const CHUNK: usize = 1_000;

impl SqliteTxn<'_> {
    /// What each range holds by the entries' own checksums.
    pub(super) fn sums_by_range(&self, bucket: &Bucket) -> Result<Vec<RangeSum>, StoreError> {
        let mut sums = vec![RangeSum::default(); RANGES];
        self.each_row_of(bucket, |row| {
            let range = range_of(RowId(id(row, "row_id")?));
            let checksum = row.get::<_, Option<i64>>("row_hash")?.unwrap_or_default();
            let sum = &mut sums[usize::from(range)];
            sum.rows += 1;
            sum.checksum = sum.checksum.plus(Checksum::from_bits(checksum));
            Ok(())
        })?;
        Ok(sums)
    }

    /// The entries of some ranges.
    pub(super) fn rows_in_ranges(&self, bucket: &Bucket, ranges: &[u8]) -> Result<Vec<FeedEntry>, StoreError> {
        let mut entries = Vec::new();
        self.each_row_of(bucket, |row| {
            if ranges.contains(&range_of(RowId(id(row, "row_id")?))) {
                entries.push(read_entry(row)?);
            }
            Ok(())
        })?;
        // Stable: within a range the order of the query stays.
        entries.sort_by_key(|entry: &FeedEntry| range_of(entry.id));
        Ok(entries)
    }

    /// Computes every checksum of a bucket from its rows; whether one was wrong.
    pub(super) fn sum_anew(&self, bucket: &Bucket) -> Result<bool, StoreError> {
        let mut was_wrong = false;
        let mut held = RangeSum::default();
        let mut after = None;
        loop {
            let entries = self.entries_by_key(bucket, after.as_ref(), CHUNK)?;
            for entry in &entries {
                let checksum = self.checksum_now(entry)?;
                held.rows += 1;
                held.checksum = held.checksum.plus(checksum);
                was_wrong |= self.set_checksum(bucket, entry, checksum)?;
            }
            after = entries.last().map(FeedEntry::key);
            if entries.len() < CHUNK {
                break;
            }
        }
        let sql = "UPDATE bucket_heads SET row_count = :rows, checksum = :sum \
                   WHERE bucket = :bucket AND (row_count <> :rows OR checksum <> :sum)";
        let params = named_params! {
            ":rows": to_sql(held.rows)?,
            ":sum": held.checksum.to_bits(),
            ":bucket": bucket.to_string(),
        };
        Ok(self.execute(sql, params)? > 0 || was_wrong)
    }

    /// Computes the checksums of every bucket anew if the schema has changed since they were computed: a new column may
    /// have changed how rows travel, and a database of an older release has none. What a step has `rewritten` since then
    /// is told to the phones.
    pub(in crate::store::sqlite) fn sum_after_migration(&self, rewritten: &[Rewritten]) -> Result<(), StoreError> {
        let schema: i64 = self.0.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql_error)?;
        let sql = "SELECT summed_schema FROM server_facts WHERE id = 1";
        let summed: i64 = self.query(sql, [], |row| row.get(0))?.unwrap_or_default();
        if summed == schema {
            return Ok(());
        }
        self.raise_rewritten(rewritten, summed)?;
        let buckets: Vec<String> = {
            let mut statement = self.0.prepare_cached("SELECT bucket FROM bucket_heads").map_err(sql_error)?;
            let names = statement.query_map([], |row| row.get(0));
            names.and_then(Iterator::collect).map_err(sql_error)?
        };
        // A bucket of a class this release does not know is nobody's here.
        for bucket in buckets.iter().filter_map(|name| name.parse().ok()) {
            self.sum_anew(&bucket)?;
        }
        self.execute("UPDATE server_facts SET summed_schema = ? WHERE id = 1", [schema])?;
        Ok(())
    }

    fn checksum_now(&self, entry: &FeedEntry) -> Result<Checksum, StoreError> {
        let fields = self.row_fields(entry.table, entry.id)?;
        Ok(fields.map(|fields| row_checksum(entry.table.name(), entry.id, entry.version, &fields)).unwrap_or_default())
    }

    fn set_checksum(&self, bucket: &Bucket, entry: &FeedEntry, checksum: Checksum) -> Result<bool, StoreError> {
        let params = named_params! {
            ":bucket": bucket.to_string(),
            ":tbl": entry.table.name(),
            ":row_id": id_blob(entry.id),
            ":row_hash": checksum.to_bits(),
        };
        Ok(self.execute(include_str!("set_row_hash.sql"), params)? > 0)
    }

    fn each_row_of(
        &self,
        bucket: &Bucket,
        mut look: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(include_str!("entries_of_bucket.sql")).map_err(sql_error)?;
        let mut rows = statement.query(named_params! { ":bucket": bucket.to_string() }).map_err(sql_error)?;
        while let Some(row) = rows.next().map_err(sql_error)? {
            look(row).map_err(sql_error)?;
        }
        Ok(())
    }
}
