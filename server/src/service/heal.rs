//! A bucket whose checksum differs on a phone: which of its 256 ranges differ, and those, whole.
//!
//! **Invariants.** One snapshot. A range is sent whole or not at all, so that the phone knows what is to go. An answer
//! holds about as much as a page; the phone asks again until no range differs. What does not add up on this side is
//! told, so that the server's own sums are set right and no phone heals for ever.

use storewalk_domain::{ids::UserId, sync::Bucket};
use storewalk_wire::{
    Checksum, Entry, ErrorCode, HealRequest, HealResponse, MAX_PAGE_ROWS, RANGES, RangeSum, range_of, row_checksum,
};

use super::pull::{PAGE_BYTES, weight};
use crate::{
    error::ApiError,
    store::{BucketHead, FeedEntry, StoreError, StoreRead},
};

/// The answer, and whether the server's own sums are in doubt.
#[derive(Clone, PartialEq, Debug)]
pub struct Healed {
    /// What the phone gets.
    pub response: HealResponse,
    /// A sum of this side does not fit its rows: it is to be computed anew.
    pub is_doubtful: bool,
}

/// Compares what a phone holds of a bucket with what it should hold.
///
/// # Errors
/// When the number of ranges is wrong, the person may not read the bucket, or the store fails.
pub fn heal(snapshot: &dyn StoreRead, user_id: UserId, request: &HealRequest) -> Result<Healed, ApiError> {
    if request.ranges.len() != RANGES {
        let detail = format!("{RANGES} ranges, not {}", request.ranges.len());
        return Err(ApiError::new(ErrorCode::RequestMalformed).at("ranges").detail(detail));
    }
    let account = snapshot.account(user_id)?.filter(|account| !account.is_disabled);
    let account = account.ok_or(ErrorCode::TokenInvalid)?;
    if !account.buckets().contains(&request.bucket) {
        return Err(ApiError::new(ErrorCode::NotPermitted).at("bucket"));
    }
    let head = snapshot.bucket_head(&request.bucket)?.map_or_else(|| snapshot.epoch().map(BucketHead::empty), Ok)?;
    let mut healed = Healed { response: bare(&request.bucket, &head), is_doubtful: false };
    if request.epoch == head.epoch && request.position == head.head {
        compare(snapshot, request, &head, &mut healed)?;
    }
    Ok(healed)
}

/// The head and nothing else.
fn bare(bucket: &Bucket, head: &BucketHead) -> HealResponse {
    HealResponse {
        bucket: bucket.clone(),
        epoch: head.epoch,
        position: head.head,
        ranges: Vec::new(),
        entries: Vec::new(),
        is_complete: true,
    }
}

fn compare(
    snapshot: &dyn StoreRead,
    request: &HealRequest,
    head: &BucketHead,
    healed: &mut Healed,
) -> Result<(), StoreError> {
    let ours = snapshot.range_sums(&request.bucket)?;
    let whole = ours.iter().fold(RangeSum::default(), |whole, range| whole_with(whole, *range));
    healed.is_doubtful = whole != RangeSum { rows: head.row_count, checksum: head.checksum };
    let differing = (0..=u8::MAX).filter(|range| ours[usize::from(*range)] != request.ranges[usize::from(*range)]);
    let mut chosen: Vec<u8> = Vec::new();
    let mut rows = 0;
    for range in differing {
        rows += ours[usize::from(range)].rows;
        if !chosen.is_empty() && rows > MAX_PAGE_ROWS as u64 {
            healed.response.is_complete = false;
            break;
        }
        chosen.push(range);
    }
    let entries = snapshot.entries_in_ranges(&request.bucket, &chosen)?;
    let mut bytes_left = PAGE_BYTES;
    for range in chosen {
        if bytes_left == 0 {
            healed.response.is_complete = false;
            break;
        }
        let sum = take_range(snapshot, of_range(&entries, range), &mut healed.response.entries, &mut bytes_left)?;
        healed.is_doubtful |= sum != ours[usize::from(range)];
        healed.response.ranges.push(range);
    }
    Ok(())
}

/// The entries of one range among those sorted by range.
fn of_range(entries: &[FeedEntry], range: u8) -> &[FeedEntry] {
    let start = entries.partition_point(|entry| range_of(entry.id) < range);
    let end = entries.partition_point(|entry| range_of(entry.id) <= range);
    &entries[start..end]
}

/// Takes a range's rows into the answer; what they add up to.
fn take_range(
    snapshot: &dyn StoreRead,
    entries: &[FeedEntry],
    taken: &mut Vec<Entry>,
    bytes_left: &mut usize,
) -> Result<RangeSum, StoreError> {
    let mut sum = RangeSum::default();
    for entry in entries {
        let Some(fields) = snapshot.row_fields(entry.table, entry.id)? else { continue };
        let checksum = row_checksum(entry.table.name(), entry.id, entry.version, &fields);
        sum = whole_with(sum, RangeSum { rows: 1, checksum });
        let row = serde_json::Value::Object(fields);
        *bytes_left = bytes_left.saturating_sub(80 + weight(&row));
        taken.push(Entry {
            position: entry.position,
            table: entry.table.name().to_owned(),
            id: entry.id,
            version: entry.version,
            row: Some(row),
        });
    }
    Ok(sum)
}

fn whole_with(whole: RangeSum, part: RangeSum) -> RangeSum {
    let checksum: Checksum = whole.checksum.plus(part.checksum);
    RangeSum { rows: whole.rows + part.rows, checksum }
}
