//! Requests to the server's own router, without a socket: the same paths, headers and bodies as over HTTP.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{
        HeaderMap, Method, Request, Response, StatusCode,
        header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RANGE, RETRY_AFTER},
    },
};
use http_body_util::BodyExt;
use serde::{Serialize, de::DeserializeOwned};
use storewalk_domain::sync::Bucket;
use storewalk_wire::{
    ApiError, CopyRequest, HealRequest, HealResponse, ParcelReceipt, PhotoReceipt, ProblemBody, RefreshRequest,
    SegmentRef, SessionGrant, SignInRequest, StandingRequest, StandingResponse, SyncRequest, SyncResponse,
    UploadRequest, UploadState,
};
use tower::ServiceExt;

use super::wire::Wire;

/// A router, asked as a phone asks.
#[derive(Clone)]
pub struct Transport {
    router: Router,
    /// Whether bodies travel compressed.
    is_packed: bool,
    wire: Wire,
}

impl Transport {
    /// Asks this router.
    pub fn to(router: Router, is_packed: bool) -> Self {
        Self { router, is_packed, wire: Wire::default() }
    }

    /// The same over a line of its own.
    #[must_use]
    pub fn over(&self, wire: Wire) -> Self {
        Self { wire, ..self.clone() }
    }

    /// `POST /session`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        self.post("/session", None, request).await
    }

    /// `POST /session/refresh`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        self.post("/session/refresh", None, request).await
    }

    /// `POST /session/copy`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn enrol_copy(&self, token: &str, request: &CopyRequest) -> Result<SessionGrant, ApiError> {
        self.post("/session/copy", Some(token), request).await
    }

    /// `POST /sync/standing`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn standing(&self, token: &str, request: &StandingRequest) -> Result<StandingResponse, ApiError> {
        self.post("/sync/standing", Some(token), request).await
    }

    /// `POST /courier`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn courier(&self, token: &str, parcel: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/courier")
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/octet-stream");
        let (_, bytes) = self.send(request, parcel).await?;
        self.wire.received(bytes.len(), bytes.len());
        unpacked(&bytes, false)
    }

    /// `POST /sync`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn sync(&self, token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        self.post("/sync", Some(token), request).await
    }

    /// `GET /segments/…`: bytes of a file from an offset on, as many as the line gives.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn segment(
        &self,
        token: &str,
        bucket: &Bucket,
        segment: &SegmentRef,
        offset: u64,
    ) -> Result<Vec<u8>, ApiError> {
        let path = format!("/segments/{bucket}/{}", segment.hash);
        let mut request =
            Request::builder().method(Method::GET).uri(path).header(AUTHORIZATION, format!("Bearer {token}"));
        if offset > 0 {
            request = request.header(RANGE, format!("bytes={offset}-"));
        }
        let (_, bytes) = self.send(request, Vec::new()).await?;
        self.wire.received(bytes.len(), bytes.len());
        Ok(bytes.to_vec())
    }

    /// `POST /sync/heal`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn heal(&self, token: &str, request: &HealRequest) -> Result<HealResponse, ApiError> {
        self.post("/sync/heal", Some(token), request).await
    }

    /// `POST /uploads`, and `HEAD` where the answer does not say how far the upload has come.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn create_upload(&self, token: &str, upload: &UploadRequest) -> Result<UploadState, ApiError> {
        let create = tus(Method::POST, "/uploads", token)
            .header("upload-length", upload.size_bytes)
            .header("upload-metadata", metadata(upload));
        let (head, _) = self.send(create, Vec::new()).await?;
        if let Some(state) = state_of(&head, upload) {
            return Ok(state);
        }
        let (head, _) = self.send(tus(Method::HEAD, &place(upload), token), Vec::new()).await?;
        state_of(&head, upload).ok_or_else(|| strange("an upload without an offset"))
    }

    /// `PATCH /uploads/…`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn append_upload(
        &self,
        token: &str,
        upload: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        let append = tus(Method::PATCH, &place(upload), token)
            .header("upload-offset", offset)
            .header(CONTENT_TYPE, "application/offset+octet-stream");
        let (head, _) = self.send(append, bytes).await?;
        state_of(&head, upload).ok_or_else(|| strange("an upload without an offset"))
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        value: &(impl Serialize + Sync),
    ) -> Result<T, ApiError> {
        let json = serde_json::to_vec(value).map_err(|error| strange(&error.to_string()))?;
        let mut request = Request::builder().method(Method::POST).uri(path).header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if self.is_packed {
            request = request.header(CONTENT_ENCODING, "zstd").header(ACCEPT_ENCODING, "zstd");
            zstd::encode_all(json.as_slice(), 1).map_err(|error| strange(&error.to_string()))?
        } else {
            json
        };
        let (head, bytes) = self.send(request, body).await?;
        let is_packed = head.get(CONTENT_ENCODING).is_some_and(|name| name == "zstd");
        let whole =
            if is_packed { zstd::decode_all(&*bytes).map_or(bytes.len(), |json| json.len()) } else { bytes.len() };
        if let Some(arrived) = self.wire.received(bytes.len(), whole) {
            // What the phone makes of the part it got; a part that reads as a whole is passed on as one.
            if let Err(error) = unpacked::<T>(&bytes[..arrived], is_packed) {
                self.wire.set_torn(error);
            }
        }
        unpacked(&bytes, is_packed)
    }

    async fn send(&self, request: axum::http::request::Builder, body: Vec<u8>) -> Result<(HeaderMap, Bytes), ApiError> {
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
        let body = match self.wire.cut_request(body.len()) {
            None => Body::from(body),
            Some(sent) => broken_off(body, sent),
        };
        let request = request.extension(ConnectInfo(peer)).body(body).map_err(|error| strange(&error.to_string()))?;
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        if response.headers().get("storewalk-protocol").is_none() {
            return Err(strange("an answer without our header"));
        }
        if response.status().is_success() {
            return taken_apart(response).await;
        }
        Err(refusal(response).await)
    }
}

/// A body whose line breaks after so many bytes.
fn broken_off(mut body: Vec<u8>, sent: usize) -> Body {
    body.truncate(sent);
    let end = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::from_stream(futures::stream::iter([Ok(Bytes::from(body)), Err(end)]))
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8], is_packed: bool) -> Result<T, ApiError> {
    let json =
        if is_packed { zstd::decode_all(bytes).map_err(|error| strange(&error.to_string()))? } else { bytes.to_vec() };
    serde_json::from_slice(&json).map_err(|error| strange(&error.to_string()))
}

async fn taken_apart(response: Response<Body>) -> Result<(HeaderMap, Bytes), ApiError> {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|error| strange(&error.to_string()))?.to_bytes();
    Ok((parts.headers, bytes))
}

async fn refusal(response: Response<Body>) -> ApiError {
    let status = response.status();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        return ApiError::Busy { retry_after_ms: seconds.map(|seconds| seconds * 1_000) };
    }
    let body = match taken_apart(response).await {
        Ok((_, bytes)) => serde_json::from_slice::<ProblemBody>(&bytes).map_err(|error| strange(&error.to_string())),
        Err(error) => Err(error),
    };
    body.map_or_else(|error| error, |body| ApiError::Refused(Box::new(body)))
}

fn tus(method: Method, path: &str, token: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header("tus-resumable", "1.0.0")
}

fn place(upload: &UploadRequest) -> String {
    format!("/uploads/{}/{}", upload.photo_id, upload.variant.as_str())
}

fn state_of(headers: &HeaderMap, upload: &UploadRequest) -> Option<UploadState> {
    let offset = headers.get("upload-offset")?.to_str().ok()?.parse().ok()?;
    let receipt = headers.get("storewalk-receipt").and_then(|value| PhotoReceipt::from_text(value.to_str().ok()?));
    Some(UploadState { offset, is_complete: offset >= upload.size_bytes, receipt })
}

fn strange(what: &str) -> ApiError {
    ApiError::NotTheServer(what.to_owned())
}

/// `key base64(value)` pairs, as tus has it.
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
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(if place > chunk.len() { '=' } else { char::from(ALPHABET[index as usize]) });
        }
    }
    text
}
