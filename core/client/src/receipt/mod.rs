//! Receipts: the server's signed word for every command and photo, kept where a person can show it.
//!
//! **States of an item.** Answered without a receipt that counts (wanted, asked about again) → receipted. From a server
//! that never signed anything no receipt is wanted.
//!
//! **Invariants.** Nothing is freed without a receipt that verifies under a trusted key, once a server has signed. The
//! first key ever met is trusted, and any that a sign-in gives; another one is kept, its receipts too, but counts for
//! nothing until a sign-in confirms it. A receipt that counts is never replaced by one that does not.

mod ledger;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use ledger::LedgerView;
pub(crate) use store::{
    Counting, forget_unused, meet_key, note_asked, take_batch, take_photo, want_for_pruning, want_for_sweep,
};
pub use view::{ReceiptHealth, ReceiptView};
pub(crate) use view::{health, receipted_digest};
