//! Every command the server answered has the server's signed word for it on its phone, and the word is for what was
//! captured and for how it ended.

use rusqlite::{Connection, OptionalExtension};
use storewalk_wire::{CommandDigest, CommandVerdict, ReceiptKey, Signature, hex, unhex, verdict_word};

use crate::simulation::{evidence::Evidence, handset::Captured};

/// A receipt as the phone keeps it.
struct Kept {
    text: String,
    signature: String,
    key: String,
}

/// At quiescence: what stands in the outbox has a receipt that verifies. A phone that was copied, or whose peer was of
/// another release for a while, need not have all of them; those it has must be right.
///
/// # Errors
/// When a database cannot be read.
pub fn every_command_is_receipted(server: &Connection, handset: &impl Evidence) -> anyhow::Result<Vec<String>> {
    let seed: [u8; 32] = server.query_row("SELECT seed FROM receipt_signer", [], |row| row.get(0))?;
    let key = hex(&ReceiptKey::of_seed(&seed).0);
    let mut objections = Vec::new();
    for captured in handset.ledger() {
        let name = format!("{}: number {} ({})", handset.name(), captured.seq, captured.command_id);
        let Some((verdict, schema)) = answer(handset, captured)? else { continue };
        match receipt(handset, captured)? {
            None if handset.is_copied() || handset.was_skewed() || handset.is_renumbered() => {}
            None => objections.push(format!("{name} has no receipt")),
            Some(kept) if kept.key != key => objections.push(format!("{name} is receipted with the key {}", kept.key)),
            // A copy gives its orders numbers of its own: then the other's word is for the other number.
            Some(_) if handset.is_copied() => {}
            // What was spoilt on the phone and then asked for again ended as lost; the first receipt stays.
            Some(_) if handset.is_renumbered() && matches!(verdict, CommandVerdict::Refused { .. }) => {}
            Some(kept) => {
                objections.extend(
                    fault(&kept, captured, schema, &verdict).map(|fault| format!("{name}: {fault}: {}", kept.text)),
                );
            }
        }
    }
    Ok(objections)
}

/// How a command that still stands in the outbox ended, and the shape it was written in.
fn answer(handset: &impl Evidence, captured: &Captured) -> anyhow::Result<Option<(CommandVerdict, u32)>> {
    let sql = "SELECT verdict, schema FROM outbox WHERE command_id = ? AND state = 'acked' AND verdict IS NOT NULL";
    let mut statement = handset.database().prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
    let found = statement.query_row([captured.command_id.0.as_bytes()], read).optional()?;
    found.map(|(text, schema)| Ok((serde_json::from_str(&text)?, schema))).transpose()
}

fn receipt(handset: &impl Evidence, captured: &Captured) -> anyhow::Result<Option<Kept>> {
    let mut statement = handset.database().prepare_cached(
        "SELECT receipts.text, receipts.signature, receipts.key FROM receipt_items
         JOIN receipts ON receipts.id = receipt_items.receipt_id WHERE receipt_items.item = ?",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok(Kept { text: row.get(0)?, signature: row.get(1)?, key: row.get(2)? });
    Ok(statement.query_row([captured.command_id.0.as_bytes()], read).optional()?)
}

/// What is wrong with a receipt, checked from its text alone.
fn fault(kept: &Kept, captured: &Captured, schema: u32, verdict: &CommandVerdict) -> Option<String> {
    let signed = unhex(&kept.key)
        .zip(unhex(&kept.signature))
        .is_some_and(|(key, signature)| ReceiptKey(key).has_signed(&kept.text, &Signature(signature)));
    if !signed {
        return Some("the signature is not the server's".to_owned());
    }
    let id = captured.command_id.to_string();
    let Some(line) = kept.text.lines().find(|line| line.split(' ').nth(2) == Some(&id)) else {
        return Some("it does not speak of this command".to_owned());
    };
    let words: Vec<&str> = line.split(' ').collect();
    let digest = CommandDigest::of(&captured.command, schema);
    let expected = [hex(&digest.sha256), digest.bytes.to_string(), verdict_word(verdict).to_owned()];
    let said = words.get(3..6).unwrap_or_default();
    (said != expected).then(|| format!("it says {said:?}, not {expected:?}"))
}
