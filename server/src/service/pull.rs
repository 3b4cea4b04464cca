//! What changed for a phone, from one snapshot.
//!
//! **Invariants.** Every row sent travels in a bucket of the person's scope at the snapshot. `acked_seq` and the rows
//! are of the same snapshot. A page is bounded in rows and bytes, and always brings the phone forward.
//!
//! **Bulk.** A phone that can `segments` and starts a large bucket from nothing is named the bucket's files; the entries
//! go on from where the files were read, removals included, for the files may hold rows that have left since.

use std::collections::BTreeMap;

use serde_json::Value;
use storewalk_domain::{
    ids::{DeviceId, UserId},
    sync::{Actor, Bucket},
};
use storewalk_wire::{BucketDelta, BucketSum, Cursor, Entry, ErrorCode, GoneBucket, MAX_PAGE_ROWS, Snapshot};

use super::segments::{Bulk, Sizes, bulk_of};
use crate::{
    error::ApiError,
    store::{BucketHead, FeedEntry, StoreError, StoreRead},
};

/// About how many bytes of rows a page holds.
pub(super) const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Entries read from the store at once.
const CHUNK: usize = 500;

/// What a phone can take beyond the first protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Can {
    /// It compares sums.
    pub checksums: bool,
    /// It fetches rows in bulk.
    pub segments: bool,
}

impl Can {
    /// What the names in a request say.
    pub fn of(capabilities: &[String]) -> Self {
        let can = |name: &str| capabilities.iter().any(|capability| capability == name);
        Self { checksums: can("checksums"), segments: can("segments") }
    }
}

/// Where a phone stands.
#[derive(Clone, Debug)]
pub struct PullRequest {
    /// Who.
    pub user_id: UserId,
    /// From which device.
    pub device_id: DeviceId,
    /// How far it has read.
    pub cursors: Vec<Cursor>,
    /// What it can.
    pub can: Can,
    /// Which buckets travel in bulk.
    pub sizes: Sizes,
    /// Whether a bucket whose files are still to be built is left out, for the asker to wait; else it comes in pages.
    pub may_wait: bool,
}

/// One page of changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Pulled {
    /// The last command number worked through.
    pub acked_seq: u64,
    /// What is the person's.
    pub actor: Actor,
    /// Changes by bucket, most needed first.
    pub buckets: Vec<BucketDelta>,
    /// Buckets to let go.
    pub gone: Vec<GoneBucket>,
    /// Whether all buckets are at their heads.
    pub is_complete: bool,
    /// Buckets that would travel in bulk if their files were built.
    pub missing: Vec<Bucket>,
    /// Buckets whose files are of use, but old.
    pub outgrown: Vec<Bucket>,
}

/// The next page.
///
/// # Errors
/// When the person's account was barred meanwhile, or the store fails.
pub fn pull(snapshot: &dyn StoreRead, request: &PullRequest) -> Result<Pulled, ApiError> {
    let account = snapshot.account(request.user_id)?.filter(|account| !account.is_disabled);
    let account = account.ok_or(ErrorCode::TokenInvalid)?;
    let scope = account.buckets();
    let cursors: BTreeMap<&Bucket, &Cursor> = request.cursors.iter().map(|cursor| (&cursor.bucket, cursor)).collect();
    let gone = cursors.keys().filter(|bucket| !scope.contains(bucket));
    let gone = gone.map(|bucket| GoneBucket { bucket: (*bucket).clone() }).collect();
    let epoch = snapshot.epoch()?;
    let mut page = Page { rows_left: MAX_PAGE_ROWS, bytes_left: PAGE_BYTES, can: request.can };
    let mut pulled = Pulled {
        acked_seq: snapshot.last_seq(request.device_id)?,
        actor: account.actor(),
        buckets: Vec::new(),
        gone,
        is_complete: true,
        missing: Vec::new(),
        outgrown: Vec::new(),
    };
    for bucket in scope {
        let head = snapshot.bucket_head(&bucket)?.unwrap_or(BucketHead::empty(epoch));
        let Some(start) = Start::of(cursors.get(&bucket).copied(), &head) else { continue };
        if page.is_full() {
            pulled.is_complete = false;
            break;
        }
        let bulk = if request.can.segments && start.position == 0 {
            bulk_of(snapshot, &bucket, &head, &request.sizes)?
        } else {
            Bulk::Small
        };
        match &bulk {
            Bulk::Missing => pulled.missing.push(bucket.clone()),
            Bulk::Outgrown(_) => pulled.outgrown.push(bucket.clone()),
            Bulk::Small | Bulk::Ready(_) => {}
        }
        if matches!(bulk, Bulk::Missing) && request.may_wait {
            pulled.is_complete = false;
            continue;
        }
        let delta = page.fill(snapshot, bucket, &head, start, bulk.snapshot())?;
        pulled.is_complete &= delta.position == delta.head;
        pulled.buckets.push(delta);
    }
    Ok(pulled)
}

/// Where reading a bucket begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Start {
    position: u64,
    is_restart: bool,
}

impl Start {
    /// `None` when there is nothing to read.
    fn of(cursor: Option<&Cursor>, head: &BucketHead) -> Option<Self> {
        let start = match cursor {
            None => Self { position: 0, is_restart: false },
            Some(cursor) if is_useless(cursor, head) => Self { position: 0, is_restart: true },
            Some(cursor) => Self { position: cursor.position, is_restart: false },
        };
        (start.is_restart || start.position < head.head).then_some(start)
    }
}

/// A cursor of another life, from the future, or from before removals were forgotten.
fn is_useless(cursor: &Cursor, head: &BucketHead) -> bool {
    cursor.epoch != head.epoch || cursor.position > head.head || (cursor.position > 0 && cursor.position < head.floor)
}

/// What still fits into the answer.
struct Page {
    rows_left: usize,
    bytes_left: usize,
    can: Can,
}

impl Page {
    fn is_full(&self) -> bool {
        self.rows_left == 0 || self.bytes_left == 0
    }

    fn fill(
        &mut self,
        snapshot: &dyn StoreRead,
        bucket: Bucket,
        head: &BucketHead,
        start: Start,
        bulk: Option<Snapshot>,
    ) -> Result<BucketDelta, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut position = bulk.as_ref().map_or(start.position, |bulk| bulk.as_of);
        loop {
            let limit = CHUNK.min(self.rows_left);
            let found = snapshot.entries_after(&bucket, position, limit)?;
            let is_last = found.len() < limit;
            for entry in found {
                position = entry.position;
                entries.push(self.load(snapshot, &entry)?);
                if self.is_full() {
                    break;
                }
            }
            if self.is_full() {
                break;
            }
            if is_last {
                position = head.head;
                break;
            }
        }
        let sum = BucketSum { rows: head.row_count, checksum: head.checksum };
        Ok(BucketDelta {
            bucket,
            epoch: head.epoch,
            head: head.head,
            is_restart: start.is_restart,
            entries,
            position,
            sum: (self.can.checksums && position == head.head).then_some(sum),
            snapshot: bulk,
        })
    }

    fn load(&mut self, snapshot: &dyn StoreRead, entry: &FeedEntry) -> Result<Entry, StoreError> {
        let row = if entry.is_removed { None } else { snapshot.row_fields(entry.table, entry.id)?.map(Value::Object) };
        self.rows_left = self.rows_left.saturating_sub(1);
        self.bytes_left = self.bytes_left.saturating_sub(80 + row.as_ref().map_or(0, weight));
        Ok(Entry {
            position: entry.position,
            table: entry.table.name().to_owned(),
            id: entry.id,
            version: entry.version,
            row,
        })
    }
}

/// About how many bytes a value takes as JSON.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(|item| 1 + weight(item)).sum::<usize>(),
        Value::Object(fields) => 2 + fields.iter().map(|(name, value)| name.len() + 4 + weight(value)).sum::<usize>(),
    }
}
