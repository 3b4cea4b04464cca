//! Sending photo bytes: ask where the server stands, send the rest in parts, note what came of it.
//!
//! **Invariants.** Each answer of the server is checked against what was sent: an offset that does not move or lies
//! beyond the file is no progress, whatever the status. Every failure leaves a next attempt. Bytes that the server
//! refuses stay on the phone and are shown to a person. No transaction is open while the network is awaited.

use serde::Serialize;
use storewalk_domain::time::Timestamp;
use storewalk_wire::{ErrorCode, UploadRequest, UploadState, Variant};

use super::queue::{self, Ended, Upload};
use crate::{
    ClientError, Phone, receipt, session,
    sync::{self, delay_ms},
};

/// Bytes of one part.
const PART_BYTES: u64 = 256 * 1024;

/// Files up to here are sent along with their first announcement: a request less for each thumbnail. Larger ones are not,
/// because an announcement that is refused would have cost all of them.
const ALONG_BYTES: u64 = 32 * 1024;

/// How often a run asks the server anew where an upload stands before it leaves the file for later.
const MAX_RESTARTS: u32 = 3;

/// Code of a file that is no longer on the phone as it was taken.
const FILE_GONE: &str = "photo_file_gone";

/// Code of an upload that does not move.
const NO_PROGRESS: &str = "upload_stuck";

/// What a run of the upload queue did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct UploadReport {
    /// Thumbnails that arrived whole.
    pub thumbnails: u64,
    /// Originals that arrived whole.
    pub originals: u64,
    /// Photo bytes sent.
    pub bytes_sent: u64,
    /// Files the server refused, or that are gone from the phone.
    pub refused: u64,
    /// Code of the failure that ended the run; `None` when it worked through all that was due.
    pub error: Option<String>,
    /// When the next file is due, by the phone's clock; `None` when nothing waits.
    pub next_attempt_at: Option<Timestamp>,
}

impl Phone {
    /// Sends the photo bytes that are due until none is left or the network fails. Beside any sync, never in its way.
    ///
    /// # Errors
    /// When the phone's storage fails or nobody is signed in. What the network does is in the report.
    pub async fn upload_photos(&self) -> Result<UploadReport, ClientError> {
        let _turn = self.inner.uploading.lock().await;
        let mut report = UploadReport::default();
        let mut not_before = None;
        while let Some(upload) = self.next_upload()? {
            let attempt = send(self, &upload, &mut report).await;
            let held = attempt.as_ref().ok().copied();
            let (ended, stops) = self.ending(&upload, attempt)?;
            self.settle(&upload, &ended, held)?;
            count(&mut report, &upload, &ended);
            if stops {
                // Other files are due, but a network that failed one fails them all: leave it alone for as long.
                not_before = self.read(|connection| queue::attempt_of(connection, &upload.request))?;
                break;
            }
        }
        if report.originals > 0 {
            // Only a pull says that they are safe.
            let now = self.inner.clock.now();
            self.write(|transaction| sync::make_due(transaction, now))?;
        }
        if not_before.is_none() {
            self.originals_are_sent();
        }
        let now = self.now();
        let next = self.read(|connection| queue::next_attempt_at(connection, &now, self.hold(&now)))?;
        report.next_attempt_at = next.max(not_before);
        Ok(report)
    }

    /// What is due.
    pub(super) fn next_upload(&self) -> Result<Option<Upload>, ClientError> {
        let now = self.now();
        self.read(|connection| queue::next_due(connection, &now, self.hold(&now)))
    }

    /// Writes down how an attempt ended and, of a file that arrived, what the server gave for it.
    pub(super) fn settle(&self, upload: &Upload, ended: &Ended, held: Option<UploadState>) -> Result<(), ClientError> {
        let now = self.now().device_at;
        if matches!(ended, Ended::Done) {
            self.shown().take_back(&upload.path)?;
        }
        self.write(|transaction| {
            queue::note_end(transaction, upload, ended, now)?;
            match held {
                // The thumbnail stays on the phone; the original is what a receipt lets go.
                Some(held) if upload.request.variant == Variant::Original => {
                    let device = session::device(transaction)?.id;
                    receipt::take_photo(transaction, device, &upload.request, held.receipt.as_ref(), now)
                }
                _ => Ok(()),
            }
        })
    }

    /// How an attempt ended, and whether it is pointless to go on with other files.
    fn ending(&self, upload: &Upload, attempt: Result<UploadState, SendFault>) -> Result<(Ended, bool), ClientError> {
        let Err(fault) = attempt else { return Ok((Ended::Done, false)) };
        let failed = |error: &str, asked: Option<u64>| {
            let wait_ms = delay_ms(upload.attempts.saturating_add(1), asked, self.new_id());
            Ended::Failed { error: error.to_owned(), wait_ms }
        };
        Ok(match fault {
            SendFault::FileGone => (Ended::Refused { error: FILE_GONE.to_owned() }, false),
            SendFault::Stuck => (failed(NO_PROGRESS, None), false),
            SendFault::Call(ClientError::Refused(body)) if is_final(body.code) => {
                tracing::warn!(code = body.code.as_str(), "the server refuses the bytes of a photo");
                (Ended::Refused { error: body.code.as_str().to_owned() }, false)
            }
            SendFault::Call(ClientError::Busy { retry_after_ms }) => (failed("busy", retry_after_ms), true),
            SendFault::Call(error) if error.is_storage() => return Err(error),
            SendFault::Call(error) => (failed(error.code(), None), true),
        })
    }
}

/// Why a file did not arrive.
enum SendFault {
    /// The file is not on the phone, or shorter than it was.
    FileGone,
    /// The server's offset does not move.
    Stuck,
    /// A call failed.
    Call(ClientError),
}

impl From<ClientError> for SendFault {
    fn from(error: ClientError) -> Self {
        Self::Call(error)
    }
}

/// Whether the server will not have these bytes however often they are offered. Anything else goes away by itself.
fn is_final(code: ErrorCode) -> bool {
    match code {
        ErrorCode::RequestMalformed
        | ErrorCode::DeviceUnknown
        | ErrorCode::NotPermitted
        | ErrorCode::NotFound
        | ErrorCode::MethodNotAllowed
        | ErrorCode::PreconditionFailed
        | ErrorCode::BodyTooLarge
        | ErrorCode::ContentType
        | ErrorCode::Refused
        | ErrorCode::ChecksumMismatch
        | ErrorCode::ParcelUnknown
        | ErrorCode::ParcelVersion
        | ErrorCode::ParcelTruncated
        | ErrorCode::ParcelTooLarge
        | ErrorCode::ParcelOtherServer
        | ErrorCode::ParcelTampered
        | ErrorCode::ParcelSignature
        | ErrorCode::ParcelUnreadable
        | ErrorCode::ParcelsWaiting => true,
        ErrorCode::ProtocolUnsupported
        | ErrorCode::AppOutdated
        | ErrorCode::ServerOutdated
        | ErrorCode::SignInFailed
        | ErrorCode::TokenInvalid
        | ErrorCode::RefreshReused
        | ErrorCode::BodyTooSlow
        | ErrorCode::SequenceReused
        | ErrorCode::DeviceCopied
        | ErrorCode::OffsetMismatch
        | ErrorCode::UploadLocked
        | ErrorCode::UploadGone
        | ErrorCode::RangeNotSatisfiable
        | ErrorCode::TooManyRequests
        | ErrorCode::Internal
        | ErrorCode::StorageFull
        | ErrorCode::Unknown => false,
    }
}

/// Whether asking anew where the upload stands is all that is needed.
fn stands_elsewhere(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::OffsetMismatch | ErrorCode::UploadLocked | ErrorCode::UploadGone)
}

async fn send(phone: &Phone, upload: &Upload, report: &mut UploadReport) -> Result<UploadState, SendFault> {
    let request = &upload.request;
    // What a server may hold already is asked for first.
    let mut goes_along = upload.is_untold && request.size_bytes <= ALONG_BYTES;
    for _ in 0..MAX_RESTARTS {
        let state = if std::mem::take(&mut goes_along) {
            match begin(phone, upload, report).await {
                Err(SendFault::Call(ClientError::Refused(body))) if stands_elsewhere(body.code) => continue,
                begun => begun?,
            }
        } else {
            create(phone, request).await?
        };
        match send_rest(phone, upload, state, report).await {
            // Somebody else was faster, or the server lost or gave up the bytes: ask again where it stands.
            Err(SendFault::Call(ClientError::Refused(body))) if stands_elsewhere(body.code) => {}
            other => return other,
        }
    }
    Err(SendFault::Stuck)
}

async fn send_rest(
    phone: &Phone,
    upload: &Upload,
    mut state: UploadState,
    report: &mut UploadReport,
) -> Result<UploadState, SendFault> {
    let request = &upload.request;
    let path = phone.photos_dir().join(&upload.path);
    while !state.is_complete {
        let offset = state.offset;
        if offset >= request.size_bytes {
            return Err(SendFault::Stuck);
        }
        phone.write(|transaction| queue::note_offset(transaction, request, offset))?;
        let most = part_bytes(request.size_bytes - offset);
        let bytes = phone.inner.vault.read_part(&path, offset, most).map_err(|_| SendFault::FileGone)?;
        let length = bytes.len() as u64;
        if length == 0 {
            return Err(SendFault::FileGone);
        }
        let next = append(phone, request, offset, bytes).await?;
        report.bytes_sent += length;
        let has_moved = next.offset > offset && next.offset <= request.size_bytes;
        if !next.is_complete && !has_moved {
            return Err(SendFault::Stuck);
        }
        state = next;
    }
    Ok(state)
}

/// How long the next part is. A short end goes along with the part before it: a part of its own costs a request's headers.
fn part_bytes(rest: u64) -> u64 {
    if rest <= PART_BYTES + PART_BYTES / 2 { rest } else { PART_BYTES }
}

/// Announces a small file and sends it, all in one.
async fn begin(phone: &Phone, upload: &Upload, report: &mut UploadReport) -> Result<UploadState, SendFault> {
    let request = &upload.request;
    let path = phone.photos_dir().join(&upload.path);
    let bytes = phone.inner.vault.read_part(&path, 0, request.size_bytes).map_err(|_| SendFault::FileGone)?;
    if bytes.len() as u64 != request.size_bytes {
        return Err(SendFault::FileGone);
    }
    phone.write(|transaction| queue::note_offset(transaction, request, 0))?;
    let state = phone
        .authorized(|api, token| {
            let (request, bytes) = (request.clone(), bytes.clone());
            async move { api.begin_upload(&token, &request, bytes).await }
        })
        .await?;
    report.bytes_sent += request.size_bytes;
    Ok(state)
}

async fn create(phone: &Phone, request: &UploadRequest) -> Result<UploadState, ClientError> {
    phone
        .authorized(|api, token| {
            let request = request.clone();
            async move { api.create_upload(&token, &request).await }
        })
        .await
}

async fn append(
    phone: &Phone,
    request: &UploadRequest,
    offset: u64,
    bytes: Vec<u8>,
) -> Result<UploadState, ClientError> {
    phone
        .authorized(|api, token| {
            let (request, bytes) = (request.clone(), bytes.clone());
            async move { api.append_upload(&token, &request, offset, bytes).await }
        })
        .await
}

fn count(report: &mut UploadReport, upload: &Upload, ended: &Ended) {
    match ended {
        Ended::Done => match upload.request.variant {
            Variant::Thumbnail => report.thumbnails += 1,
            Variant::Original => report.originals += 1,
        },
        Ended::Refused { .. } => report.refused += 1,
        Ended::Failed { error, .. } => report.error = Some(error.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_end_travels_with_the_part_before_it() {
        assert_eq!([1, PART_BYTES, 300_000].map(part_bytes), [1, PART_BYTES, 300_000]);
        assert_eq!(part_bytes(PART_BYTES * 3 / 2 + 1), PART_BYTES);
        // The 3,600,000 bytes of D6 still go in 14 parts.
        let (mut rest, mut parts) = (3_600_000, 0);
        while rest > 0 {
            rest -= part_bytes(rest);
            parts += 1;
        }
        assert_eq!(parts, 14);
    }
}
