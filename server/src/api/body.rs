//! Bodies in and out: bounded JSON, plain or zstd.

use std::io::{Cursor, Read};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::BytesMut;
use serde::{Serialize, de::DeserializeOwned};
use storewalk_wire::{ANSWER_CODING, ErrorCode};

use super::intake::{Intake, SILENCE};
use crate::error::ApiError;

/// Largest window a zstd frame may ask for: 8 MiB, what RFC 8878 (section 3.1.1.1.2) asks decoders to allow.
const WINDOW_LOG: u32 = 23;

/// Answers are compressed at this level: fast, and within a few percent of slower ones on rows.
const LEVEL: i32 = 3;

/// Answers to phones that sent work are small, and their way is long.
const WORK_LEVEL: i32 = 9;

/// A JSON body as it came, within its limit, not yet decompressed.
pub(super) struct RawJson {
    bytes: Bytes,
    is_packed: bool,
    limit: usize,
}

impl RawJson {
    /// Takes a body in.
    pub(super) async fn take(headers: &HeaderMap, body: Body, limit: usize) -> Result<Self, ApiError> {
        let is_json = media_type(headers).is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(ApiError::new(ErrorCode::ContentType).at("content-type").detail("send application/json"));
        }
        let is_packed = match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None => false,
            Some(name) if name.eq_ignore_ascii_case(b"identity") => false,
            Some(name) if name.eq_ignore_ascii_case(b"zstd") => true,
            Some(_) => {
                let refusal = ApiError::new(ErrorCode::ContentType).at("content-encoding");
                let offer = HeaderValue::from_static("zstd, identity");
                return Err(refusal.detail("send zstd or identity").header(header::ACCEPT_ENCODING, offer));
            }
        };
        Ok(Self { bytes: collect(headers, body, limit).await?, is_packed, limit })
    }

    /// Reads it, with at most the same number of bytes after decompression.
    pub(super) async fn read<T: DeserializeOwned + Send + 'static>(self) -> Result<T, ApiError> {
        off_thread(move || if self.is_packed { parse(&inflate(&self.bytes, self.limit)?) } else { parse(&self.bytes) })
            .await
    }

    /// The same, with its text.
    pub(super) async fn read_with_text<T: DeserializeOwned + Send + 'static>(self) -> Result<(T, Vec<u8>), ApiError> {
        off_thread(move || {
            let text = if self.is_packed { inflate(&self.bytes, self.limit)? } else { self.bytes.to_vec() };
            Ok((parse(&text)?, text))
        })
        .await
    }
}

/// Reads a JSON body of at most `limit` bytes, before and after decompression.
pub(super) async fn read_json<T: DeserializeOwned + Send + 'static>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<T, ApiError> {
    RawJson::take(headers, body, limit).await?.read().await
}

/// A body of raw bytes, within its limit.
pub(super) async fn take_bytes(headers: &HeaderMap, body: Body, limit: usize) -> Result<Vec<u8>, ApiError> {
    Ok(collect(headers, body, limit).await?.into())
}

/// The media type without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim())
}

async fn collect(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > limit) {
        return Err(too_large(limit));
    }
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or_default());
    let mut body = Intake::of(body, SILENCE);
    while let Some(frame) = body.next().await? {
        if bytes.len() + frame.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&frame);
    }
    Ok(bytes.freeze())
}

fn too_large(limit: usize) -> ApiError {
    ApiError::new(ErrorCode::BodyTooLarge).at("body").detail(format!("at most {limit} bytes"))
}

/// Decompresses, but never to more than `limit` bytes, whatever the frame promises.
fn inflate(packed: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
    let fault = |_| ApiError::new(ErrorCode::RequestMalformed).at("body").detail("not a zstd frame");
    let mut decoder = zstd::Decoder::new(Cursor::new(packed)).map_err(fault)?;
    decoder.window_log_max(WINDOW_LOG).map_err(fault)?;
    let mut plain = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut plain).map_err(fault)?;
    if plain.len() > limit { Err(too_large(limit)) } else { Ok(plain) }
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.inner();
        let place = format!("line {}, column {}", inner.line(), inner.column());
        ApiError::new(ErrorCode::RequestMalformed).at(path).detail(place)
    })?;
    reader.end().map_err(|_| ApiError::new(ErrorCode::RequestMalformed).at("body").detail("more than one value"))?;
    Ok(value)
}

/// Answers with JSON, compressed when the phone can read it.
pub(super) async fn answer_json<T: Serialize + Send + 'static>(
    headers: &HeaderMap,
    value: T,
) -> Result<Response, ApiError> {
    answer_after(headers, value, Vec::new()).await
}

/// The same over the text of the request, when the phone can read that; an empty text is none.
pub(super) async fn answer_after<T: Serialize + Send + 'static>(
    headers: &HeaderMap,
    value: T,
    asked: Vec<u8>,
) -> Result<Response, ApiError> {
    let rests_on_asked = !asked.is_empty() && accepts(headers, ANSWER_CODING);
    let is_packed = rests_on_asked || accepts(headers, "zstd");
    let body = off_thread(move || {
        let fault = |error: String| {
            tracing::error!(error = %error, "an answer could not be written");
            ApiError::new(ErrorCode::Internal)
        };
        if !is_packed {
            return serde_json::to_vec(&value).map_err(|error| fault(error.to_string()));
        }
        // Straight into the encoder: the plain text of a page is never held whole.
        let encoder = if rests_on_asked {
            zstd::Encoder::with_ref_prefix(Vec::new(), WORK_LEVEL, &asked)
        } else {
            zstd::Encoder::new(Vec::new(), LEVEL)
        };
        let mut encoder = encoder.map_err(|error| fault(error.to_string()))?;
        // Over another text the frame would unpack to something else: that must show.
        encoder.include_checksum(rests_on_asked).map_err(|error| fault(error.to_string()))?;
        serde_json::to_writer(std::io::BufWriter::new(&mut encoder), &value)
            .map_err(|error| fault(error.to_string()))?;
        encoder.finish().map_err(|error| fault(error.to_string()))
    })
    .await?;
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_packed {
        let coding = if rests_on_asked { ANSWER_CODING } else { "zstd" };
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Ok(response)
}

/// Whether the phone can read a content coding.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let asked = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    asked.flat_map(|value| value.split(',')).any(|part| {
        let (name, rank) = part.split_once(';').unwrap_or((part, ""));
        let is_refused = rank.replace(' ', "").strip_prefix("q=").is_some_and(|rank| rank.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case(coding) && !is_refused
    })
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::new(ErrorCode::Internal))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_grows_beyond_the_limit_is_stopped_there() {
        let bomb = zstd::encode_all(&vec![0_u8; 64 * 1024 * 1024][..], 3).expect("packed");
        assert!(bomb.len() < 16 * 1024);
        let refused = inflate(&bomb, 1024 * 1024).expect_err("a bomb");
        assert_eq!(refused.code, ErrorCode::BodyTooLarge);
        assert_eq!(inflate(b"no frame", 10).expect_err("rubbish").code, ErrorCode::RequestMalformed);
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        let refused = parse::<storewalk_wire::SyncRequest>(br#"{"protocol":1,"commands":[{"seq":"one"}]}"#);
        assert_eq!(refused.expect_err("wrong kind").at, "commands[0].seq");
        assert_eq!(parse::<u8>(b"1 2").expect_err("two values").code, ErrorCode::RequestMalformed);
        let deep = "[".repeat(100_000);
        assert!(parse::<serde_json::Value>(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_phone_that_refuses_zstd_gets_plain_json() {
        let asking = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            accepts(&headers, "zstd")
        };
        assert!(asking("gzip, zstd"));
        assert!(asking("ZSTD;q=0.5"));
        assert!(!asking("gzip, zstd;q=0"));
        assert!(!asking("zstdx"));
        assert!(!accepts(&HeaderMap::new(), "zstd"));
    }
}
