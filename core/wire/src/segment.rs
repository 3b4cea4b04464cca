//! Rows in bulk: immutable files, named by what is in them, that every phone of a bucket shares.

use serde::{Deserialize, Serialize};

/// A bucket's rows as they were at a position, in bulk; the entries of the delta that names it follow on from there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The position the rows were read at.
    pub as_of: u64,
    /// The files; each holds other rows than the others, in any order.
    pub segments: Vec<SegmentRef>,
}

/// One file of rows.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct SegmentRef {
    /// BLAKE3 of its bytes, 64 lower-case hexadecimal digits; its name.
    pub hash: String,
    /// Its length as it travels, compressed.
    pub bytes: u64,
    /// Its length unpacked; a reader stops there.
    pub unpacked_bytes: u64,
    /// Rows in it.
    pub rows: u64,
}
