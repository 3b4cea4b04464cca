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
use storewalk_wire::SyncResponse;
use uuid::Uuid;

use super::{
    membership::{self, Arrival},
    rebase, shadow, stage, status,
};
use crate::{ClientError, outbox, session};

/// How long an acknowledged command is kept: should the server lose its memory, it is sent again.
const KEPT_MS: i64 = 30 * DAY_MS;

/// Publishes what is staged with the response that completed it. Says how many rows changed.
pub(super) fn publish(
    transaction: &Transaction<'_>,
    response: &SyncResponse,
    anchor: &ServerAnchor,
) -> Result<u64, ClientError> {
    shadow::put_back(transaction)?;
    outbox::acknowledge(transaction, response.acked_seq, response.server_at)?;
    outbox::forget_touched(transaction)?;
    let mut rows = apply_staged(transaction)?;
    rows += membership::let_parted_go(transaction)?;
    rebase::rerun(transaction, &response.policies)?;
    stage::clear(transaction)?;
    session::save_scope(transaction, &response.actor, &response.policies)?;
    status::save_anchor(transaction, anchor)?;
    outbox::prune(transaction, Timestamp(response.server_at.0.saturating_sub(KEPT_MS)))?;
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
}

fn apply_staged(connection: &Connection) -> Result<u64, ClientError> {
    let buckets: Vec<StagedBucket> = {
        let mut statement =
            connection.prepare_cached("SELECT bucket, epoch, position, is_restart, is_gone FROM staged_buckets")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(StagedBucket {
                bucket: row.get(0)?,
                epoch: row.get(1)?,
                position: row.get(2)?,
                is_restart: row.get(3)?,
                is_gone: row.get(4)?,
            })
        };
        statement.query_map([], read)?.collect::<Result<_, _>>()?
    };
    buckets.iter().map(|staged| apply_bucket(connection, staged)).sum()
}

fn apply_bucket(connection: &Connection, staged: &StagedBucket) -> Result<u64, ClientError> {
    let bucket_id: i64 = connection.query_row(
        "INSERT INTO cursors (bucket, epoch, position) VALUES (:bucket, :epoch, :position)
         ON CONFLICT (bucket) DO UPDATE SET epoch = excluded.epoch, position = excluded.position
         RETURNING bucket_id",
        named_params! { ":bucket": staged.bucket, ":epoch": staged.epoch, ":position": staged.position },
        |row| row.get(0),
    )?;
    let mut rows = 0;
    if staged.is_gone || staged.is_restart {
        let but_staged = staged.is_restart.then_some(staged.bucket.as_str());
        for (table, id) in membership::rows_of(connection, bucket_id, but_staged)? {
            membership::leave(connection, bucket_id, &table, id)?;
            rows += 1;
        }
    }
    if staged.is_gone {
        connection.execute("DELETE FROM cursors WHERE bucket_id = ?", [bucket_id])?;
        return Ok(rows);
    }
    Ok(rows + apply_entries(connection, bucket_id, &staged.bucket)?)
}

fn apply_entries(connection: &Connection, bucket_id: i64, bucket: &str) -> Result<u64, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT tbl, row_id, position, version, fields FROM staged_entries WHERE bucket = ? ORDER BY position",
    )?;
    let mut found = statement.query([bucket])?;
    let mut rows = 0;
    while let Some(row) = found.next()? {
        let arrival = Arrival {
            table: row.get(0)?,
            id: RowId(Uuid::from_bytes(row.get(1)?)),
            position: row.get(2)?,
            version: row.get(3)?,
            fields: row.get(4)?,
        };
        membership::arrive(connection, bucket_id, &arrival)?;
        rows += 1;
    }
    Ok(rows)
}
