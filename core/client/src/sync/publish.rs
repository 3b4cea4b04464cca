//! The moment a complete pull becomes what screens show.
//!
//! **Invariant.** One transaction, in this order: the server's versions come back, what it has worked through is
//! marked, its changes are made, what is still pending runs again, the cursors move. A reader sees all of it or none.

use rusqlite::{Connection, Transaction, named_params};
use storewalk_domain::{
    ids::RowId,
    sync::Policies,
    time::{DAY_MS, ServerAnchor, Timestamp},
};
use storewalk_wire::{BucketSum, Checksum, SyncResponse};
use uuid::Uuid;

use super::{
    bulk::{self, SegmentFiles},
    heal,
    membership::{self, Arrival, Holding},
    rebase, shadow, stage, status,
};
use crate::{ClientError, outbox, receipt, session};

/// How long an acknowledged command is kept: should the server lose its memory, it is sent again.
const KEPT_MS: i64 = 30 * DAY_MS;

/// Publishes what is staged with the response that completed it. Says how many rows changed.
pub(super) fn publish(
    transaction: &Transaction<'_>,
    response: &SyncResponse,
    anchor: &ServerAnchor,
    segments: &SegmentFiles,
) -> Result<u64, ClientError> {
    shadow::put_back(transaction)?;
    outbox::acknowledge(transaction, response.acked_seq, response.server_at)?;
    outbox::forget_touched(transaction)?;
    let mut rows = apply_staged(transaction, segments)?;
    rows += membership::let_parted_go(transaction)?;
    rebase::rerun(transaction, &response.policies)?;
    stage::clear(transaction)?;
    session::save_scope(transaction, &response.actor, &response.policies)?;
    status::save_anchor(transaction, anchor)?;
    let before = Timestamp(response.server_at.0.saturating_sub(KEPT_MS));
    outbox::prune(transaction, before)?;
    receipt::want_for_pruning(transaction, before)?;
    receipt::forget_unused(transaction, response.server_at)?;
    Ok(rows)
}

/// Publishes one staged bucket of a complete pull before the others, so that screens have it while the rest is on its
/// way. Says how many rows that brought; nothing unless it may be shown alone.
///
/// **Why this is sound.** The bucket is whole as of one snapshot, and the phone held nothing of it. No command is
/// pending, so none can have effects in its rows that the phone has yet to mark as worked through: `acked_seq` has no
/// part in it and waits for the publish of the snapshot it came with. That publish finds the bucket as it finds any
/// other that was published before.
pub(super) fn publish_early(
    connection: &Connection,
    bucket: &str,
    segments: &SegmentFiles,
) -> Result<u64, ClientError> {
    let is_known = connection.prepare_cached("SELECT 1 FROM cursors WHERE bucket = ?")?.exists([bucket])?;
    if is_known || outbox::pending_count(connection)? > 0 {
        return Ok(0);
    }
    let mut rows = 0;
    for staged in staged_buckets(connection)?.iter().filter(|staged| staged.bucket == bucket && !staged.is_gone) {
        rows += apply_bucket(connection, staged, segments)?;
        stage::forget(connection, bucket)?;
    }
    Ok(rows)
}

/// Runs what is pending again on the rows as they are: after commands were brought back.
pub(crate) fn rebase_in_place(connection: &Connection) -> Result<(), ClientError> {
    let policies = session::session(connection)?.map_or_else(Policies::default, |session| session.policies);
    shadow::put_back(connection)?;
    rebase::rerun(connection, &policies)
}

struct StagedBucket {
    bucket: String,
    epoch: u64,
    position: u64,
    is_restart: bool,
    is_gone: bool,
    /// What the server says it holds; `None` when it did not say.
    expected: Option<BucketSum>,
}

fn staged_buckets(connection: &Connection) -> Result<Vec<StagedBucket>, ClientError> {
    let mut statement = connection
        .prepare_cached("SELECT bucket, epoch, position, is_restart, is_gone, row_count, sum FROM staged_buckets")?;
    let read = |row: &rusqlite::Row<'_>| {
        let (rows, bits): (Option<u64>, Option<i64>) = (row.get(5)?, row.get(6)?);
        Ok(StagedBucket {
            bucket: row.get(0)?,
            epoch: row.get(1)?,
            position: row.get(2)?,
            is_restart: row.get(3)?,
            is_gone: row.get(4)?,
            expected: rows.zip(bits).map(|(rows, bits)| BucketSum { rows, checksum: Checksum::from_bits(bits) }),
        })
    };
    Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
}

fn apply_staged(connection: &Connection, segments: &SegmentFiles) -> Result<u64, ClientError> {
    let mut rows = 0;
    for staged in staged_buckets(connection)? {
        rows += apply_bucket(connection, &staged, segments)?;
    }
    Ok(rows)
}

fn apply_bucket(connection: &Connection, staged: &StagedBucket, segments: &SegmentFiles) -> Result<u64, ClientError> {
    let bucket_id: i64 = connection.query_row(
        "INSERT INTO cursors (bucket, epoch, position, sum) VALUES (:bucket, :epoch, :position, 0)
         ON CONFLICT (bucket) DO UPDATE SET epoch = excluded.epoch, position = excluded.position
         RETURNING bucket_id",
        named_params! { ":bucket": staged.bucket, ":epoch": staged.epoch, ":position": staged.position },
        |row| row.get(0),
    )?;
    let mut holding = Holding::open(connection, bucket_id)?;
    if staged.is_gone {
        let rows = holding.let_all_go()?;
        connection.execute("DELETE FROM cursors WHERE bucket_id = ?", [bucket_id])?;
        return Ok(rows);
    }
    if staged.is_restart {
        holding.set_aside()?;
    }
    let mut rows = bulk::apply(&mut holding, segments, &staged.bucket)?;
    rows += apply_entries(&mut holding, &staged.bucket)?;
    rows += holding.let_aside_go()?;
    let is_doubtful = staged.expected.is_some_and(|expected| expected != holding.total);
    holding.close()?;
    if staged.expected.is_some() {
        heal::set_doubt(connection, bucket_id, is_doubtful)?;
    }
    Ok(rows)
}

fn apply_entries(holding: &mut Holding<'_>, bucket: &str) -> Result<u64, ClientError> {
    let connection = holding.connection;
    let mut statement = connection
        .prepare_cached("SELECT tbl, row_id, version, fields FROM staged_entries WHERE bucket = ? ORDER BY position")?;
    let mut found = statement.query([bucket])?;
    let mut rows = 0;
    while let Some(row) = found.next()? {
        holding.arrive(&Arrival {
            table: row.get(0)?,
            id: RowId(Uuid::from_bytes(row.get(1)?)),
            version: row.get(2)?,
            fields: row.get(3)?,
        })?;
        rows += 1;
    }
    Ok(rows)
}
