//! `GET /segments/{bucket}/{hash}`: a file of rows, for those who may read its bucket now.
//!
//! The right is the bucket's and is looked at for each request: a name alone, or a link that once worked, is none. The
//! file is looked over before a byte of it is sent, so that a damaged one is built anew instead of fetched for ever.

use std::io::{Seek, SeekFrom};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use storewalk_domain::sync::Bucket;
use storewalk_wire::{ErrorCode, SegmentRef};
use tokio::{io::AsyncReadExt, sync::OwnedSemaphorePermit};

use crate::{
    auth::DeviceAuth,
    error::ApiError,
    service::{photo::disk, segments::Opened},
    state::AppState,
};

/// Bytes read from the disk at once.
const CHUNK: usize = 64 * 1024;

/// Sends the file, or the rest of it.
pub(super) async fn show(
    State(state): State<AppState>,
    sender: DeviceAuth,
    Path((bucket, hash)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let bucket: Bucket = bucket.parse().map_err(|_| ApiError::new(ErrorCode::NotFound).at("bucket"))?;
    if !sender.account.buckets().contains(&bucket) {
        return Err(ApiError::new(ErrorCode::NotPermitted).at("bucket"));
    }
    let found = state.store.read(move |snapshot| snapshot.segment_in(&bucket, &hash)).await.map_err(ApiError::from)?;
    let segment = found.ok_or_else(|| ApiError::new(ErrorCode::NotFound).at("hash"))?;
    let tag = format!("\"{}\"", segment.hash);
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let start = start_of(&headers, &tag, segment.bytes)?;
        let permit = state.segments.streams.clone().try_acquire_owned().map_err(|_| state.line.later(&state))?;
        let file = open(&state, &segment, start.unwrap_or(0)).await?;
        answer(file, permit, &segment, start)
    };
    let fixed = [
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // Bytes of a hash never change, but the right to read them is one person's.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
        (header::VARY, HeaderValue::from_static("authorization")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    response.headers_mut().extend(fixed);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The file, sound and at an offset.
async fn open(state: &AppState, segment: &SegmentRef, offset: u64) -> Result<tokio::fs::File, ApiError> {
    let (segments, name) = (state.segments.clone(), segment.hash.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let opened = segments.folder().look_up(&name)?;
        match opened {
            Opened::Sound(mut file) => file.seek(SeekFrom::Start(offset)).map(|_| Some(file)),
            Opened::Absent | Opened::Damaged => Ok(None),
        }
    });
    let opened = opened.await.map_err(|_| ErrorCode::Internal)?.map_err(disk)?;
    if let Some(file) = opened {
        return Ok(tokio::fs::File::from_std(file));
    }
    tracing::error!(segment = segment.hash, "a segment is lost or damaged; its bucket is built anew");
    let name = segment.hash.clone();
    state.store.write(move |txn| txn.drop_segment(&name)).await.map_err(ApiError::from)?;
    Err(ApiError::new(ErrorCode::NotFound).at("hash"))
}

fn answer(file: tokio::fs::File, permit: OwnedSemaphorePermit, segment: &SegmentRef, start: Option<u64>) -> Response {
    let left = segment.bytes - start.unwrap_or(0);
    let chunks = stream::try_unfold((file, permit), |(mut file, permit)| async move {
        let mut chunk = vec![0_u8; CHUNK];
        let count = file.read(&mut chunk).await?;
        chunk.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then(|| (Bytes::from(chunk), (file, permit))))
    });
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(left));
    if let Some(start) = start {
        let range = format!("bytes {start}-{}/{}", segment.bytes - 1, segment.bytes);
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(header::CONTENT_RANGE, range);
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// Where a `Range: bytes=N-` begins. Ranges of another form are passed over, as RFC 9110 (section 14.2) allows; so is
/// one that `If-Range` ties to other bytes.
fn start_of(headers: &HeaderMap, tag: &str, length: u64) -> Result<Option<u64>, ApiError> {
    let is_tied_elsewhere = headers.get(header::IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes());
    let asked = headers.get(header::RANGE).filter(|_| !is_tied_elsewhere).and_then(|range| range.to_str().ok());
    let digits = asked.and_then(|asked| asked.trim().strip_prefix("bytes=")?.strip_suffix('-'));
    let is_number = |digits: &&str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let Some(digits) = digits.filter(is_number) else { return Ok(None) };
    match digits.parse::<u64>() {
        Ok(start) if start < length => Ok(Some(start)),
        _ => {
            let whole = format!("bytes */{length}");
            let refusal = ApiError::new(ErrorCode::RangeNotSatisfiable).at("range").detail(format!("{length} bytes"));
            Err(match HeaderValue::from_str(&whole) {
                Ok(whole) => refusal.header(header::CONTENT_RANGE, whole),
                Err(_) => refusal,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(range: &'static str, if_range: Option<&'static str>) -> Result<Option<u64>, ErrorCode> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static(range));
        headers.extend(if_range.map(|known| (header::IF_RANGE, HeaderValue::from_static(known))));
        start_of(&headers, "\"tag\"", 100).map_err(|refusal| refusal.code)
    }

    #[test]
    fn the_rest_of_a_file_is_asked_for_by_its_first_byte() {
        assert_eq!(asking("bytes=0-", None), Ok(Some(0)));
        assert_eq!(asking("bytes=99-", Some("\"tag\"")), Ok(Some(99)));
        assert_eq!(asking("bytes=99-", Some("\"other\"")), Ok(None));
        for beyond in ["bytes=100-", "bytes=18446744073709551615-", "bytes=99999999999999999999999-"] {
            assert_eq!(asking(beyond, None), Err(ErrorCode::RangeNotSatisfiable), "{beyond}");
        }
        for other in ["bytes=-5", "bytes=0-5", "bytes=0-1,5-", "rows=1-", "bytes=", "bytes=x-", "bytes=+1-"] {
            assert_eq!(asking(other, None), Ok(None), "{other}");
        }
    }
}
