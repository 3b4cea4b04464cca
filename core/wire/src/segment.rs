//! Rows in bulk: immutable files, named by what is in them, that every phone of a bucket shares.
//!
//! **Format.** One zstd frame of lines that end in a line feed. A line that is a JSON string names the table of the rows
//! that follow; any other line is a row: `[version,{fields}]`, without space outside the fields, the row's `id` among
//! them, fields that are `null` left out. Lines are UTF-8; JSON leaves no line feed inside them. The same rows make the
//! same bytes, so the same rows are the same file.
//!
//! **Reading.** First [`segment_name`] of the bytes must be the announced hash; then [`SegmentReader`] gives row by row
//! and holds one line at a time. It stops at the announced length, and at its end the lengths and the number of rows
//! must be the announced ones. Until it has said that there are no more rows, nothing read may be kept.

mod read;
mod write;

use serde::{Deserialize, Serialize};

pub use read::{SegmentError, SegmentReader, SegmentRow};
pub use write::SegmentWriter;

/// Largest segment, unpacked, in bytes; a reader takes no larger one.
pub const MAX_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

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

/// The name of a segment of these bytes.
pub fn segment_name(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
