//! The numbers of commands: where they stand, and how they are set right when phone and server disagree.
//!
//! **Invariants.** A number goes to the server for one command only, as long as the server remembers it. Setting numbers
//! right never loses a command and never changes their order.

use std::collections::BTreeMap;

use rusqlite::{Connection, named_params};
use serde_json::Value;
use storewalk_domain::{
    ids::{CommandId, RowId},
    sync::{Actor, FIRST_SHAPE},
    time::CaptureTime,
};
use storewalk_wire::{CommandDigest, Envelope, hex};
use uuid::Uuid;

use super::rows::{Pending, insert};
use crate::{ClientError, receipt};

/// The command that stands in the place of one that was lost with a damaged file, so that the numbers stay dense. No
/// server knows it: it is refused by name, which tells the supervisor that something is missing.
const LOST: &str = "outbox.lost";

/// Puts a placeholder wherever a number above `acked` is missing below the last one given, unless its command was
/// removed after its thirty days. Says how many.
pub(crate) fn fill_gaps(
    connection: &Connection,
    acked: u64,
    captured: &CaptureTime,
    mut new_id: impl FnMut() -> Uuid,
    actor: &Actor,
) -> Result<u64, ClientError> {
    let (last, acked, present): (u64, u64, u64) = connection.query_row(
        "SELECT last_seq, max(pruned_seq, copied_seq, :acked),
                (SELECT count(*) FROM outbox WHERE seq > max(device.pruned_seq, device.copied_seq, :acked))
         FROM device",
        named_params! { ":acked": acked },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut missing = last.saturating_sub(acked).saturating_sub(present);
    let filled = missing;
    let mut there = connection.prepare("SELECT 1 FROM outbox WHERE seq = ?")?;
    for seq in acked + 1..=last {
        if missing == 0 {
            break;
        }
        if !there.exists([seq])? {
            let envelope = Envelope {
                seq,
                command_id: CommandId(new_id()),
                schema: FIRST_SHAPE,
                command: lost(),
                captured: captured.clone(),
                seen: BTreeMap::new(),
            };
            insert(connection, &Pending { envelope, actor: actor.clone() })?;
            missing -= 1;
        }
    }
    Ok(filled)
}

/// Notes that numbers up to this one are about to be put on the wire.
pub(crate) fn note_sent(connection: &Connection, seq: u64) -> Result<(), ClientError> {
    connection.execute("UPDATE device SET sent_seq = max(sent_seq, ?)", [seq])?;
    Ok(())
}

/// The server has worked through a number this phone never sent: its numbers have been used by the same installation
/// before (a recovery, a restored backup). What it cannot have seen is moved above them. Says whether anything moved.
pub(crate) fn renumber(connection: &Connection, acked: u64) -> Result<bool, ClientError> {
    let (sent, last): (u64, u64) =
        connection.query_row("SELECT sent_seq, last_seq FROM device", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(shift) = acked.checked_sub(sent).filter(|shift| *shift > 0) else { return Ok(false) };
    // By way of negative numbers, so that no row meets another on its way up.
    connection.execute(
        "UPDATE outbox SET seq = -(seq + :shift) WHERE seq > :sent",
        named_params! { ":shift": shift, ":sent": sent },
    )?;
    connection.execute("UPDATE outbox SET seq = -seq WHERE seq < 0", [])?;
    connection.execute(
        "UPDATE device SET sent_seq = :acked, last_seq = :last",
        named_params! { ":acked": acked, ":last": last.max(sent) + shift },
    )?;
    Ok(last > sent)
}

/// The highest number that surely is this installation's own: an answer to its command came back, or did before the
/// command was removed.
pub(crate) fn last_answered(connection: &Connection) -> Result<u64, ClientError> {
    let sql = "SELECT max(coalesce((SELECT max(seq) FROM outbox WHERE verdict IS NOT NULL), 0), pruned_seq, copied_seq)
               FROM device";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// Another command holds a number this phone has used: everything without an answer counts as unsent, and the server is
/// asked where it stands before anything goes out again.
pub(crate) fn doubt_numbers(connection: &Connection) -> Result<(), ClientError> {
    let answered = last_answered(connection)?;
    connection.execute("UPDATE outbox SET state = 'pending', acked_at = NULL WHERE verdict IS NULL", [])?;
    connection.execute(
        "UPDATE device SET acked_seq = min(acked_seq, :answered), sent_seq = :answered, must_ask = 1",
        named_params! { ":answered": answered },
    )?;
    Ok(())
}

/// Gives every command without an answer a number above `base`, in the same order. Commands with an answer must not
/// stand above it.
pub(crate) fn lift_unanswered(connection: &Connection, base: u64) -> Result<(), ClientError> {
    connection.execute("UPDATE outbox SET state = 'pending', acked_at = NULL WHERE verdict IS NULL", [])?;
    let last = number_densely(connection, "verdict IS NULL", base)?;
    connection.execute(
        "UPDATE device SET sent_seq = :base, last_seq = :last",
        named_params! { ":base": base, ":last": last },
    )?;
    Ok(())
}

/// Closes the gaps above a number, when the server has forgotten what came after it: the commands that were removed after
/// their thirty days are not missed.
pub(crate) fn close_gaps(connection: &Connection, acked: u64) -> Result<bool, ClientError> {
    let (count, highest): (u64, u64) = connection.query_row(
        "SELECT count(*), coalesce(max(seq), :acked) FROM outbox WHERE seq > :acked",
        named_params! { ":acked": acked },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if highest == acked + count {
        return Ok(false);
    }
    let last = number_densely(connection, &format!("seq > {acked}"), acked)?;
    connection.execute(
        "UPDATE device SET sent_seq = :acked, last_seq = :last, pruned_seq = min(pruned_seq, :acked)",
        named_params! { ":acked": acked, ":last": last },
    )?;
    Ok(true)
}

/// Numbers the commands of a condition densely from above `base`; gives the last number. By way of negative numbers, so
/// that no row meets another on its way.
fn number_densely(connection: &Connection, condition: &str, base: u64) -> Result<u64, ClientError> {
    let seqs: Vec<u64> = {
        let mut statement = connection.prepare(&format!("SELECT seq FROM outbox WHERE {condition} ORDER BY seq"))?;
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    let mut renumber = connection.prepare_cached("UPDATE outbox SET seq = -:to WHERE seq = :from")?;
    let mut last = base;
    for from in seqs {
        last += 1;
        renumber.execute(named_params! { ":to": i64::try_from(last).unwrap_or(i64::MAX), ":from": from })?;
    }
    connection.execute("UPDATE outbox SET seq = -seq WHERE seq < 0", [])?;
    Ok(last)
}

/// The server knows less than it once acknowledged: everything after a number is to be sent again. Says how many.
///
/// Of an acknowledged command there is no second copy on the phone. One that is no longer what the server gave its
/// receipt for is sent as lost: damage must not be done as if a person had meant it.
pub(crate) fn take_back(connection: &Connection, acked: u64) -> Result<usize, ClientError> {
    for command_id in spoilt_after(connection, acked)? {
        tracing::error!("a command that is to be sent again is no longer what the server once took in");
        connection.execute(
            "UPDATE outbox SET kind = :kind, command = :command WHERE command_id = :id",
            named_params! { ":kind": LOST, ":command": lost().to_string(), ":id": command_id },
        )?;
    }
    // What was signed was true of a life of the server that is over; the texts stay, and what ends now is signed anew.
    connection.execute(
        "DELETE FROM receipt_items WHERE item IN
             (SELECT command_id FROM outbox WHERE (state = 'acked' OR verdict IS NOT NULL) AND seq > ?)",
        [acked],
    )?;
    connection.execute(
        "UPDATE device SET acked_seq = min(acked_seq, :acked), copied_seq = min(copied_seq, :acked)",
        named_params! { ":acked": acked },
    )?;
    Ok(connection.execute(
        "UPDATE outbox SET state = 'pending', acked_at = NULL, verdict = NULL
         WHERE (state = 'acked' OR verdict IS NOT NULL) AND seq > ?",
        [acked],
    )?)
}

fn lost() -> Value {
    serde_json::json!({ "kind": LOST, "args": {} })
}

/// The acknowledged commands after a number that have a receipt for something else.
fn spoilt_after(connection: &Connection, acked: u64) -> Result<Vec<[u8; 16]>, ClientError> {
    let mut statement = connection
        .prepare_cached("SELECT command_id, schema, command FROM outbox WHERE state = 'acked' AND seq > ?")?;
    let mut rows = statement.query([acked])?;
    let mut spoilt = Vec::new();
    while let Some(row) = rows.next()? {
        let (command_id, schema, text): ([u8; 16], u32, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let is_as_receipted =
            receipt::receipted_digest(connection, RowId(Uuid::from_bytes(command_id)))?.is_none_or(|digest| {
                let command = serde_json::from_str::<Value>(&text);
                command.is_ok_and(|command| hex(&CommandDigest::of(&command, schema).sha256) == digest)
            });
        if !is_as_receipted {
            spoilt.push(command_id);
        }
    }
    Ok(spoilt)
}
