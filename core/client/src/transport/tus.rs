//! Resumable uploads: tus 1.0 with the creation extension, <https://tus.io/protocols/resumable-upload>.
//!
//! The place of an upload is known beforehand, so a lost answer to the creation costs nothing: it is created again
//! and found where it stands.

use reqwest::{Method, RequestBuilder, Response, header::CONTENT_TYPE};
use storewalk_wire::{ApiError, PROTOCOL, PhotoReceipt, UploadRequest, UploadState};

use super::http::HttpApi;

const TUS_RESUMABLE: &str = "tus-resumable";
const UPLOAD_LENGTH: &str = "upload-length";
const UPLOAD_METADATA: &str = "upload-metadata";
const UPLOAD_OFFSET: &str = "upload-offset";
const RECEIPT: &str = "storewalk-receipt";
const VERSION: &str = "1.0.0";
const BYTES: &str = "application/offset+octet-stream";

/// Creates an upload, or finds it where it stands.
pub(super) async fn create(api: &HttpApi, token: &str, upload: &UploadRequest) -> Result<UploadState, ApiError> {
    let response = api.send(creation(api, token, upload)?, 0).await?;
    if let Some(offset) = offset_of(&response) {
        return Ok(state_at(offset, upload, &response));
    }
    let request = api.request(Method::HEAD, &place(upload))?.bearer_auth(token).header(TUS_RESUMABLE, VERSION);
    let response = api.send(request, 0).await?;
    let offset = offset_of(&response).ok_or_else(no_offset)?;
    Ok(state_at(offset, upload, &response))
}

/// Creates an upload with its first bytes (creation-with-upload).
pub(super) async fn begin(
    api: &HttpApi,
    token: &str,
    upload: &UploadRequest,
    first: Vec<u8>,
) -> Result<UploadState, ApiError> {
    let length = first.len();
    let request = creation(api, token, upload)?.header(CONTENT_TYPE, BYTES).body(first);
    let response = api.send(request, length).await?;
    let offset = offset_of(&response).ok_or_else(no_offset)?;
    Ok(state_at(offset, upload, &response))
}

fn creation(api: &HttpApi, token: &str, upload: &UploadRequest) -> Result<RequestBuilder, ApiError> {
    let request = api.request(Method::POST, "uploads")?.bearer_auth(token).header(TUS_RESUMABLE, VERSION);
    Ok(request.header(UPLOAD_LENGTH, upload.size_bytes).header(UPLOAD_METADATA, metadata(upload)))
}

/// Adds bytes at an offset.
pub(super) async fn append(
    api: &HttpApi,
    token: &str,
    upload: &UploadRequest,
    offset: u64,
    bytes: Vec<u8>,
) -> Result<UploadState, ApiError> {
    let length = bytes.len();
    let request = api
        .request(Method::PATCH, &place(upload))?
        .bearer_auth(token)
        .header(TUS_RESUMABLE, VERSION)
        .header(UPLOAD_OFFSET, offset)
        .header(CONTENT_TYPE, BYTES)
        .body(bytes);
    let response = api.send(request, length).await?;
    let offset = offset_of(&response).ok_or_else(no_offset)?;
    Ok(state_at(offset, upload, &response))
}

impl HttpApi {
    /// Where the rest of an upload goes and under which headers, for somebody else to send it with `PATCH`.
    pub(crate) fn rest_of_upload(
        &self,
        token: &str,
        upload: &UploadRequest,
        offset: u64,
    ) -> Result<(String, Vec<(String, String)>), ApiError> {
        let url = self.base().join(&place(upload)).map_err(|error| ApiError::NotTheServer(error.to_string()))?;
        let headers = [
            ("authorization", format!("Bearer {token}")),
            ("storewalk-protocol", PROTOCOL.to_string()),
            (TUS_RESUMABLE, VERSION.to_owned()),
            (UPLOAD_OFFSET, offset.to_string()),
            (CONTENT_TYPE.as_str(), BYTES.to_owned()),
        ];
        Ok((url.to_string(), headers.map(|(name, value)| (name.to_owned(), value)).into()))
    }
}

fn place(upload: &UploadRequest) -> String {
    format!("uploads/{}/{}", upload.photo_id, upload.variant.as_str())
}

fn state_at(offset: u64, upload: &UploadRequest, response: &Response) -> UploadState {
    let receipt = response.headers().get(RECEIPT).and_then(|value| PhotoReceipt::from_text(value.to_str().ok()?));
    // An offset beyond the file is no end of it: whoever says so holds something else.
    UploadState { offset, is_complete: offset == upload.size_bytes, receipt }
}

fn offset_of(response: &Response) -> Option<u64> {
    response.headers().get(UPLOAD_OFFSET)?.to_str().ok()?.parse().ok()
}

fn no_offset() -> ApiError {
    ApiError::NotTheServer("an upload without an offset".to_owned())
}

/// `key base64(value)` pairs, as the creation extension has it.
fn metadata(upload: &UploadRequest) -> String {
    let pairs = [
        ("photo_id", upload.photo_id.to_string()),
        ("variant", upload.variant.as_str().to_owned()),
        ("sha256", upload.sha256.clone()),
    ];
    pairs.map(|(key, value)| format!("{key} {}", base64(value.as_bytes()))).join(",")
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| (group << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let is_padding = place > chunk.len();
            let index = (group >> (18 - 6 * place)) & 63;
            text.push(if is_padding { '=' } else { char::from(ALPHABET[index as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use storewalk_wire::Variant;

    use super::*;

    #[test]
    fn the_rest_of_an_upload_names_its_place_its_offset_and_who_sends_it() {
        let api = HttpApi::new("http://127.0.0.1:9/shop").expect("an address");
        let photo_id = "019a0000-0000-7000-8000-000000000000".parse().expect("an id");
        let upload = UploadRequest { photo_id, variant: Variant::Original, size_bytes: 9, sha256: String::new() };
        let (url, headers) = api.rest_of_upload("secret", &upload, 4).expect("a place");
        assert_eq!(url, "http://127.0.0.1:9/shop/uploads/019a0000-0000-7000-8000-000000000000/original");
        let of = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        assert_eq!((of("upload-offset"), of("authorization")), (Some("4"), Some("Bearer secret")));
        assert_eq!(of("storewalk-protocol"), Some(PROTOCOL.to_string().as_str()));
    }

    #[test]
    fn base64_agrees_with_the_vectors_of_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, text) in vectors {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }
}
