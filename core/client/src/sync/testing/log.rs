//! The log of one bucket: one entry per row, at the place of its last change.

use std::collections::BTreeMap;

use serde_json::Value;
use storewalk_domain::{ids::RowId, sync::Bucket};
use storewalk_wire::{BucketDelta, Cursor, Entry};

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

    /// What changed since a cursor, at most `limit` rows; says whether that is all.
    pub(super) fn since(&self, bucket: &Bucket, cursor: Option<&Cursor>, limit: usize) -> (Option<BucketDelta>, bool) {
        let is_restart = cursor.is_some_and(|cursor| cursor.epoch != self.epoch || cursor.position > self.head);
        let from = cursor.filter(|_| !is_restart).map_or(0, |cursor| cursor.position);
        if cursor.is_some() && !is_restart && from == self.head {
            return (None, true);
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
            sum: None,
            snapshot: None,
        };
        (Some(delta), is_all)
    }
}
