//! Which files together are a bucket's rows: a manifest per bucket, and those it replaced a short while ago.

use std::collections::BTreeSet;

use storewalk_domain::{sync::Bucket, time::Timestamp};
use storewalk_wire::SegmentRef;

use crate::store::{RowKey, StoreError};

/// A bucket's rows as they were at a position, in files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// The life of the log the position is of.
    pub epoch: u64,
    /// The position the rows were read at.
    pub as_of: u64,
    /// When they were read.
    pub built_at: Timestamp,
    /// The files in order of table and id.
    pub segments: Vec<Segment>,
}

/// One file of a manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// The file.
    pub file: SegmentRef,
    /// The last row in it: where the next file begins.
    pub last: RowKey,
}

/// Questions about segments.
pub trait SegmentsRead {
    /// The present manifest of a bucket.
    fn manifest(&self, bucket: &Bucket) -> Result<Option<Manifest>, StoreError>;

    /// The file of this name, if a manifest of the bucket that is not yet forgotten names it.
    fn segment_in(&self, bucket: &Bucket, hash: &str) -> Result<Option<SegmentRef>, StoreError>;

    /// The names of all files that any manifest names.
    fn segment_names(&self) -> Result<BTreeSet<String>, StoreError>;
}

/// Changes to segments.
pub trait SegmentsWrite {
    /// Makes a manifest the bucket's present one; the one before is replaced at that time.
    fn put_manifest(&mut self, bucket: &Bucket, manifest: &Manifest) -> Result<(), StoreError>;

    /// Forgets every manifest that names this file, of any bucket: the file is gone or damaged.
    fn drop_segment(&mut self, hash: &str) -> Result<(), StoreError>;

    /// Forgets the manifests that were replaced before a time.
    fn forget_manifests(&mut self, until: Timestamp) -> Result<usize, StoreError>;
}
