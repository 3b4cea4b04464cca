//! The fake server's receipts.

use storewalk_domain::time::Timestamp;
use storewalk_wire::{BatchReceipt, CommandResult, Envelope, ReceiptKey, Signature, batch_text};

use super::server::{FakeServer, World};

impl FakeServer {
    /// From now on receipts are signed with this, and they verify or do not.
    pub(crate) fn sign_with(&self, seed: u8, verifies: bool) {
        let mut world = self.world();
        (world.seed, world.bends_receipts) = (Some([seed; 32]), !verifies);
    }
}

impl World {
    /// The receipt for the results of an answer, if this server gives any.
    pub(super) fn receipt(
        &self,
        at: Timestamp,
        commands: &[Envelope],
        results: &[CommandResult],
    ) -> Option<BatchReceipt> {
        let (seed, device) = (self.seed.filter(|_| !results.is_empty())?, self.device?);
        let key = ReceiptKey::of_seed(&seed);
        let signed_with = if self.bends_receipts { [0; 32] } else { seed };
        let text = batch_text(&key, device, at, commands, results)?;
        Some(BatchReceipt { key, signature: Signature::of(&signed_with, &text) })
    }
}
