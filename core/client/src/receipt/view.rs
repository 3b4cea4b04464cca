//! Receipts as a person sees and shows them.

use rusqlite::{Connection, OptionalExtension};
use storewalk_domain::{ids::RowId, time::Timestamp};
use storewalk_sqlite::id_blob;
use storewalk_wire::{ReceiptKey, unhex};

use crate::{ClientError, ErrorView, Phone};

/// The receipt for one command or photo.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptView {
    /// The line of the text that speaks of it: its identity, SHA-256, length and, of a command, how it ended.
    pub line: String,
    /// SHA-256 of what the server took in; 64 hexadecimal digits.
    pub sha256: String,
    /// Length of what the server took in, in bytes.
    pub bytes: u64,
    /// When it was signed, by the server's clock.
    pub signed_at: Timestamp,
    /// Short name of the key: 16 hexadecimal digits.
    pub key_id: String,
    /// The public key (Ed25519): 64 hexadecimal digits.
    pub key: String,
    /// The signature over `text`: 128 hexadecimal digits.
    pub signature: String,
    /// The text that was signed, each line ending with a line feed.
    pub text: String,
    /// Whether the key is one a sign-in has confirmed, or the first ever met.
    pub is_trusted: bool,
}

impl ReceiptView {
    /// The receipt as a file that anybody can check: the signed text, an empty line, the key and the signature.
    pub fn export(&self) -> String {
        format!("{}\npublic key (Ed25519) {}\nsignature {}\n", self.text, self.key, self.signature)
    }
}

/// How receipts go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptHealth {
    /// Commands and photos whose receipt is missing or does not verify; they are kept and asked about again.
    pub wanted: u64,
    /// Of these, those whose receipt did not verify.
    pub invalid: u64,
    /// Whether the server signs with a key that no sign-in has confirmed.
    pub is_key_new: bool,
    /// What to tell a person; `None` when all is well.
    pub problem: Option<ErrorView>,
}

impl Phone {
    /// The receipt for a command or a photo; `None` when the server has given none.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn receipt(&self, item: RowId) -> Result<Option<ReceiptView>, ClientError> {
        self.read(|connection| find(connection, item))
    }

    /// How receipts go.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn receipt_health(&self) -> Result<ReceiptHealth, ClientError> {
        self.read(health)
    }
}

fn find(connection: &Connection, item: RowId) -> Result<Option<ReceiptView>, ClientError> {
    let sql = "SELECT receipts.key, receipts.signed_at, receipts.signature, receipts.text, receipt_keys.is_trusted
               FROM receipt_items
               INNER JOIN receipts ON receipts.id = receipt_items.receipt_id
               INNER JOIN receipt_keys ON receipt_keys.key = receipts.key
               WHERE receipt_items.item = ?";
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(String, i64, String, String, bool)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    };
    let found = connection.prepare_cached(sql)?.query_row([id_blob(item)], read).optional()?;
    let Some((key, signed_at, signature, text, is_trusted)) = found else { return Ok(None) };
    let named = item.to_string();
    let line = text.lines().skip(4).find(|line| line.split(' ').any(|word| word == named)).unwrap_or_default();
    // command <seq> <id> <hash> <length> <verdict>, photo <id> <variant> <hash> <length>
    let words: Vec<&str> = line.split(' ').collect();
    let (sha256, bytes) = (words.get(3).copied().unwrap_or_default(), words.get(4).copied().unwrap_or_default());
    Ok(Some(ReceiptView {
        line: line.to_owned(),
        sha256: sha256.to_owned(),
        bytes: bytes.parse().unwrap_or_default(),
        signed_at: Timestamp(signed_at),
        key_id: unhex(&key).map(|key| ReceiptKey(key).id()).unwrap_or_default(),
        key,
        signature,
        is_trusted,
        text,
    }))
}

/// SHA-256 of what the server took in under an identity, as its receipt has it; `None` without a receipt.
pub(crate) fn receipted_digest(connection: &Connection, item: RowId) -> Result<Option<String>, ClientError> {
    Ok(find(connection, item)?.map(|receipt| receipt.sha256))
}

pub(crate) fn health(connection: &Connection) -> Result<ReceiptHealth, ClientError> {
    let sql = "SELECT (SELECT count(*) FROM receipts_wanted),
                      (SELECT count(*) FROM receipts_wanted WHERE problem = 'invalid'),
                      EXISTS (SELECT 1 FROM receipt_keys WHERE is_trusted = 0)";
    let (wanted, invalid, is_key_new): (u64, u64, bool) =
        connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let code = if invalid > 0 {
        Some("receipt_invalid")
    } else if is_key_new {
        Some("receipt_key_new")
    } else {
        None
    };
    Ok(ReceiptHealth { wanted, invalid, is_key_new, problem: code.map(ErrorView::of_code) })
}
