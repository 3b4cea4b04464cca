//! Photo bytes that the platform sends in the core's stead, as it can while the app is suspended or gone.
//!
//! **States.** Due → handed out: the queue leaves the file alone for an hour → due again, at once when the platform says
//! that it has ended, however it has.
//!
//! **Invariants.** The platform's word is never believed: the next run of the queue asks the server where the file stands
//! and goes on from there. A platform that says nothing, or dies, delays a file and loses none. Where data is encrypted
//! the platform gets a plain copy (`vault/shown.rs`), which goes when the transfer has ended.

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

impl Phone {
    /// Hands out at most so many of the files that are due, each announced to the server. None with a transport that is
    /// not HTTP.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses before anything was handed out, nobody is signed in, or the storage
    /// fails.
    pub async fn hand_out_transfers(&self, most: usize) -> Result<Vec<Transfer>, ClientError> {
        let _turn = self.inner.uploading.lock().await;
        let mut handed = Vec::new();
        while handed.len() < most
            && let Some(http) = self.http()
            && let Some(upload) = self.next_upload()?
        {
            let request = &upload.request;
            let announced = self
                .authorized(|api, token| {
                    let request = request.clone();
                    async move { api.create_upload(&token, &request).await.map(|state| (state, token)) }
                })
                .await;
            let (state, token) = match announced {
                Ok(announced) => announced,
                Err(error) if handed.is_empty() => return Err(error),
                Err(_) => break,
            };
            if state.is_complete {
                self.settle(&upload, &Ended::Done, Some(state))?;
                continue;
            }
            let (url, headers) = http.rest_of_upload(&token, request, state.offset)?;
            self.needs_room(usize::try_from(request.size_bytes).unwrap_or(usize::MAX))?;
            let path = self.shown().hand_out(&upload.path)?;
            self.put_off(request, LEFT_ALONE_MS)?;
            handed.push(Transfer {
                id: format!("{}/{}", request.photo_id, request.variant.as_str()),
                url,
                headers,
                path,
                offset: state.offset,
                length: request.size_bytes.saturating_sub(state.offset),
            });
        }
        Ok(handed)
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
