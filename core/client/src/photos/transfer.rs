//! Photo bytes that the platform sends in the core's stead, as it can while the app is suspended or gone.
//!
//! **States.** Due → handed out: the queue leaves the file alone for an hour → due again, at once when the platform says
//! that it has ended, however it has.
//!
//! **Invariants.** The platform's word is never believed: the next run of the queue asks the server where the file stands
//! and goes on from there. A platform that says nothing, or dies, delays a file and loses none. Where data is encrypted
//! the platform gets a plain copy (`vault/shown.rs`), which goes when the transfer has ended. A handing out that fails or
//! is given up in between hands out nothing: what was made ready is due again.

use std::path::PathBuf;

use storewalk_domain::{
    ids::PhotoId,
    time::{HOUR_MS, Timestamp},
};
use storewalk_wire::{UploadRequest, Variant};

use super::queue::{self, Ended};
use crate::{ClientError, Phone};

/// How long a file that was handed out is left alone when nobody says what became of it.
const LEFT_ALONE_MS: i64 = HOUR_MS;

/// One request that sends the rest of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Names it; what [`Phone::transfer_ended`] is told.
    pub id: String,
    /// Where to; the method is `PATCH`.
    pub url: String,
    /// Headers to send as they are, the person's access token among them, which runs out before long.
    pub headers: Vec<(String, String)>,
    /// The file.
    pub path: PathBuf,
    /// From which byte of it.
    pub offset: u64,
    /// How many bytes.
    pub length: u64,
}

impl std::fmt::Debug for Transfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transfer").field("id", &self.id).field("offset", &self.offset).finish_non_exhaustive()
    }
}

/// Transfers that nobody has yet. Dropped, be it because the caller gave up, their files are due again.
struct Ready<'p> {
    phone: &'p Phone,
    transfers: Vec<Transfer>,
}

impl Drop for Ready<'_> {
    fn drop(&mut self) {
        for transfer in &self.transfers {
            if let Err(error) = self.phone.transfer_ended(&transfer.id) {
                tracing::warn!(code = error.code(), "a file that nobody sends waits for an hour");
            }
        }
    }
}

impl Phone {
    /// Hands out at most so many of the files that are due, each announced to the server. None with a transport that is
    /// not HTTP.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses before anything was handed out, nobody is signed in, or the storage
    /// fails.
    pub async fn hand_out_transfers(&self, most: usize) -> Result<Vec<Transfer>, ClientError> {
        let _turn = self.inner.uploading.lock().await;
        let mut ready = Ready { phone: self, transfers: Vec::new() };
        while ready.transfers.len() < most {
            match self.next_transfer().await {
                Ok(Some(transfer)) => ready.transfers.push(transfer),
                Err(error) if ready.transfers.is_empty() => return Err(error),
                // What is ready goes; what failed is due and tried again.
                Ok(None) | Err(_) => break,
            }
        }
        Ok(std::mem::take(&mut ready.transfers))
    }

    /// Announces the next file that is due to the server and makes it ready; files that the server holds are settled.
    async fn next_transfer(&self) -> Result<Option<Transfer>, ClientError> {
        let Some(http) = self.http() else { return Ok(None) };
        while let Some(upload) = self.next_upload()? {
            let request = &upload.request;
            let (state, token) = self
                .authorized(|api, token| {
                    let request = request.clone();
                    async move { api.create_upload(&token, &request).await.map(|state| (state, token)) }
                })
                .await?;
            if state.is_complete {
                self.settle(&upload, &Ended::Done, Some(state))?;
                continue;
            }
            let (url, headers) = http.rest_of_upload(&token, request, state.offset)?;
            self.needs_room(usize::try_from(request.size_bytes).unwrap_or(usize::MAX))?;
            let path = self.shown().hand_out(&upload.path)?;
            let id = format!("{}/{}", request.photo_id, request.variant.as_str());
            let length = request.size_bytes.saturating_sub(state.offset);
            let transfer = Transfer { id, url, headers, path, offset: state.offset, length };
            if let Err(error) = self.put_off(request, LEFT_ALONE_MS) {
                self.shown().take_back(&upload.path)?;
                return Err(error);
            }
            return Ok(Some(transfer));
        }
        Ok(None)
    }

    /// Takes note that a transfer has ended, well or not: the file is due at once. Nothing happens for one that is gone.
    ///
    /// # Errors
    /// When the name is none, or the storage fails.
    pub fn transfer_ended(&self, id: &str) -> Result<(), ClientError> {
        let unknown = || ClientError::NotFound { what: "transfer" };
        let (photo, variant) = id.split_once('/').ok_or_else(unknown)?;
        let photo_id: PhotoId = photo.parse().map_err(|_| unknown())?;
        let variant = Variant::from_name(variant).ok_or_else(unknown)?;
        self.take_back(photo_id, variant)?;
        self.put_off(&UploadRequest { photo_id, variant, size_bytes: 0, sha256: String::new() }, 0)
    }

    fn take_back(&self, photo_id: PhotoId, variant: Variant) -> Result<(), ClientError> {
        let name = self.read(|connection| queue::name_of(connection, photo_id, variant))?;
        Ok(name.map_or(Ok(()), |name| self.shown().take_back(&name))?)
    }

    fn put_off(&self, request: &UploadRequest, by_ms: i64) -> Result<(), ClientError> {
        let next: Timestamp = self.now().device_at.plus_ms(by_ms);
        self.write(|transaction| queue::put_off(transaction, request, next))
    }
}
