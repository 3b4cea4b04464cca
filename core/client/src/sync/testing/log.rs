//! The log of one bucket: one entry per row, at the place of its last change.

use std::collections::BTreeMap;

use serde_json::Value;
use storewalk_domain::{ids::RowId, sync::Bucket};
use storewalk_wire::{
    BucketDelta, BucketSum, Cursor, Entry, HealRequest, HealResponse, RANGES, RangeSum, SegmentRef, SegmentWriter,
    Snapshot, range_of, row_checksum,
};

/// What a log sends to one phone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) has_sums: bool,
    /// Rows per segment; `None`: pages only.
    pub(super) segment_rows: Option<usize>,
    /// Most rows in the page.
    pub(super) limit: usize,
}

#[derive(Debug)]
pub(super) struct Log {
    epoch: u64,
    head: u64,
    entries: BTreeMap<(String, RowId), Entry>,
}

impl Log {
    pub(super) fn of_epoch(epoch: u64) -> Self {
        Self { epoch, head: 0, entries: BTreeMap::new() }
    }

    pub(super) fn put(&mut self, table: &str, id: RowId, version: u64, row: Option<Value>) {
        self.head += 1;
        let entry = Entry { position: self.head, table: table.to_owned(), id, version, row };
        self.entries.insert((table.to_owned(), id), entry);
    }

    pub(super) fn live(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| entry.row.is_some())
    }

    /// The life of the log and its newest position.
    pub(super) fn head(&self) -> (u64, u64) {
        (self.epoch, self.head)
    }

    /// What the bucket holds.
    pub(super) fn sum(&self) -> BucketSum {
        self.live().fold(BucketSum::default(), |sum, entry| BucketSum {
            rows: sum.rows + 1,
            checksum: sum.checksum.plus(sum_of(entry)),
        })
    }

    /// The rows in bulk, as of now.
    pub(super) fn snapshot(&self, rows: usize, files: &mut BTreeMap<String, Vec<u8>>) -> Snapshot {
        let live: Vec<&Entry> = self.live().collect();
        let segments = live.chunks(rows).map(|chunk| {
            let (segment, bytes) = segment_of(chunk);
            files.insert(segment.hash.clone(), bytes);
            segment
        });
        Snapshot { as_of: self.head, segments: segments.collect() }
    }

    /// The ranges that differ from a phone's, at most one at a time.
    pub(super) fn heal(&self, request: &HealRequest) -> HealResponse {
        let mut ranges = vec![RangeSum::default(); RANGES];
        for entry in self.live() {
            let range = &mut ranges[usize::from(range_of(entry.id))];
            *range = RangeSum { rows: range.rows + 1, checksum: range.checksum.plus(sum_of(entry)) };
        }
        let is_here = request.epoch == self.epoch && request.position == self.head;
        let differing =
            (0_u8..=255).filter(|range| is_here && ranges[usize::from(*range)] != request.ranges[usize::from(*range)]);
        let differing: Vec<u8> = differing.collect();
        let sent: Vec<u8> = differing.iter().copied().take(1).collect();
        let entries = self.live().filter(|entry| sent.contains(&range_of(entry.id))).cloned().collect();
        HealResponse {
            bucket: request.bucket.clone(),
            epoch: self.epoch,
            position: self.head,
            ranges: sent,
            entries,
            is_complete: differing.len() <= 1,
        }
    }

    /// What changed since a cursor; says whether that is all.
    pub(super) fn since(
        &self,
        bucket: &Bucket,
        cursor: Option<&Cursor>,
        offer: Offer,
        files: &mut BTreeMap<String, Vec<u8>>,
    ) -> (Option<BucketDelta>, bool) {
        let Offer { limit, .. } = offer;
        let is_restart = cursor.is_some_and(|cursor| cursor.epoch != self.epoch || cursor.position > self.head);
        let from = cursor.filter(|_| !is_restart).map_or(0, |cursor| cursor.position);
        if cursor.is_some() && !is_restart && from == self.head {
            return (None, true);
        }
        let in_bulk = offer.segment_rows.filter(|_| from == 0 && self.live().next().is_some());
        if let Some(rows) = in_bulk {
            let delta = BucketDelta {
                bucket: bucket.clone(),
                epoch: self.epoch,
                head: self.head,
                is_restart,
                entries: Vec::new(),
                position: self.head,
                sum: offer.has_sums.then(|| self.sum()),
                snapshot: Some(self.snapshot(rows, files)),
            };
            return (Some(delta), true);
        }
        let mut entries: Vec<Entry> = self.entries.values().filter(|entry| entry.position > from).cloned().collect();
        entries.sort_by_key(|entry| entry.position);
        let is_all = entries.len() <= limit;
        entries.truncate(limit);
        let position = if is_all { self.head } else { entries.last().map_or(from, |entry| entry.position) };
        let delta = BucketDelta {
            bucket: bucket.clone(),
            epoch: self.epoch,
            head: self.head,
            is_restart,
            entries,
            position,
            sum: (is_all && offer.has_sums).then(|| self.sum()),
            snapshot: None,
        };
        (Some(delta), is_all)
    }
}

fn sum_of(entry: &Entry) -> storewalk_wire::Checksum {
    let fields = entry.row.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    row_checksum(&entry.table, entry.id, entry.version, &fields)
}

fn segment_of(rows: &[&Entry]) -> (SegmentRef, Vec<u8>) {
    let mut writer = SegmentWriter::new().expect("a writer");
    for entry in rows {
        let fields = entry.row.as_ref().and_then(Value::as_object).expect("an object");
        writer.push(&entry.table, entry.version, fields).expect("pushed");
    }
    writer.finish().expect("finished")
}
