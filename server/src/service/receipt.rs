//! Receipts: signed after the commit that made true what they say.

use std::sync::Arc;

use storewalk_domain::{ids::DeviceId, time::Timestamp};
use storewalk_wire::{
    BatchReceipt, CommandResult, Envelope, PhotoReceipt, ReceiptKey, Signature, UploadRequest, batch_text, photo_text,
};

use crate::store::{Store, StoreError};

/// Signs receipts with the key of the database.
#[derive(Clone)]
pub struct ReceiptSigner {
    seed: Arc<[u8; 32]>,
    key: ReceiptKey,
}

impl ReceiptSigner {
    /// With the key the database was made with.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(store: &(dyn Store + 'static)) -> Result<Self, StoreError> {
        let seed: [u8; 32] = store.read_blocking(|snapshot| snapshot.receipt_seed())?;
        Ok(Self { key: ReceiptKey::of_seed(&seed), seed: Arc::new(seed) })
    }

    /// The public half.
    pub fn key(&self) -> ReceiptKey {
        self.key
    }

    /// The receipt for the results of an answer; `None` when there are none.
    pub fn for_batch(
        &self,
        device: DeviceId,
        at: Timestamp,
        commands: &[Envelope],
        results: &[CommandResult],
    ) -> Option<BatchReceipt> {
        if results.is_empty() {
            return None;
        }
        let text = batch_text(&self.key, device, at, commands, results)?;
        Some(BatchReceipt { key: self.key, signature: Signature::of(&self.seed, &text) })
    }

    /// The receipt for the bytes of a photo the server holds.
    pub fn for_photo(&self, device: DeviceId, at: Timestamp, upload: &UploadRequest) -> PhotoReceipt {
        let signature = Signature::of(&self.seed, &photo_text(&self.key, device, at, upload));
        PhotoReceipt { key: self.key, at, signature }
    }
}
