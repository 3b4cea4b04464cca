//! `/uploads`: photo bytes, resumable.
//!
//! **Invariants.** The place of an upload follows from photo and variant, so creating it twice is creating it once.
//! Bytes that arrived stay, whatever becomes of the connection. No offset is told that the disk does not hold. Work
//! on an upload runs in a task of its own: a phone that hangs up cannot stop it halfway.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::time::Duration;
use storewalk_domain::ids::PhotoId;
use storewalk_wire::{ErrorCode, UploadRequest, Variant};
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    body::{media_type, next_frame},
    tus,
};
use crate::{
    auth::DeviceAuth,
    blob::Turn,
    error::ApiError,
    service::photo::{self, Standing, disk},
    state::AppState,
    store::UploadRecord,
};

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// What this server can do.
pub(super) async fn options(State(state): State<AppState>) -> Response {
    tus::abilities(state.config.uploads.max_original_bytes)
}

/// Creates an upload, or finds it where it stands.
pub(super) async fn create(
    State(state): State<AppState>,
    auth: DeviceAuth,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    let request = tus::announcement(&headers)?;
    let place = format!("/uploads/{}/{}", request.photo_id, request.variant.as_str());
    // A phone that asks again has lost its line; whoever still writes for it is asked to stop, so that the offset told
    // is the last word.
    let _turn = state.uploads.take(request.photo_id, request.variant).await;
    let (photo_id, variant) = (request.photo_id, request.variant);
    match photo::begin(&state, &auth.account, request).await? {
        Standing::Held { size_bytes, sha256 } => {
            let held = UploadRequest { photo_id, variant, size_bytes, sha256 };
            Ok(receipted(&state, &auth, &held, tus::created(&place, size_bytes)))
        }
        Standing::Open(upload) => {
            let held = request_of(&upload);
            let offset = settled(&state, upload).await?;
            let answer = tus::created(&place, offset);
            Ok(if offset == held.size_bytes { receipted(&state, &auth, &held, answer) } else { answer })
        }
    }
}

/// What was announced of an upload.
fn request_of(upload: &UploadRecord) -> UploadRequest {
    let UploadRecord { photo_id, variant, size_bytes, sha256, .. } = upload.clone();
    UploadRequest { photo_id, variant, size_bytes, sha256 }
}

/// An answer about bytes that are held, with the receipt for them.
fn receipted(state: &AppState, auth: &DeviceAuth, held: &UploadRequest, answer: Response) -> Response {
    tus::with_receipt(answer, &state.receipts.for_photo(auth.device.id, state.now(), held))
}

/// Says how far an upload has come.
pub(super) async fn head(
    State(state): State<AppState>,
    auth: DeviceAuth,
    Place(photo_id, variant): Place,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    match photo::standing(&state, &auth.account, photo_id, variant).await? {
        Standing::Held { size_bytes, sha256 } => {
            let held = UploadRequest { photo_id, variant, size_bytes, sha256 };
            Ok(receipted(&state, &auth, &held, tus::progress(size_bytes, size_bytes)))
        }
        Standing::Open(upload) => {
            // Whoever still writes is asked to stop, so that the offset told is the last word.
            let _turn = state.uploads.take(photo_id, variant).await;
            let size_bytes = upload.size_bytes;
            Ok(tus::progress(settled(&state, upload).await?, size_bytes))
        }
    }
}

/// Adds bytes at an offset; verifies the whole when it is complete.
pub(super) async fn append(
    State(state): State<AppState>,
    auth: DeviceAuth,
    Place(photo_id, variant): Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    if media_type(&headers) != Some("application/offset+octet-stream") {
        let refusal = ApiError::new(ErrorCode::ContentType).at("content-type");
        return Err(refusal.detail("send application/offset+octet-stream"));
    }
    let offset = tus::offset(&headers)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let part = Part { offset, announced, body };
    let work = async move {
        // The turn comes first: only then is it known how the upload stands.
        let turn = state.uploads.take(photo_id, variant).await;
        match photo::standing(&state, &auth.account, photo_id, variant).await? {
            Standing::Held { size_bytes, sha256 } if offset == size_bytes => {
                let held = UploadRequest { photo_id, variant, size_bytes, sha256 };
                Ok(receipted(&state, &auth, &held, tus::appended(size_bytes)))
            }
            Standing::Held { size_bytes, .. } => Err(tus::with_offset(ErrorCode::OffsetMismatch.into(), size_bytes)),
            Standing::Open(upload) => {
                let whole = request_of(&upload);
                let (held, answer) = add(&state, turn, upload, part).await?;
                Ok(if held == whole.size_bytes { receipted(&state, &auth, &whole, answer) } else { answer })
            }
        }
    };
    tokio::spawn(work).await.map_err(|_| ErrorCode::Internal)?
}

/// Gives an upload up.
pub(super) async fn cancel(
    State(state): State<AppState>,
    auth: DeviceAuth,
    Place(photo_id, variant): Place,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    let _turn = state.uploads.take(photo_id, variant).await;
    match photo::standing(&state, &auth.account, photo_id, variant).await? {
        Standing::Held { .. } => Err(ErrorCode::UploadGone.into()),
        Standing::Open(_) => {
            photo::cancel(&state, photo_id, variant).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
    }
}

/// `POST` with `X-HTTP-Method-Override`, for networks that let no other method through.
pub(super) async fn overridden(
    state: State<AppState>,
    auth: DeviceAuth,
    place: Place,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    match headers.get(METHOD_OVERRIDE).map(|value| value.as_bytes().to_ascii_uppercase()).as_deref() {
        Some(b"PATCH") => append(state, auth, place, headers, body).await,
        Some(b"DELETE") => cancel(state, auth, place, headers).await,
        Some(b"HEAD") => head(state, auth, place, headers).await,
        _ => Err(ErrorCode::MethodNotAllowed.into()),
    }
}

/// The photo and the rendering that a path names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(pub(super) PhotoId, pub(super) Variant);

impl axum::extract::FromRequestParts<AppState> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &AppState) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((photo_id, variant)) = path.map_err(|_| ErrorCode::NotFound)?;
        let photo_id = photo_id.parse().map_err(|_| ErrorCode::NotFound)?;
        let variant = Variant::from_name(&variant).ok_or(ErrorCode::NotFound)?;
        Ok(Self(photo_id, variant))
    }
}

/// Bytes on their way.
struct Part {
    offset: u64,
    announced: Option<u64>,
    body: Body,
}

/// Adds a part; says how many bytes are held now.
async fn add(state: &AppState, mut turn: Turn, upload: UploadRecord, part: Part) -> Result<(u64, Response), ApiError> {
    let held = received(state, &upload).await?;
    if part.offset != held {
        return Err(tus::with_offset(ErrorCode::OffsetMismatch.into(), held));
    }
    let room = upload.size_bytes.saturating_sub(held);
    if part.announced.is_some_and(|announced| announced > room) {
        return Err(tus::with_offset(ErrorCode::BodyTooLarge.into(), held));
    }
    let written = write(state, &mut turn, &upload, room, part.body).await;
    let held = received(state, &upload).await?;
    if let Err(error) = written {
        return Err(tus::with_offset(error, held));
    }
    if held == upload.size_bytes {
        photo::finish(state, upload).await.map_err(|error| match error.code {
            ErrorCode::ChecksumMismatch => tus::with_offset(error, 0),
            _ => error,
        })?;
    }
    Ok((held, tus::appended(held)))
}

/// Appends what comes, until the body ends, is too long, dies, or somebody else wants the upload.
async fn write(
    state: &AppState,
    turn: &mut Turn,
    upload: &UploadRecord,
    mut room: u64,
    mut body: Body,
) -> Result<(), ApiError> {
    let silence = Duration::from_secs(state.config.uploads.idle_seconds);
    let path = state.blobs.incoming(upload.photo_id, upload.variant);
    let mut file = File::options().create(true).append(true).open(path).await.map_err(disk)?;
    loop {
        let frame = tokio::select! {
            frame = next_frame(&mut body, silence) => frame?,
            () = turn.is_called_for() => return Err(ErrorCode::OffsetMismatch.into()),
        };
        let Some(frame) = frame else { return Ok(()) };
        if frame.len() as u64 > room {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        room -= frame.len() as u64;
        file.write_all(&frame).await.map_err(disk)?;
        file.flush().await.map_err(disk)?;
    }
}

/// How far an upload has come. One that has all its bytes and was never verified, because the server ended in between,
/// is verified now: a full offset always means that the photo was taken in. Wrong bytes start again from nothing.
async fn settled(state: &AppState, upload: UploadRecord) -> Result<u64, ApiError> {
    let held = received(state, &upload).await?;
    if held < upload.size_bytes {
        return Ok(held);
    }
    match photo::finish(state, upload).await {
        Ok(()) => Ok(held),
        Err(error) if error.code == ErrorCode::ChecksumMismatch => Ok(0),
        Err(error) => Err(error),
    }
}

/// How many bytes the disk holds.
async fn received(state: &AppState, upload: &UploadRecord) -> Result<u64, ApiError> {
    let blobs = state.blobs.clone();
    let (photo_id, variant) = (upload.photo_id, upload.variant);
    let count = tokio::task::spawn_blocking(move || blobs.received(photo_id, variant));
    count.await.map_err(|_| ErrorCode::Internal)?.map_err(disk)
}
