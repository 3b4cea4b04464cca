//! `POST /sync/heal`: a bucket whose checksum differs is compared in 256 ranges, and only the ranges that differ are sent.

use serde::{Deserialize, Serialize};
use storewalk_domain::{ids::RowId, sync::Bucket};

use crate::{Checksum, Entry};

/// Into how many ranges a bucket is cut.
pub const RANGES: usize = 256;

/// The range a row lies in: the last byte of its id. The first bytes of an id made on a device are its time and would
/// put a day's rows into one range.
pub fn range_of(id: RowId) -> u8 {
    id.as_bytes()[15]
}

/// What one range of a bucket holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RangeSum {
    /// Rows in it.
    pub rows: u64,
    /// The sum of their checksums.
    pub checksum: Checksum,
}

/// A phone that found a bucket's checksum to differ asks where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HealRequest {
    /// The bucket.
    pub bucket: Bucket,
    /// The life of its log.
    pub epoch: u64,
    /// The position the phone's rows are of.
    pub position: u64,
    /// What the phone holds, range by range; exactly [`RANGES`] of them.
    pub ranges: Vec<RangeSum>,
}

/// The ranges that differ, whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct HealResponse {
    /// The bucket.
    pub bucket: Bucket,
    /// The life of its log.
    pub epoch: u64,
    /// The head of the log. When it is not the phone's position nothing else is sent: the phone pulls first.
    pub position: u64,
    /// The ranges sent, in rising order: what the phone holds in them beyond `entries` is to go.
    pub ranges: Vec<u8>,
    /// Every row of these ranges.
    pub entries: Vec<Entry>,
    /// Whether these are all the ranges that differ; if not, the phone asks again.
    pub is_complete: bool,
}
