//! Small pictures: one request each, and never more bytes than one has.

use reqwest::{Method, header::ACCEPT_ENCODING};
use storewalk_wire::{ApiError, MAX_SMALL_PICTURE_BYTES, SmallPicture};

use super::http::HttpApi;

/// Bytes of a small picture.
pub(super) async fn fetch(api: &HttpApi, token: &str, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
    let request = api.request(Method::GET, &picture.path())?.bearer_auth(token).header(ACCEPT_ENCODING, "identity");
    let mut response = api.send(request, 0).await?;
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(bytes),
            Ok(Some(chunk)) => {
                api.received(chunk.len());
                bytes.extend_from_slice(&chunk);
            }
            Err(error) if error.is_timeout() => return Err(ApiError::Timeout),
            Err(_) => return Err(ApiError::NotTheServer("a picture cut short".to_owned())),
        }
        if bytes.len() > MAX_SMALL_PICTURE_BYTES {
            return Err(ApiError::NotTheServer("a small picture that is not small".to_owned()));
        }
    }
}
