//! Builds a bucket's files from one snapshot.

use storewalk_domain::{sync::Bucket, time::Timestamp};
use storewalk_wire::SegmentWriter;

use super::{Segments, cuts::cut};
use crate::store::{FeedEntry, Manifest, Segment, StoreError, StoreRead};

/// Writes the files and tells their manifest; `None` when the bucket holds no row.
pub(super) fn build(
    snapshot: &dyn StoreRead,
    bucket: &Bucket,
    segments: &Segments,
    now: Timestamp,
) -> Result<Option<Manifest>, StoreError> {
    let Some(head) = snapshot.bucket_head(bucket)? else { return Ok(None) };
    let entries = snapshot.entries_by_key(bucket, None, usize::MAX)?;
    let before = snapshot.manifest(bucket)?.map(|manifest| manifest.segments).unwrap_or_default();
    let old: Vec<usize> =
        before.iter().map(|segment| entries.partition_point(|entry| entry.key() <= segment.last)).collect();
    let mut files = Vec::new();
    let mut start = 0;
    for end in cut(entries.len(), &old, segments.sizes.file_rows) {
        write(snapshot, &entries[start..end], segments, &mut files)?;
        start = end;
    }
    let manifest = Manifest { epoch: head.epoch, as_of: head.head, built_at: now, segments: files };
    Ok((!manifest.segments.is_empty()).then_some(manifest))
}

/// Writes rows into a file, or into several when they are wide.
fn write(
    snapshot: &dyn StoreRead,
    entries: &[FeedEntry],
    segments: &Segments,
    files: &mut Vec<Segment>,
) -> Result<(), StoreError> {
    let mut writer = SegmentWriter::new().map_err(disk)?;
    for (index, entry) in entries.iter().enumerate() {
        if let Some(fields) = snapshot.row_fields(entry.table, entry.id)? {
            writer.push(entry.table.name(), entry.version, &fields).map_err(disk)?;
        } else {
            tracing::error!(table = entry.table.name(), "an entry has no row");
        }
        let is_last = index + 1 == entries.len();
        if is_last || writer.unpacked_bytes() >= segments.sizes.file_bytes {
            let full = std::mem::replace(&mut writer, SegmentWriter::new().map_err(disk)?);
            let (file, bytes) = full.finish().map_err(disk)?;
            segments.folder().put(&file.hash, &bytes).map_err(disk)?;
            files.push(Segment { file, last: entry.key() });
        }
    }
    Ok(())
}

fn disk(error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full(Box::new(error)),
        _ => StoreError::Unavailable(Box::new(error)),
    }
}
