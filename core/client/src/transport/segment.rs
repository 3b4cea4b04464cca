//! Segments: the rest of a file from where it stands, and whatever part of that the link gives.

use reqwest::{
    Method, Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, CONTENT_RANGE, IF_RANGE, RANGE},
};
use storewalk_domain::sync::Bucket;
use storewalk_wire::{ApiError, SegmentRef};

use super::http::HttpApi;

/// Bytes of a segment from an offset on. A body that is cut short is as good as its bytes: the caller goes on from
/// there, and looks the whole over by its hash.
pub(super) async fn fetch(
    api: &HttpApi,
    token: &str,
    bucket: &Bucket,
    segment: &SegmentRef,
    offset: u64,
) -> Result<Vec<u8>, ApiError> {
    let left = segment.bytes.saturating_sub(offset);
    if left == 0 {
        return Ok(Vec::new());
    }
    let mut request = api
        .request_at(Method::GET, place(api.base(), bucket, segment)?)
        .bearer_auth(token)
        // The file is packed already; nobody on the way is to pack it again.
        .header(ACCEPT_ENCODING, "identity");
    if offset > 0 {
        request = request.header(RANGE, format!("bytes={offset}-")).header(IF_RANGE, format!("\"{}\"", segment.hash));
    }
    let response = api.send(request, 0).await?;
    let skip = skip_of(&response, offset)?;
    collect(api, response, skip, left).await
}

/// The address of a segment; a region's name may hold any character.
fn place(base: &Url, bucket: &Bucket, segment: &SegmentRef) -> Result<Url, ApiError> {
    let mut url = base.clone();
    let parts = url.path_segments_mut();
    let mut parts = parts.map_err(|()| ApiError::NotTheServer("an address without a path".to_owned()))?;
    parts.pop_if_empty().extend(["segments", &bucket.to_string(), &segment.hash]);
    drop(parts);
    Ok(url)
}

/// How many bytes of the body lie before the offset: a server may answer with the whole.
fn skip_of(response: &Response, offset: u64) -> Result<u64, ApiError> {
    if response.status() != StatusCode::PARTIAL_CONTENT {
        return Ok(offset);
    }
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let begins_there = range.is_some_and(|range| range.starts_with(&format!("bytes {offset}-")));
    if begins_there { Ok(0) } else { Err(ApiError::NotTheServer("another part than asked for".to_owned())) }
}

async fn collect(api: &HttpApi, mut response: Response, mut skip: u64, left: u64) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(bytes),
            // What came is worth keeping: a link that dies every minute still gets there.
            Err(_) if !bytes.is_empty() => return Ok(bytes),
            Err(error) if error.is_timeout() => return Err(ApiError::Timeout),
            Err(_) => return Err(ApiError::NotTheServer("a body cut short".to_owned())),
        };
        api.received(chunk.len());
        let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
        skip -= skipped as u64;
        bytes.extend_from_slice(&chunk[skipped..]);
        if bytes.len() as u64 > left {
            return Err(ApiError::NotTheServer("a segment longer than announced".to_owned()));
        }
    }
}
