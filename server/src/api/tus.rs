//! tus 1.0.0 (<https://tus.io/protocols/resumable-upload>): its headers in and out.

mod proof;

use std::time::{Duration, UNIX_EPOCH};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use storewalk_domain::time::Timestamp;
use storewalk_wire::{ErrorCode, PhotoReceipt, UploadRequest, Variant};

pub(super) use proof::Proof;

use crate::error::ApiError;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
const EXTENSIONS: HeaderName = HeaderName::from_static("tus-extension");
const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

const RECEIPT: HeaderName = HeaderName::from_static("storewalk-receipt");

/// Longest `Upload-Metadata`, in bytes.
const MOST_METADATA: usize = 4 * 1024;

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

/// What a creation announces, and what it says of it word for word.
pub(super) fn announcement(headers: &HeaderMap) -> Result<(UploadRequest, String), ApiError> {
    let size_bytes = number(headers, &LENGTH)?;
    let metadata = headers.get(METADATA).and_then(|value| value.to_str().ok()).ok_or_else(|| malformed(&METADATA))?;
    if metadata.len() > MOST_METADATA {
        return Err(malformed(&METADATA).detail(format!("at most {MOST_METADATA} bytes")));
    }
    let pair = |name: &str| {
        let mut pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
    };
    let fault = || malformed(&METADATA).detail("photo_id, variant and sha256, each in base64");
    let request = UploadRequest {
        photo_id: pair("photo_id").and_then(|id| id.parse().ok()).ok_or_else(fault)?,
        variant: pair("variant").and_then(|name| Variant::from_name(&name)).ok_or_else(fault)?,
        size_bytes,
        sha256: pair("sha256").ok_or_else(fault)?,
    };
    Ok((request, metadata.to_owned()))
}

/// What a creation of these bytes says at the least.
pub(super) fn metadata_of(held: &UploadRequest) -> String {
    let pair = |name: &str, value: &str| format!("{name} {}", STANDARD.encode(value));
    let (photo, variant) = (held.photo_id.to_string(), held.variant.as_str());
    [pair("photo_id", &photo), pair("variant", variant), pair("sha256", &held.sha256)].join(",")
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
pub(super) fn progress(offset: u64, length: u64, metadata: &str) -> Response {
    let headers = [
        (OFFSET, HeaderValue::from(offset)),
        (LENGTH, HeaderValue::from(length)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = (StatusCode::OK, headers).into_response();
    if let Some(value) = HeaderValue::from_str(metadata).ok().filter(|value| !value.is_empty()) {
        response.headers_mut().insert(METADATA, value);
    }
    response
}

/// Adds when the upload ends if nobody goes on with it.
pub(super) fn until(mut response: Response, end: Timestamp) -> Response {
    let end = UNIX_EPOCH + Duration::from_millis(end.0.try_into().unwrap_or_default());
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(end)) {
        response.headers_mut().insert(EXPIRES, value);
    }
    response
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
        (EXTENSIONS, HeaderValue::from_static("creation,creation-with-upload,checksum,expiration,termination")),
        (ALGORITHMS, HeaderValue::from_static(proof::ALGORITHMS)),
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
        announcement(&headers).map(|(request, said)| {
            assert_eq!(said, metadata);
            request
        })
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
        let long = format!("filename {}", "A".repeat(MOST_METADATA));
        for metadata in [&long, "", "photo_id", "photo_id !!!", "variant b3JpZ2luYWw="] {
            assert_eq!(announcing("1", metadata).expect_err("unreadable").at, "upload-metadata", "{metadata}");
        }
    }
}
