//! tus 1.0.0 (<https://tus.io/protocols/resumable-upload>): its headers in and out.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use storewalk_wire::{ErrorCode, PhotoReceipt, UploadRequest, Variant};

use crate::error::ApiError;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
const EXTENSIONS: HeaderName = HeaderName::from_static("tus-extension");
const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

const RECEIPT: HeaderName = HeaderName::from_static("storewalk-receipt");

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

/// Refuses requests of another tus version.
pub(super) fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.get(RESUMABLE) == Some(&VERSION) {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::PreconditionFailed).at(RESUMABLE.as_str()).header(VERSIONS, VERSION))
}

/// `Upload-Offset` of a request.
pub(super) fn offset(headers: &HeaderMap) -> Result<u64, ApiError> {
    number(headers, &OFFSET)
}

/// What a creation announces.
pub(super) fn announcement(headers: &HeaderMap) -> Result<UploadRequest, ApiError> {
    let size_bytes = number(headers, &LENGTH)?;
    let metadata = headers.get(METADATA).and_then(|value| value.to_str().ok()).ok_or_else(|| malformed(&METADATA))?;
    let pair = |name: &str| {
        let mut pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
    };
    let fault = || malformed(&METADATA).detail("photo_id, variant and sha256, each in base64");
    Ok(UploadRequest {
        photo_id: pair("photo_id").and_then(|id| id.parse().ok()).ok_or_else(fault)?,
        variant: pair("variant").and_then(|name| Variant::from_name(&name)).ok_or_else(fault)?,
        size_bytes,
        sha256: pair("sha256").ok_or_else(fault)?,
    })
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, ApiError> {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).ok_or_else(|| malformed(name))?;
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain).ok_or_else(|| malformed(name))
}

fn malformed(name: &HeaderName) -> ApiError {
    ApiError::new(ErrorCode::RequestMalformed).at(name.as_str())
}

/// The answer to a creation.
pub(super) fn created(place: &str, offset: u64) -> Response {
    let location = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/uploads"));
    let headers = [(header::LOCATION, location), (OFFSET, HeaderValue::from(offset))];
    (StatusCode::CREATED, headers).into_response()
}

/// The answer to an append.
pub(super) fn appended(offset: u64) -> Response {
    (StatusCode::NO_CONTENT, [(OFFSET, HeaderValue::from(offset))]).into_response()
}

/// The answer to the question how far an upload has come.
pub(super) fn progress(offset: u64, length: u64) -> Response {
    let headers = [
        (OFFSET, HeaderValue::from(offset)),
        (LENGTH, HeaderValue::from(length)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers).into_response()
}

/// Adds a photo's receipt.
pub(super) fn with_receipt(mut response: Response, receipt: &PhotoReceipt) -> Response {
    if let Ok(value) = HeaderValue::from_str(&receipt.to_text()) {
        response.headers_mut().insert(RECEIPT, value);
    }
    response
}

/// What this server can do.
pub(super) fn abilities(max_size: u64) -> Response {
    let headers = [
        (VERSIONS, VERSION),
        (EXTENSIONS, HeaderValue::from_static("creation,termination")),
        (MAX_SIZE, HeaderValue::from(max_size)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// A refusal that says where the upload stands.
pub(super) fn with_offset(error: ApiError, offset: u64) -> ApiError {
    error.header(OFFSET, offset)
}

/// Every answer names the version.
pub(super) async fn name_version(mut response: Response) -> Response {
    response.headers_mut().insert(RESUMABLE, VERSION);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcing(length: &str, metadata: &str) -> Result<UploadRequest, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(LENGTH, HeaderValue::from_str(length).expect("ascii"));
        headers.insert(METADATA, HeaderValue::from_str(metadata).expect("ascii"));
        announcement(&headers)
    }

    #[test]
    fn an_announcement_is_read_from_its_pairs() {
        let encode = |text: &str| STANDARD.encode(text);
        let id = uuid::Uuid::from_u128(7).to_string();
        let metadata =
            format!("sha256 {},filename,photo_id {}, variant {}", encode("abc"), encode(&id), encode("thumbnail"));
        let read = announcing("12", &metadata).expect("readable");
        assert_eq!(read.photo_id.to_string(), id);
        assert_eq!((read.variant, read.size_bytes, read.sha256.as_str()), (Variant::Thumbnail, 12, "abc"));
    }

    #[test]
    fn an_announcement_that_cannot_be_read_names_its_header() {
        assert_eq!(announcing("-1", "").expect_err("negative").at, "upload-length");
        assert_eq!(announcing("+1", "").expect_err("signed").at, "upload-length");
        assert_eq!(announcing("99999999999999999999", "").expect_err("huge").at, "upload-length");
        for metadata in ["", "photo_id", "photo_id !!!", "variant b3JpZ2luYWw="] {
            assert_eq!(announcing("1", metadata).expect_err("unreadable").at, "upload-metadata", "{metadata}");
        }
    }
}
