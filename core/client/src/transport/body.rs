//! Bodies in and out: JSON, zstd, bounded.

use std::io::Read;

use reqwest::{Response, header::CONTENT_ENCODING};
use serde::{Serialize, de::DeserializeOwned};
use storewalk_wire::{ANSWER_CODING, ApiError, read_json};

use super::traffic::Counter;

/// Most bytes a body may have, before and after decompression.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A thousand commands take a phone some milliseconds more than the fastest level, and a sixth less of the line.
const ZSTD_LEVEL: i32 = 9;

/// A body on its way.
pub(super) struct Packed {
    /// The JSON.
    pub(super) json: Vec<u8>,
    /// The same compressed.
    pub(super) bytes: Vec<u8>,
}

/// A value as compressed JSON.
pub(super) fn pack(value: &impl Serialize) -> Result<Packed, ApiError> {
    let json = serde_json::to_vec(value).map_err(|error| garbled("our own request", &error))?;
    let bytes = zstd::encode_all(json.as_slice(), ZSTD_LEVEL).map_err(|error| garbled("our own request", &error))?;
    Ok(Packed { json, bytes })
}

/// The value in a response's body.
pub(super) async fn unpack<T: DeserializeOwned>(response: Response, counter: &Counter) -> Result<T, ApiError> {
    unpack_answer(response, counter, &[]).await
}

/// The same for an answer that may rest on the JSON of its request.
pub(super) async fn unpack_answer<T: DeserializeOwned>(
    response: Response,
    counter: &Counter,
    asked: &[u8],
) -> Result<T, ApiError> {
    let coding = response.headers().get(CONTENT_ENCODING).cloned();
    let bytes = collect(response, counter).await?;
    let json = match coding {
        Some(coding) if coding == "zstd" => inflate(&bytes, &[], MAX_BODY)?,
        Some(coding) if coding == ANSWER_CODING => inflate(&bytes, asked, MAX_BODY)?,
        _ => bytes,
    };
    read_json(&json).map_err(|error| garbled("a body", &error))
}

async fn collect(mut response: Response, counter: &Counter) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| cut_short(&error))? {
        counter.received(chunk.len());
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(ApiError::NotTheServer("a body larger than any answer".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Decompresses, but never to more than `limit` bytes, whatever the frame promises.
fn inflate(bytes: &[u8], dictionary: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
    let decoder = zstd::Decoder::with_ref_prefix(bytes, dictionary).map_err(|error| garbled("a zstd frame", &error))?;
    let mut plain = Vec::new();
    let over = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(over).read_to_end(&mut plain).map_err(|error| garbled("a zstd frame", &error))?;
    if plain.len() > limit {
        return Err(ApiError::NotTheServer("a body that grows beyond any answer".to_owned()));
    }
    Ok(plain)
}

fn cut_short(error: &reqwest::Error) -> ApiError {
    if error.is_timeout() { ApiError::Timeout } else { ApiError::NotTheServer("a body cut short".to_owned()) }
}

fn garbled(what: &str, error: &dyn std::fmt::Display) -> ApiError {
    ApiError::NotTheServer(format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_the_same() {
        let packed = pack(&vec!["门店"; 500]).expect("packed").bytes;
        assert!(packed.len() < 100);
        let plain = inflate(&packed, &[], MAX_BODY).expect("whole");
        assert_eq!(plain, serde_json::to_vec(&vec!["门店"; 500]).expect("json"));
    }

    #[test]
    fn a_bomb_is_refused_before_it_grows() {
        let bomb = zstd::encode_all(vec![0_u8; 8 * 1024 * 1024].as_slice(), 3).expect("packed");
        assert!(bomb.len() < 4_096);
        assert!(matches!(inflate(&bomb, &[], 1024 * 1024), Err(ApiError::NotTheServer(_))));
    }

    #[test]
    fn half_a_frame_is_no_answer() {
        let packed = pack(&vec!["门店"; 500]).expect("packed").bytes;
        for cut in 0..packed.len() {
            assert!(inflate(&packed[..cut], &[], MAX_BODY).is_err() || cut == 0, "{cut}");
        }
        assert!(inflate(b"<html>log in here</html>", &[], MAX_BODY).is_err());
    }
}
