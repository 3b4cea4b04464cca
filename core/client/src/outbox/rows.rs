//! The outbox table.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde_json::Value;
use storewalk_domain::{
    ids::{CommandId, RowId},
    problem::Problem,
    sync::{Actor, Bucket, BucketParseError, shape_of},
    time::{CaptureTime, Timestamp},
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{CommandVerdict, Envelope};
use uuid::Uuid;

use crate::{ClientError, receipt};

/// A command with everything that is needed to decide it again.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pending {
    pub(crate) envelope: Envelope,
    pub(crate) actor: Actor,
}

/// A pending row as the table has it: JSON unread, for the hot path.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) seq: u64,
    command_id: CommandId,
    schema: u32,
    command: String,
    captured: String,
    seen: String,
    actor: String,
    pub(crate) has_local_problem: bool,
}

impl Stored {
    /// Reads the JSON. What this phone wrote and can no longer read is damage the file's own checks did not see; the
    /// next opening then brings the command back from the mirror.
    pub(crate) fn read(&self) -> Result<Pending, ClientError> {
        self.parse().map_err(|_: serde_json::Error| ClientError::damaged(format!("outbox.seq {}", self.seq)))
    }

    fn parse(&self) -> Result<Pending, serde_json::Error> {
        Ok(Pending {
            envelope: Envelope {
                seq: self.seq,
                command_id: self.command_id,
                schema: self.schema,
                command: serde_json::from_str(&self.command)?,
                captured: serde_json::from_str(&self.captured)?,
                seen: known_positions(&self.seen)?,
            },
            actor: serde_json::from_str(&self.actor)?,
        })
    }

    /// About how many bytes it takes in a request.
    pub(crate) fn wire_bytes(&self) -> usize {
        // The fixed part is the field names, the number and the id.
        self.command.len() + self.captured.len() + self.seen.len() + 128
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            command_id: CommandId(Uuid::from_bytes(row.get(1)?)),
            schema: row.get(2)?,
            command: row.get(3)?,
            captured: row.get(4)?,
            seen: row.get(5)?,
            actor: row.get(6)?,
            has_local_problem: row.get(7)?,
        })
    }
}

/// Gives a command the next number and queues it.
pub(crate) fn append(
    connection: &Connection,
    command_id: CommandId,
    command: Value,
    captured: CaptureTime,
    actor: Actor,
) -> Result<Pending, ClientError> {
    let seq =
        connection.query_row("UPDATE device SET last_seq = last_seq + 1 RETURNING last_seq", [], |row| row.get(0))?;
    let seen = seen_positions(connection)?;
    let schema = shape_of(command.get("kind").and_then(Value::as_str).unwrap_or_default());
    let envelope = Envelope { seq, command_id, schema, command, captured, seen };
    let pending = Pending { envelope, actor };
    insert(connection, &pending)?;
    Ok(pending)
}

pub(super) fn insert(connection: &Connection, pending: &Pending) -> Result<(), ClientError> {
    let Envelope { seq, command_id, schema, command, captured, seen } = &pending.envelope;
    let mut statement = connection.prepare_cached(
        "INSERT INTO outbox (seq, command_id, kind, schema, command, captured, captured_at, seen, actor)
         VALUES (:seq, :id, :kind, :schema, :command, :captured, :captured_at, :seen, :actor)",
    )?;
    statement.execute(named_params! {
        ":seq": seq,
        ":id": id_blob(RowId(command_id.0)),
        ":kind": command.get("kind").and_then(Value::as_str).unwrap_or_default(),
        ":schema": schema,
        ":command": command.to_string(),
        ":captured": serde_json::to_string(captured)?,
        ":captured_at": captured.trusted().0,
        ":seen": serde_json::to_string(seen)?,
        ":actor": serde_json::to_string(&pending.actor)?,
    })?;
    Ok(())
}

/// Queues a command brought back from a mirror or a damaged file. Says whether it was missing.
pub(crate) fn insert_recovered(connection: &Connection, pending: &Pending) -> Result<bool, ClientError> {
    let is_there = connection.prepare_cached("SELECT 1 FROM outbox WHERE seq = :seq OR command_id = :id")?.exists(
        named_params! {
            ":seq": pending.envelope.seq,
            ":id": id_blob(RowId(pending.envelope.command_id.0)),
        },
    )?;
    if is_there {
        return Ok(false);
    }
    insert(connection, pending)?;
    connection.execute("UPDATE device SET last_seq = max(last_seq, ?)", [pending.envelope.seq])?;
    Ok(true)
}

/// Puts the mirror's word in the place of a pending command that reads differently in a file that was not let go in
/// order: the mirror's lines carry checksums, the file's rows do not. Says whether it differed.
pub(crate) fn mend(connection: &Connection, pending: &Pending) -> Result<bool, ClientError> {
    let seq = pending.envelope.seq;
    let found = pending_after(connection, seq.saturating_sub(1), 1)?;
    let Some(stored) = found.first().filter(|stored| stored.seq == seq) else { return Ok(false) };
    if stored.command_id != pending.envelope.command_id || stored.read()? == *pending {
        return Ok(false);
    }
    connection.execute("DELETE FROM outbox WHERE seq = ?", [seq])?;
    insert(connection, pending)?;
    Ok(true)
}

/// The pending commands after a number, in order, as many as `limit`.
pub(crate) fn pending_after(connection: &Connection, seq: u64, limit: usize) -> Result<Vec<Stored>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, command_id, schema, command, captured, seen, actor, local_problem IS NOT NULL
         FROM outbox WHERE state = 'pending' AND seq > :seq ORDER BY seq LIMIT :limit",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(named_params! { ":seq": seq, ":limit": limit }, Stored::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Visits the pending commands of a file that may be damaged, up to the first that cannot be reached. `order` is `ASC`
/// or `DESC`.
pub(crate) fn scan_pending(connection: &Connection, order: &str, mut visit: impl FnMut(Stored)) {
    let sql = format!(
        "SELECT seq, command_id, schema, command, captured, seen, actor, local_problem IS NOT NULL
         FROM outbox NOT INDEXED WHERE state = 'pending' ORDER BY seq {order}"
    );
    let Ok(mut statement) = connection.prepare(&sql) else { return };
    let Ok(rows) = statement.query_map([], Stored::from_row) else { return };
    rows.map_while(Result::ok).for_each(&mut visit);
}

/// What a request carries, in order, as many as `limit`: the commands after a number, and before them those up to it
/// whose answer never came, or whose receipt is wanted and due by the phone's clock. Another request may have brought
/// them, such as one that was given up and arrived late; the server has kept their answers.
pub(crate) fn to_send(
    connection: &Connection,
    acked: u64,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Stored>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, command_id, schema, command, captured, seen, actor, local_problem IS NOT NULL
         FROM outbox
         WHERE (verdict IS NULL AND seq <= :acked)
             OR (
                 seq <= :acked AND seq > (SELECT copied_seq FROM device)
                 AND command_id IN (SELECT item FROM receipts_wanted WHERE kind = 'command' AND ask_at <= :now)
             )
         ORDER BY seq LIMIT :limit",
    )?;
    let limit_sql = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = named_params! { ":acked": acked, ":limit": limit_sql, ":now": now.0 };
    let mut found: Vec<Stored> = statement.query_map(params, Stored::from_row)?.collect::<Result<_, _>>()?;
    found.extend(pending_after(connection, acked, limit.saturating_sub(found.len()))?);
    Ok(found)
}

/// How many commands are pending.
pub(crate) fn pending_count(connection: &Connection) -> Result<u64, ClientError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM outbox WHERE state = 'pending'")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// How many commands the server has not answered. One that was answered while its rows could not be had is still
/// pending, and waits for nothing but them.
pub(crate) fn unsent_count(connection: &Connection) -> Result<u64, ClientError> {
    let sql = "SELECT count(*) FROM outbox WHERE state = 'pending' AND verdict IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// When the oldest command that the server has not answered was captured.
pub(crate) fn oldest_unsent(connection: &Connection) -> Result<Option<Timestamp>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT captured_at FROM outbox WHERE state = 'pending' AND verdict IS NULL ORDER BY seq LIMIT 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?.map(Timestamp))
}

/// Keeps the server's answer to a command.
pub(crate) fn save_verdict(
    connection: &Connection,
    command_id: CommandId,
    verdict: &CommandVerdict,
) -> Result<(), ClientError> {
    connection.prepare_cached("UPDATE outbox SET verdict = :verdict WHERE command_id = :id")?.execute(
        named_params! {
            ":verdict": serde_json::to_string(verdict)?,
            ":id": id_blob(RowId(command_id.0)),
        },
    )?;
    Ok(())
}

/// Marks everything up to a number as worked through and published.
pub(crate) fn acknowledge(connection: &Connection, acked: u64, at: Timestamp) -> Result<(), ClientError> {
    connection.execute(
        "UPDATE outbox SET state = 'acked', acked_at = :at, local_problem = NULL
         WHERE state = 'pending' AND seq <= :acked",
        named_params! { ":acked": acked, ":at": at.0 },
    )?;
    connection.execute(
        "UPDATE device SET acked_seq = :acked, last_seq = max(last_seq, :acked), must_ask = 0",
        named_params! { ":acked": acked },
    )?;
    Ok(())
}

/// Notes how far the server has worked through, without marking anything: the rows that show it have not come.
pub(crate) fn note_worked_through(connection: &Connection, acked: u64) -> Result<(), ClientError> {
    connection.execute(
        "UPDATE device SET acked_seq = :acked, last_seq = max(last_seq, :acked), must_ask = 0",
        named_params! { ":acked": acked },
    )?;
    Ok(())
}

/// Notes why a command no longer holds on the phone's rows; nothing when it does.
pub(crate) fn set_local_problem(connection: &Connection, seq: u64, problems: &[Problem]) -> Result<(), ClientError> {
    let text = if problems.is_empty() { None } else { Some(serde_json::to_string(problems)?) };
    connection
        .prepare_cached("UPDATE outbox SET local_problem = :problem WHERE seq = :seq")?
        .execute(named_params! { ":problem": text, ":seq": seq })?;
    Ok(())
}

/// Removes what was acknowledged before an instant and answered. Once a server has signed, only what has a receipt that
/// counts; what an earlier identity of this phone had sent stands under that identity's receipts.
pub(crate) fn prune(connection: &Connection, before: Timestamp) -> Result<(), ClientError> {
    let receipted = receipt::Counting::ITEMS;
    let removable = format!(
        "state = 'acked' AND acked_at < :before AND verdict IS NOT NULL
         AND (
             NOT EXISTS (SELECT 1 FROM receipt_keys)
             OR seq <= (SELECT copied_seq FROM device)
             OR command_id IN ({receipted})
         )"
    );
    let params = named_params! { ":before": before.0 };
    let highest: Option<u64> =
        connection.query_row(&format!("SELECT max(seq) FROM outbox WHERE {removable}"), params, |row| row.get(0))?;
    if let Some(highest) = highest {
        connection.execute(&format!("DELETE FROM outbox WHERE {removable}"), params)?;
        connection.execute("UPDATE device SET pruned_seq = max(pruned_seq, ?)", [highest])?;
    }
    Ok(())
}

/// Positions by bucket, those of classes that only a newer app has left out.
fn known_positions(text: &str) -> Result<BTreeMap<Bucket, u64>, serde_json::Error> {
    let found: BTreeMap<String, u64> = serde_json::from_str(text)?;
    let mut seen = BTreeMap::new();
    for (bucket, position) in found {
        if let Some(bucket) = Bucket::known(&bucket).map_err(serde::de::Error::custom)? {
            seen.insert(bucket, position);
        }
    }
    Ok(seen)
}

fn seen_positions(connection: &Connection) -> Result<BTreeMap<Bucket, u64>, ClientError> {
    let mut statement = connection.prepare_cached("SELECT bucket, position FROM cursors")?;
    let mut rows = statement.query([])?;
    let mut seen = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let bucket: String = row.get(0)?;
        let fault = |fault: BucketParseError| ClientError::Internal(fault.to_string());
        let Some(bucket) = Bucket::known(&bucket).map_err(fault)? else { continue };
        seen.insert(bucket, row.get(1)?);
    }
    Ok(seen)
}
