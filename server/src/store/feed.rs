//! Rows with their versions, and the per-bucket logs that phones follow.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Bucket, Row, Table},
    time::Timestamp,
};
use storewalk_wire::{Checksum, RangeSum};

use crate::store::StoreError;

/// The state of one bucket's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BucketHead {
    /// The life of the log; a cursor of another life is of no use.
    pub epoch: u64,
    /// Position of the newest entry; 0 when there is none.
    pub head: u64,
    /// Cursors below this may have missed a removal.
    pub floor: u64,
    /// Rows in the bucket now.
    pub row_count: u64,
    /// The sum of their checksums.
    pub checksum: Checksum,
}

impl BucketHead {
    /// The state of a log before its first entry.
    pub fn empty(epoch: u64) -> Self {
        Self { epoch, head: 0, floor: 0, row_count: 0, checksum: Checksum::default() }
    }
}

/// One entry of a bucket's log. Each row has at most one, at the position of its latest change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedEntry {
    /// Place in the log.
    pub position: u64,
    /// Table.
    pub table: Table,
    /// Row.
    pub id: RowId,
    /// The row's version at that change.
    pub version: u64,
    /// Whether the row left the bucket.
    pub is_removed: bool,
}

impl FeedEntry {
    /// Its row's place in the order of tables' names and ids.
    pub fn key(&self) -> RowKey {
        RowKey { table: self.table.name().to_owned(), id: self.id }
    }
}

/// The place of a row in the order of tables' names and ids.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RowKey {
    /// Name of its table.
    pub table: String,
    /// Row.
    pub id: RowId,
}

/// A row that changed in a bucket, or left it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// Table.
    pub table: Table,
    /// Row.
    pub id: RowId,
    /// The row's version.
    pub version: u64,
    /// Whether the row left the bucket.
    pub is_removed: bool,
    /// Checksum of the row as it travels; of no meaning when it left.
    pub checksum: Checksum,
}

/// A row that was written.
#[derive(Clone, PartialEq, Debug)]
pub struct Written {
    /// Its version from now on.
    pub version: u64,
    /// Its fields as they travel, those of a newer release included; empty ones may be missing.
    pub fields: Map<String, Value>,
}

/// Questions about the logs and about rows as they travel.
pub trait FeedRead {
    /// The life of this database's logs.
    fn epoch(&self) -> Result<u64, StoreError>;

    /// The state of a bucket's log; `None` before its first entry.
    fn bucket_head(&self, bucket: &Bucket) -> Result<Option<BucketHead>, StoreError>;

    /// How far every bucket has come.
    fn bucket_heads(&self) -> Result<BTreeMap<Bucket, u64>, StoreError>;

    /// Entries after a position in order of position, at most `limit`. A reader that begins at 0 holds nothing and is
    /// spared the removals.
    fn entries_after(&self, bucket: &Bucket, position: u64, limit: usize) -> Result<Vec<FeedEntry>, StoreError>;

    /// The rows in a bucket after a place in order of table and id, at most `limit`; the removed are left out.
    fn entries_by_key(
        &self,
        bucket: &Bucket,
        after: Option<&RowKey>,
        limit: usize,
    ) -> Result<Vec<FeedEntry>, StoreError>;

    /// How many entries lie after a position, counted up to `limit`.
    fn count_after(&self, bucket: &Bucket, position: u64, limit: usize) -> Result<usize, StoreError>;

    /// What each of the [`storewalk_wire::RANGES`] ranges of a bucket holds.
    fn range_sums(&self, bucket: &Bucket) -> Result<Vec<RangeSum>, StoreError>;

    /// The rows of some ranges of a bucket, by range, then in order of table and id.
    fn entries_in_ranges(&self, bucket: &Bucket, ranges: &[u8]) -> Result<Vec<FeedEntry>, StoreError>;
    /// The entry of one row in a bucket's log; `None` when it never was there, or its removal was forgotten.
    fn entry_of(&self, bucket: &Bucket, table: Table, id: RowId) -> Result<Option<FeedEntry>, StoreError>;

    /// The fields of a row as they travel, those of a newer release included.
    fn row_fields(&self, table: Table, id: RowId) -> Result<Option<Map<String, Value>>, StoreError>;

    /// Every row of a table, in order of id: for imports, which compare a file with all there is.
    fn rows_of(&self, table: Table) -> Result<Vec<Row>, StoreError>;

    /// How often a row has changed; 0 when it never was.
    fn row_version(&self, table: Table, id: RowId) -> Result<u64, StoreError>;
}

/// Changes to rows and logs. Callers keep both in step through `service::changes`, never one by one.
pub trait FeedWrite {
    /// Writes a row and counts its version up.
    fn put_row(&mut self, row: &Row) -> Result<Written, StoreError>;

    /// Removes a row and counts its version up; returns the new version.
    fn remove_row(&mut self, table: Table, id: RowId) -> Result<u64, StoreError>;

    /// Moves the rows' entries to the head of a bucket's log, in this order, without gaps; returns the new head.
    fn append(&mut self, bucket: &Bucket, moves: &[Move]) -> Result<u64, StoreError>;

    /// Computes a bucket's checksums from its rows as they travel now; whether one had to be set right.
    fn resum(&mut self, bucket: &Bucket) -> Result<bool, StoreError>;

    /// Notes `now` at removals not noted before, and forgets those noted before `until`: the floors of their buckets
    /// rise. Says how many were forgotten.
    fn forget_removals(&mut self, now: Timestamp, until: Timestamp) -> Result<usize, StoreError>;
}
