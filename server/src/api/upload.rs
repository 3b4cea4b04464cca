//! `/uploads`: photo bytes, resumable.
//!
//! **Invariants.** The place of an upload follows from photo and variant, so creating it twice is creating it once.
//! Bytes that arrived stay, whatever becomes of the connection. No offset is told that the disk does not hold. Work
//! on an upload runs in a task of its own: a phone that hangs up cannot stop it halfway.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use storewalk_domain::ids::PhotoId;
use storewalk_wire::{ErrorCode, UploadRequest, Variant};

use super::{
    body::media_type,
    receive::{self, Part, settled},
    tus,
};
use crate::{
    auth::DeviceAuth,
    blob::Arrival,
    error::ApiError,
    service::photo::{self, Standing},
    state::AppState,
    store::UploadRecord,
};

/// What the bytes of an upload come as.
const BYTES: &str = "application/offset+octet-stream";

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// What this server can do.
pub(super) async fn options(State(state): State<AppState>) -> Response {
    tus::abilities(state.config.uploads.max_original_bytes)
}

/// Creates an upload, or finds it where it stands. Bytes that come along are the upload's from its start: what is held of
/// them already is passed over.
pub(super) async fn create(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let announced = tus::check_version(&headers).and_then(|()| tus::announcement(&headers));
    let announced = announced.map(|(request, metadata)| {
        let arrival = state.uploads.arrive(request.photo_id, request.variant);
        (request, metadata, arrival)
    });
    // Asked only now: the place in line is that of the request, however long this takes.
    let auth = DeviceAuth::of(&state, &headers).await?;
    let (request, metadata, arrival) = announced?;
    let first = if media_type(&headers) == Some(BYTES) { Some(Part::of(0, &headers, body)?) } else { None };
    let work = async move {
        let place = format!("/uploads/{}/{}", request.photo_id, request.variant.as_str());
        photo::own(&state, &auth.account, request.photo_id).await?;
        // A phone that asks again has lost its line; whoever still writes for it is asked to stop, so that the offset
        // told is the last word.
        let mut turn = arrival.take().await;
        let (photo_id, variant) = (request.photo_id, request.variant);
        match photo::begin_as(&state, &auth.account, request, metadata).await? {
            Standing::Held { size_bytes, sha256 } => {
                let held = UploadRequest { photo_id, variant, size_bytes, sha256 };
                Ok(receipted(&state, &auth, &held, tus::created(&place, size_bytes)))
            }
            Standing::Open(upload) => {
                let upload = photo::touch(&state, upload).await?;
                let offset = match first {
                    Some(part) => receive::add_from_start(&state, &mut turn, &upload, part).await?,
                    None => standing_at(&state, &upload).await?,
                };
                let (held, answer) = (request_of(&upload), tus::created(&place, offset));
                if offset == held.size_bytes {
                    return Ok(receipted(&state, &auth, &held, answer));
                }
                Ok(tus::until(answer, photo::expires_at(&state, &upload)))
            }
        }
    };
    tokio::spawn(work).await.map_err(|_| ErrorCode::Internal)?
}

/// Where an upload stands. Wrong bytes that were never verified, because the server ended in between, start again from
/// nothing.
async fn standing_at(state: &AppState, upload: &UploadRecord) -> Result<u64, ApiError> {
    match settled(state, upload).await {
        Err(error) if error.code == ErrorCode::ChecksumMismatch => Ok(0),
        other => other,
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
    Arriving(Place(photo_id, variant), arrival): Arriving,
    auth: DeviceAuth,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    // Whoever still writes is asked to stop, so that the offset told is the last word.
    let _turn = match photo::standing(&state, &auth.account, photo_id, variant).await? {
        Standing::Open(_) => Some(arrival.take().await),
        Standing::Held { .. } => None,
    };
    match photo::standing(&state, &auth.account, photo_id, variant).await? {
        Standing::Held { size_bytes, sha256 } => {
            let held = UploadRequest { photo_id, variant, size_bytes, sha256 };
            let answer = tus::progress(size_bytes, size_bytes, &tus::metadata_of(&held));
            Ok(receipted(&state, &auth, &held, answer))
        }
        Standing::Open(upload) => {
            let (held, offset) = (request_of(&upload), standing_at(&state, &upload).await?);
            let answer = tus::progress(offset, held.size_bytes, &upload.metadata);
            if offset == held.size_bytes {
                return Ok(receipted(&state, &auth, &held, answer));
            }
            Ok(tus::until(answer, photo::expires_at(&state, &upload)))
        }
    }
}

/// Adds bytes at an offset; verifies the whole when it is complete.
pub(super) async fn append(
    State(state): State<AppState>,
    Arriving(Place(photo_id, variant), arrival): Arriving,
    auth: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    if media_type(&headers) != Some(BYTES) {
        let refusal = ApiError::new(ErrorCode::ContentType).at("content-type");
        return Err(refusal.detail(format!("send {BYTES}")));
    }
    let offset = tus::offset(&headers)?;
    let part = Part::of(offset, &headers, body)?;
    let work = async move {
        // Nobody but its owner may so much as knock at an upload.
        photo::standing(&state, &auth.account, photo_id, variant).await?;
        // The turn comes first: only then is it known how the upload stands.
        let turn = arrival.take_from_silent().await;
        let mut turn = turn.ok_or(ErrorCode::UploadLocked)?;
        match photo::standing(&state, &auth.account, photo_id, variant).await? {
            Standing::Held { size_bytes, sha256 } if offset == size_bytes => {
                let held = UploadRequest { photo_id, variant, size_bytes, sha256 };
                Ok(receipted(&state, &auth, &held, tus::appended(size_bytes)))
            }
            Standing::Held { size_bytes, .. } => Err(tus::with_offset(ErrorCode::OffsetMismatch.into(), size_bytes)),
            Standing::Open(upload) => {
                let whole = request_of(&upload);
                let (held, answer) = receive::add(&state, &mut turn, &upload, part).await?;
                Ok(if held == whole.size_bytes { receipted(&state, &auth, &whole, answer) } else { answer })
            }
        }
    };
    tokio::spawn(work).await.map_err(|_| ErrorCode::Internal)?
}

/// Gives an upload up.
pub(super) async fn cancel(
    State(state): State<AppState>,
    Arriving(Place(photo_id, variant), arrival): Arriving,
    auth: DeviceAuth,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    tus::check_version(&headers)?;
    photo::standing(&state, &auth.account, photo_id, variant).await?;
    let _turn = arrival.take().await;
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
    place: Arriving,
    auth: DeviceAuth,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    match headers.get(METHOD_OVERRIDE).map(|value| value.as_bytes().to_ascii_uppercase()).as_deref() {
        Some(b"PATCH") => append(state, place, auth, headers, body).await,
        Some(b"DELETE") => cancel(state, place, auth, headers).await,
        Some(b"HEAD") => head(state, place, auth, headers).await,
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

/// The upload that a path names, and a place in line there: taken before it is asked who sends, so that a request keeps it
/// however long that takes.
pub(super) struct Arriving(Place, Arrival);

impl axum::extract::FromRequestParts<AppState> for Arriving {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &AppState) -> Result<Self, ApiError> {
        let place = Place::from_request_parts(parts, state).await?;
        let arrival = state.uploads.arrive(place.0, place.1);
        Ok(Self(place, arrival))
    }
}
