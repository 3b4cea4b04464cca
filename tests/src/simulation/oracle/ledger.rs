//! Every captured command is worked through or visibly refused, exactly once, in the order it was captured.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, params};
use storewalk_domain::ids::{CommandId, DeviceId};
use storewalk_wire::CommandVerdict;

use crate::simulation::{evidence::Evidence, handset::Captured};

/// On the phone: whatever the core acknowledged still stands in its outbox, under its number.
///
/// # Errors
/// When a database cannot be read.
pub fn nothing_captured_is_lost(handset: &impl Evidence) -> anyhow::Result<Vec<String>> {
    let mut statement = handset.database().prepare_cached("SELECT seq, command FROM outbox WHERE command_id = ?")?;
    let mut objections = Vec::new();
    for captured in handset.ledger() {
        let found: Option<(u64, String)> =
            statement.query_row([captured.command_id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((seq, command)) => {
                // Of what the server has answered the phone keeps one copy only. Harm to that copy costs nobody anything
                // as long as the server's word, the receipt, is for what was captured.
                let is_done = handset.is_renumbered() && is_acked(handset, captured.seq)?;
                let is_same = is_done
                    || serde_json::from_str(&command).is_ok_and(|found: serde_json::Value| found == captured.command);
                // A phone whose files were harmed may have had to give its numbers anew.
                if (seq != captured.seq && !handset.is_renumbered()) || !is_same {
                    objections.push(format!("{}: {} has become {seq} {command}", handset.name(), describe(captured)));
                }
            }
            // Kept for thirty days after it was acknowledged, then only the server has it.
            None if is_acked(handset, captured.seq)? => {}
            None => objections.push(format!("{}: {} is gone from the outbox", handset.name(), describe(captured))),
        }
    }
    Ok(objections)
}

fn is_acked(handset: &impl Evidence, seq: u64) -> anyhow::Result<bool> {
    let acked: u64 = handset.database().query_row("SELECT acked_seq FROM device", [], |row| row.get(0))?;
    Ok(seq <= acked)
}

/// On the phone: what a person made is shown, unless the server refused it or somebody took it away.
///
/// # Errors
/// When a database cannot be read.
pub fn nothing_captured_is_hidden(handset: &impl Evidence) -> anyhow::Result<Vec<String>> {
    let mut objections = Vec::new();
    if !handset.is_whole() {
        return Ok(objections);
    }
    for captured in handset.ledger() {
        let Some((table, id)) = made_row(captured) else { continue };
        let sql = format!("SELECT 1 FROM {table} WHERE id = ?");
        if handset.database().prepare_cached(&sql)?.exists([id.as_bytes()])? {
            continue;
        }
        if !is_explained(handset, captured)? {
            objections.push(format!("{}: {} shows no row and no reason", handset.name(), describe(captured)));
        }
    }
    Ok(objections)
}

/// On the server: every photo and every order was captured by somebody.
///
/// # Errors
/// When a database cannot be read.
pub fn nothing_is_made_up<'c>(
    server: &Connection,
    captured: impl Iterator<Item = &'c Captured>,
) -> anyhow::Result<Vec<String>> {
    let meant: BTreeSet<(&str, uuid::Uuid)> = captured.filter_map(made_row).collect();
    let mut objections = Vec::new();
    for table in ["photos", "orders"] {
        let mut statement = server.prepare_cached(&format!("SELECT id FROM {table} ORDER BY id"))?;
        for id in statement.query_map([], |row| row.get(0))? {
            let id = uuid::Uuid::from_bytes(id?);
            if !meant.contains(&(table, id)) {
                objections.push(format!("nobody captured {id} of {table}"));
            }
        }
    }
    Ok(objections)
}

/// Whether something says why the row a command made is not there.
fn is_explained(handset: &impl Evidence, captured: &Captured) -> anyhow::Result<bool> {
    let sql = "SELECT verdict, local_problem IS NOT NULL, state = 'pending' FROM outbox WHERE command_id = ?";
    let known: Option<(Option<String>, bool, bool)> = handset
        .database()
        .prepare_cached(sql)?
        .query_row([captured.command_id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(known.is_none_or(|(verdict, has_problem, is_pending)| {
        let is_refused = verdict.is_some_and(|verdict| verdict.contains("\"refused\""));
        // What is done may have gone to somebody else since; what is not yet done stays with who did it.
        is_refused || has_problem || (handset.has_moved() && !is_pending)
    }))
}

/// The row a command makes.
fn made_row(captured: &Captured) -> Option<(&'static str, uuid::Uuid)> {
    let (table, field) = match captured.command.get("kind")?.as_str()? {
        "visit.start" | "visit.skip" => ("visits", "visit_id"),
        "photo.attach" => ("photos", "photo_id"),
        "task.raise" => ("tasks", "task_id"),
        "order.submit" => ("orders", "order_id"),
        _ => return None,
    };
    let id = captured.command.get("args")?.get(field)?.as_str()?;
    Some((table, uuid::Uuid::parse_str(id).ok()?))
}

/// On the server, at quiescence: the device's numbers are the ledger's, in its order, each with one answer, refusals
/// are kept whole and visible to their author.
///
/// # Errors
/// When a database cannot be read.
pub fn worked_through_once(server: &Connection, handset: &impl Evidence) -> anyhow::Result<Vec<String>> {
    let mut stored = commands_of(server, handset.device_id()?)?;
    let mut objections = Vec::new();
    let mut last = 0;
    for captured in handset.ledger() {
        let found = stored.remove(&captured.command_id);
        let Some((seq, verdict)) = found.or(elsewhere(server, handset, captured)?) else {
            objections.push(format!("{}: {} never arrived", handset.name(), describe(captured)));
            continue;
        };
        let is_in_order = handset.is_copied() || (seq > last && (seq == captured.seq || handset.is_renumbered()));
        if !is_in_order {
            let what = format!("{}: {} was worked through as number {seq}", handset.name(), describe(captured));
            objections.push(what);
        }
        last = seq;
        objections.extend(effect_stands(server, handset, captured, &verdict)?);
        objections.extend(answer_is_shown(server, handset, captured, &verdict)?);
    }
    // What the other half of a copied phone did stands in the other's ledger.
    for (stranger, (seq, verdict)) in stored.into_iter().filter(|_| !handset.is_copied()) {
        let what = format!("{}: number {seq}, {stranger}, was never captured: {verdict:?}", handset.name());
        objections.push(what);
    }
    Ok(objections)
}

/// A command that was worked through as another device's: of a copied phone, or of one that was given a new identity.
fn elsewhere(
    server: &Connection,
    handset: &impl Evidence,
    captured: &Captured,
) -> anyhow::Result<Option<(u64, CommandVerdict)>> {
    if !handset.is_copied() {
        return Ok(None);
    }
    let user = crate::world::user(handset.account().login).0;
    let found: Option<String> = server
        .prepare_cached("SELECT verdict FROM commands WHERE command_id = ? AND user_id = ?")?
        .query_row(params![captured.command_id.0.as_bytes(), user.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found.map(|text| serde_json::from_str(&text)).transpose()?.map(|verdict| (captured.seq, verdict)))
}

fn commands_of(server: &Connection, device: DeviceId) -> anyhow::Result<BTreeMap<CommandId, (u64, CommandVerdict)>> {
    let mut statement = server.prepare_cached(
        "SELECT numbered.command_id, numbered.seq, command.verdict
         FROM device_commands AS numbered
         JOIN commands AS command ON command.command_id = numbered.command_id AND command.user_id = numbered.user_id
         WHERE numbered.device_id = ? ORDER BY numbered.seq",
    )?;
    let mut rows = statement.query([device.0.as_bytes()])?;
    let mut stored = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(2)?;
        let verdict = serde_json::from_str(&text).context("a stored verdict")?;
        // Under a second number the same command counts as the same: the first is its place.
        stored.entry(CommandId(uuid::Uuid::from_bytes(row.get(0)?))).or_insert((row.get(1)?, verdict));
    }
    Ok(stored)
}

/// What was taken in is in the server's rows, whoever may see it now.
fn effect_stands(
    server: &Connection,
    handset: &impl Evidence,
    captured: &Captured,
    verdict: &CommandVerdict,
) -> anyhow::Result<Option<String>> {
    let Some((table, id)) = made_row(captured) else { return Ok(None) };
    if matches!(verdict, CommandVerdict::Refused { .. }) {
        return Ok(None);
    }
    let sql = format!("SELECT 1 FROM {table} WHERE id = ?");
    let stands = server.prepare_cached(&sql)?.exists([id.as_bytes()])?;
    Ok((!stands).then(|| format!("{}: {} was taken in and has no row", handset.name(), describe(captured))))
}

/// The phone knows the server's answer; a refusal stands as a row on both sides and its command is kept whole.
fn answer_is_shown(
    server: &Connection,
    handset: &impl Evidence,
    captured: &Captured,
    verdict: &CommandVerdict,
) -> anyhow::Result<Vec<String>> {
    let mut objections = Vec::new();
    let id = captured.command_id.0;
    let shown: Option<Option<String>> = handset
        .database()
        .prepare_cached("SELECT verdict FROM outbox WHERE command_id = ?")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(shown) = shown {
        let shown: Option<CommandVerdict> = shown.map(|text| serde_json::from_str(&text)).transpose()?;
        if shown.as_ref() != Some(verdict) {
            let what =
                format!("{}: {} ended {verdict:?}, the phone says {shown:?}", handset.name(), describe(captured));
            objections.push(what);
        }
    }
    if matches!(verdict, CommandVerdict::Refused { .. }) {
        let user = crate::world::user(handset.account().login).0;
        let sql = "SELECT 1 FROM dead_letters WHERE command_id = ? AND user_id = ?";
        let is_kept = server.prepare_cached(sql)?.exists(params![id.as_bytes(), user.as_bytes()])?;
        let is_seen = handset.database().prepare_cached("SELECT 1 FROM refusals WHERE command_id = ?")?;
        let mut is_seen = is_seen;
        if !is_kept || !is_seen.exists([id.as_bytes()])? {
            objections.push(format!("{}: the refusal of {} is not to be seen", handset.name(), describe(captured)));
        }
    }
    Ok(objections)
}

fn describe(captured: &Captured) -> String {
    let kind = captured.command.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default();
    format!("number {} ({kind}, {})", captured.seq, captured.command_id)
}
