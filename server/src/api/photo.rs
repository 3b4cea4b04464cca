//! `GET /photos/{id}/{variant}`: photo bytes for those who may see them, on a phone or at the console.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use storewalk_wire::ErrorCode;
use tokio::{fs::File, io::AsyncReadExt};

use super::upload::Place;
use crate::{
    auth::{DeviceAuth, console},
    error::ApiError,
    service::photo::{disk, visible_file},
    state::AppState,
    store::{Account, PhotoFile},
};

/// Bytes read from the disk at once.
const CHUNK: usize = 64 * 1024;

/// Sends the bytes.
pub(super) async fn show(
    State(state): State<AppState>,
    Place(photo_id, variant): Place,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let account = viewer(&state, &headers).await?;
    let file = state.store.read(move |snapshot| visible_file(snapshot, &account, photo_id, variant)).await?;
    let tag = format!("\"{}\"", file.sha256);
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let body = if is_known { None } else { Some(stream_of(&state, &file).await?) };
    let mut response = match body {
        None => StatusCode::NOT_MODIFIED.into_response(),
        Some(body) => body.into_response(),
    };
    let media_type = HeaderValue::from_str(&file.media_type);
    let media_type = media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let fixed = [
        (header::CONTENT_TYPE, media_type),
        // Bytes of a hash never change, but the right to see them is one person's.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::VARY, HeaderValue::from_static("authorization, cookie")),
    ];
    response.headers_mut().extend(fixed);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Who looks: the bearer of a token, or the person at the console.
async fn viewer(state: &AppState, headers: &HeaderMap) -> Result<Account, ApiError> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(DeviceAuth::of(state, headers).await?.account);
    }
    let session = console::current(state, headers).await?;
    session.map(|session| session.account).ok_or_else(|| ErrorCode::TokenInvalid.into())
}

async fn stream_of(state: &AppState, file: &PhotoFile) -> Result<Response, ApiError> {
    let path = state.blobs.path_of(&file.sha256).ok_or(ErrorCode::Internal)?;
    let opened = File::open(path).await.map_err(disk)?;
    let length = HeaderValue::from(file.size_bytes);
    let chunks = stream::try_unfold(opened, |mut opened| async move {
        let mut chunk = vec![0_u8; CHUNK];
        let count = opened.read(&mut chunk).await?;
        chunk.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then(|| (Bytes::from(chunk), opened)))
    });
    Ok(([(header::CONTENT_LENGTH, length)], Body::from_stream(chunks)).into_response())
}
