//! What was captured on this phone, and the server's receipts for it.

use storewalk_client::{self as client, LedgerView, ReceiptView};
use storewalk_domain::text::Localized;

use crate::Details;

/// Something captured on this phone, as a person recognises it.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct LedgerEntry {
    /// Identity; what `receipt` is asked for.
    pub command_id: String,
    /// What it is, in a few words.
    pub what: Localized,
    /// What it is about: an outlet's name or an order's number; empty when it cannot be said.
    pub about: String,
    /// When it was captured, by the best estimate.
    pub captured_at_ms: i64,
    /// Whether the server has acknowledged it.
    pub is_sent: bool,
    /// Whether a receipt that counts can be shown.
    pub has_receipt: bool,
}

/// The server's signed word for a command or a photo.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Receipt {
    /// The line of the text that speaks of it.
    pub line: String,
    /// SHA-256 of what the server took in, in hex.
    pub sha256: String,
    /// Length of what the server took in, in bytes.
    pub bytes: u64,
    /// When it was signed, by the server's clock.
    pub signed_at_ms: i64,
    /// Short name of the key.
    pub key_id: String,
    /// Whether the key is one a sign-in has confirmed, or the first ever met.
    pub is_trusted: bool,
    /// The receipt as a file that anybody can check.
    pub export: String,
}

/// How receipts go.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct ReceiptHealth {
    /// Commands and photos whose receipt is missing or does not verify.
    pub wanted: u64,
    /// Of these, those whose receipt did not verify.
    pub invalid: u64,
    /// Whether the server signs with a key that no sign-in has confirmed.
    pub is_key_new: bool,
    /// What to tell a person; nothing when all is well.
    pub problem: Option<Details>,
}

impl From<LedgerView> for LedgerEntry {
    fn from(view: LedgerView) -> Self {
        Self {
            command_id: view.command_id.to_string(),
            what: view.what,
            about: view.about,
            captured_at_ms: view.captured_at.0,
            is_sent: view.is_sent,
            has_receipt: view.has_receipt,
        }
    }
}

impl From<ReceiptView> for Receipt {
    fn from(view: ReceiptView) -> Self {
        Self {
            export: view.export(),
            line: view.line,
            sha256: view.sha256,
            bytes: view.bytes,
            signed_at_ms: view.signed_at.0,
            key_id: view.key_id,
            is_trusted: view.is_trusted,
        }
    }
}

impl From<client::ReceiptHealth> for ReceiptHealth {
    fn from(health: client::ReceiptHealth) -> Self {
        let client::ReceiptHealth { wanted, invalid, is_key_new, problem } = health;
        Self { wanted, invalid, is_key_new, problem: problem.map(Details::from) }
    }
}
