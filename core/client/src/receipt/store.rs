//! Receipts in the phone's database.

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    ids::{DeviceId, RowId},
    time::{DAY_MS, HOUR_MS, Timestamp},
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{
    PhotoReceipt, ReceiptKey, Signature, SyncRequest, SyncResponse, UploadRequest, batch_text, hex, photo_text,
};

use crate::ClientError;

/// Wait before an item is asked about again.
const ASK_AGAIN_MS: i64 = 6 * HOUR_MS;

/// How long receipts are kept.
const KEPT_MS: i64 = 400 * DAY_MS;

/// SQL: an item whose receipt counts. To be used in `… IN (…)`.
pub(crate) struct Counting;

impl Counting {
    /// The items whose receipts count.
    pub(crate) const ITEMS: &'static str = "SELECT item FROM receipt_items
         INNER JOIN receipts ON receipts.id = receipt_items.receipt_id
         INNER JOIN receipt_keys ON receipt_keys.key = receipts.key
         WHERE receipt_keys.is_trusted = 1";
}

/// What a receipt is for.
#[derive(Clone, Copy)]
enum Kind {
    Command,
    Photo,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Photo => "photo",
        }
    }
}

/// Whether the server was ever known to sign.
fn is_signing(connection: &Connection) -> Result<bool, ClientError> {
    Ok(connection.prepare_cached("SELECT 1 FROM receipt_keys")?.exists([])?)
}

/// Keeps a key. Trusted are the first one and those that came with the password.
pub(crate) fn meet_key(
    connection: &Connection,
    key: &ReceiptKey,
    at: Timestamp,
    by_sign_in: bool,
) -> Result<(), ClientError> {
    let is_trusted = by_sign_in || !is_signing(connection)?;
    let sql = "INSERT INTO receipt_keys (key, met_at, is_trusted) VALUES (:key, :at, :trusted)
               ON CONFLICT (key) DO UPDATE SET is_trusted = max(is_trusted, excluded.is_trusted)
               WHERE is_trusted < excluded.is_trusted AND :by_sign_in";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":key": hex(&key.0),
        ":at": at.0,
        ":trusted": is_trusted,
        ":by_sign_in": by_sign_in,
    })?;
    Ok(())
}

/// Takes in the receipt of an answer: all its results are receipted, or all are wanted.
pub(crate) fn take_batch(
    connection: &Connection,
    device: DeviceId,
    request: &SyncRequest,
    response: &SyncResponse,
    now: Timestamp,
) -> Result<(), ClientError> {
    let items = || response.results.iter().map(|result| RowId(result.command_id.0));
    if response.results.is_empty() {
        return Ok(());
    }
    let Some(receipt) = response.receipt else {
        if is_signing(connection)? {
            items().try_for_each(|item| want(connection, item, Kind::Command, "missing", now))?;
        }
        return Ok(());
    };
    meet_key(connection, &receipt.key, response.server_at, false)?;
    let text = batch_text(&receipt.key, device, response.server_at, &request.commands, &response.results);
    let Some(text) = text.filter(|text| receipt.key.has_signed(text, &receipt.signature)) else {
        tracing::error!("the receipt of an answer does not verify; its commands are kept and asked about again");
        return items().try_for_each(|item| want(connection, item, Kind::Command, "invalid", now));
    };
    let id = keep(connection, &receipt.key, response.server_at, &receipt.signature, &text)?;
    items().try_for_each(|item| receipted(connection, item, id))
}

/// Takes in the receipt for a photo that the server says it holds.
pub(crate) fn take_photo(
    connection: &Connection,
    device: DeviceId,
    upload: &UploadRequest,
    receipt: Option<&PhotoReceipt>,
    now: Timestamp,
) -> Result<(), ClientError> {
    let item = upload.photo_id.row();
    let Some(receipt) = receipt else {
        return if is_signing(connection)? { want(connection, item, Kind::Photo, "missing", now) } else { Ok(()) };
    };
    meet_key(connection, &receipt.key, receipt.at, false)?;
    let text = photo_text(&receipt.key, device, receipt.at, upload);
    if receipt.key.has_signed(&text, &receipt.signature) {
        let id = keep(connection, &receipt.key, receipt.at, &receipt.signature, &text)?;
        receipted(connection, item, id)
    } else {
        tracing::error!("the receipt of a photo does not verify; its file is kept");
        want(connection, item, Kind::Photo, "invalid", now)
    }
}

fn keep(
    connection: &Connection,
    key: &ReceiptKey,
    at: Timestamp,
    signature: &Signature,
    text: &str,
) -> Result<i64, ClientError> {
    let sql = "INSERT INTO receipts (key, signed_at, signature, text) VALUES (:key, :at, :signature, :text)";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":key": hex(&key.0),
        ":at": at.0,
        ":signature": hex(&signature.0),
        ":text": text,
    })?;
    Ok(connection.last_insert_rowid())
}

/// Notes the receipt of an item. One that counts stays; an item that is still without one that counts stays wanted.
fn receipted(connection: &Connection, item: RowId, receipt: i64) -> Result<(), ClientError> {
    let counting = Counting::ITEMS;
    let sql = format!(
        "INSERT INTO receipt_items (item, receipt_id) VALUES (:item, :receipt)
         ON CONFLICT (item) DO UPDATE SET receipt_id = excluded.receipt_id WHERE item NOT IN ({counting})"
    );
    connection.prepare_cached(&sql)?.execute(named_params! { ":item": id_blob(item), ":receipt": receipt })?;
    connection.prepare_cached("DELETE FROM receipts_wanted WHERE item = ?")?.execute([id_blob(item)])?;
    Ok(())
}

fn want(connection: &Connection, item: RowId, kind: Kind, problem: &str, now: Timestamp) -> Result<(), ClientError> {
    let counting = Counting::ITEMS;
    let sql = format!(
        "INSERT INTO receipts_wanted (item, kind, problem, ask_at) SELECT :item, :kind, :problem, :at
         WHERE :item NOT IN ({counting})
         ON CONFLICT (item) DO UPDATE SET problem = excluded.problem"
    );
    connection.prepare_cached(&sql)?.execute(named_params! {
        ":item": id_blob(item),
        ":kind": kind.as_str(),
        ":problem": problem,
        ":at": now.plus_ms(ASK_AGAIN_MS).0,
    })?;
    Ok(())
}

/// Commands that go out again are not asked about a second time for a while.
pub(crate) fn note_asked(connection: &Connection, request: &SyncRequest, now: Timestamp) -> Result<(), ClientError> {
    if !connection.prepare_cached("SELECT 1 FROM receipts_wanted WHERE kind = 'command'")?.exists([])? {
        return Ok(());
    }
    let mut statement = connection.prepare_cached("UPDATE receipts_wanted SET ask_at = :at WHERE item = :item")?;
    for envelope in &request.commands {
        let at = now.plus_ms(ASK_AGAIN_MS).0;
        statement.execute(named_params! { ":at": at, ":item": id_blob(RowId(envelope.command_id.0)) })?;
    }
    Ok(())
}

/// Commands that would be removed now but have no receipt are asked about, at once. One under a key that is not trusted
/// yet is not asked about: the answer would be the same.
pub(crate) fn want_for_pruning(connection: &Connection, before: Timestamp) -> Result<(), ClientError> {
    if !is_signing(connection)? {
        return Ok(());
    }
    let sql = "INSERT OR IGNORE INTO receipts_wanted (item, kind, problem, ask_at)
               SELECT command_id, 'command', 'missing', 0 FROM outbox
               WHERE state = 'acked' AND acked_at < :before AND verdict IS NOT NULL
                   AND seq > (SELECT copied_seq FROM device)
                   AND command_id NOT IN (SELECT item FROM receipt_items)";
    connection.prepare_cached(sql)?.execute(named_params! { ":before": before.0 })?;
    Ok(())
}

/// Photos whose file would be freed now but that have no receipt are asked about.
pub(crate) fn want_for_sweep(connection: &Connection, photos: &[[u8; 16]], now: Timestamp) -> Result<(), ClientError> {
    let sql = "INSERT OR IGNORE INTO receipts_wanted (item, kind, problem, ask_at)
               SELECT ?1, 'photo', 'missing', ?2 WHERE ?1 NOT IN (SELECT item FROM receipt_items)";
    let mut statement = connection.prepare_cached(sql)?;
    for photo in photos {
        statement.execute(rusqlite::params![photo, now.0])?;
    }
    Ok(())
}

/// Forgets receipts after their time, and texts that are for nothing any more.
pub(crate) fn forget_unused(connection: &Connection, now: Timestamp) -> Result<(), ClientError> {
    let before = now.plus_ms(-KEPT_MS).0;
    connection.execute(
        "DELETE FROM receipts_wanted WHERE kind = 'command' AND item NOT IN (SELECT command_id FROM outbox)",
        [],
    )?;
    connection
        .prepare_cached("DELETE FROM receipt_items WHERE receipt_id IN (SELECT id FROM receipts WHERE signed_at < ?)")?
        .execute([before])?;
    connection
        .prepare_cached(
            "DELETE FROM receipts WHERE signed_at < ? AND id NOT IN (SELECT receipt_id FROM receipt_items)",
        )?
        .execute([before])?;
    Ok(())
}
