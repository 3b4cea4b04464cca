//! Requests with JSON bodies.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect,
};
use serde::Serialize;
use storewalk_domain::sync::Bucket;
use storewalk_wire::{
    ANSWER_CODING, ApiError, CopyRequest, HealRequest, HealResponse, PROTOCOL, ParcelReceipt, ProblemBody,
    RefreshRequest, SegmentRef, SessionGrant, SignInRequest, SmallPicture, StandingRequest, StandingResponse, SyncApi,
    SyncRequest, SyncResponse, UploadRequest, UploadState,
};

use super::{
    body, picture, poke, segment,
    traffic::{Counter, Traffic},
    tus,
};
use crate::ClientError;

/// The header by which both sides know each other.
const PROTOCOL_HEADER: HeaderName = HeaderName::from_static("storewalk-protocol");

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(15);

/// How long the line may be silent. There is no limit on the whole: a slow link that still moves is let be.
const SILENCE: Duration = Duration::from_mins(1);

/// The server over HTTP.
#[derive(Clone, Debug)]
pub struct HttpApi {
    base: Url,
    client: Client,
    counter: Arc<Counter>,
}

impl HttpApi {
    /// A client of the server at an address such as `https://storewalk.example/`.
    ///
    /// # Errors
    /// When the address is none, or the TLS library refuses its own settings.
    pub fn new(server_url: &str) -> Result<Self, ClientError> {
        Self::of_app(server_url, PROTOCOL, env!("CARGO_PKG_VERSION"))
    }

    /// The same for an app of some release: every request tells its protocol and its version.
    pub(crate) fn of_app(server_url: &str, protocol: u32, app_version: &str) -> Result<Self, ClientError> {
        let fault = |what: &dyn std::fmt::Display| ClientError::Internal(format!("the server's address: {what}"));
        // A base without the closing slash would lose its last part when paths are joined.
        let base = Url::parse(&format!("{}/", server_url.trim_end_matches('/'))).map_err(|error| fault(&error))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(fault(&"not http or https"));
        }
        let mut headers = HeaderMap::new();
        headers.insert(PROTOCOL_HEADER, HeaderValue::from(protocol));
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .default_headers(headers)
            .user_agent(user_agent(app_version))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE);
        if is_this_machine(&base) {
            // A proxy of the environment cannot lead back to this machine.
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| fault(&error))?;
        Ok(Self { base, client, counter: Arc::default() })
    }

    /// Bytes so far.
    pub fn traffic(&self) -> Traffic {
        self.counter.read()
    }

    /// Where the server is; ends with a slash.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Counts bytes of a body that was read elsewhere.
    pub(super) fn received(&self, bytes: usize) {
        self.counter.received(bytes);
    }

    /// A request to an address of the server's.
    pub(super) fn request_at(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    pub(super) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ApiError> {
        let url = self.base.join(path).map_err(|error| ApiError::NotTheServer(error.to_string()))?;
        Ok(self.client.request(method, url))
    }

    /// Sends a request and gives the answer if it is the server's and a success.
    pub(super) async fn send(&self, request: RequestBuilder, body_bytes: usize) -> Result<Response, ApiError> {
        self.counter.sent(body_bytes);
        let response = request.send().await.map_err(|error| unreached(&error))?;
        if !response.headers().contains_key(PROTOCOL_HEADER) {
            return Err(ApiError::NotTheServer(format!("an answer without our header, {}", response.status())));
        }
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refusal(response).await)
    }

    async fn refusal(&self, response: Response) -> ApiError {
        let status = response.status();
        let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if busy {
            return ApiError::Busy { retry_after_ms: retry_after_ms(response.headers()) };
        }
        if status == StatusCode::REQUEST_TIMEOUT {
            // What the line could not bring in time is the line's fault, not the work's.
            return ApiError::Timeout;
        }
        match body::unpack::<ProblemBody>(response, &self.counter).await {
            Ok(problem) => ApiError::Refused(Box::new(problem)),
            Err(ApiError::Timeout) => ApiError::Timeout,
            Err(_) => ApiError::NotTheServer(format!("{status} without a problem body")),
        }
    }

    async fn post_json<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        value: &(impl Serialize + Sync),
    ) -> Result<T, ApiError> {
        let json = serde_json::to_vec(value).map_err(|error| ApiError::NotTheServer(error.to_string()))?;
        let length = json.len();
        let request = self.request(Method::POST, path)?.header(CONTENT_TYPE, "application/json").body(json);
        body::unpack(self.send(request, length).await?, &self.counter).await
    }

    /// JSON, compressed both ways.
    async fn post_packed<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        access_token: &str,
        value: &(impl Serialize + Sync),
    ) -> Result<T, ApiError> {
        let packed = body::pack(value)?;
        let length = packed.bytes.len();
        let request = self
            .request(Method::POST, path)?
            .bearer_auth(access_token)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_ENCODING, "zstd")
            .header(ACCEPT_ENCODING, format!("zstd, {ANSWER_CODING}"))
            .body(packed.bytes);
        body::unpack_answer(self.send(request, length).await?, &self.counter, &packed.json).await
    }
}

#[async_trait]
impl SyncApi for HttpApi {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        self.post_json("session", request).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        self.post_json("session/refresh", request).await
    }

    async fn enrol_copy(&self, access_token: &str, request: &CopyRequest) -> Result<SessionGrant, ApiError> {
        let json = serde_json::to_vec(request).map_err(|error| ApiError::NotTheServer(error.to_string()))?;
        let length = json.len();
        let request = self
            .request(Method::POST, "session/copy")?
            .bearer_auth(access_token)
            .header(CONTENT_TYPE, "application/json")
            .body(json);
        body::unpack(self.send(request, length).await?, &self.counter).await
    }

    async fn sync(&self, access_token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        self.post_packed("sync", access_token, request).await
    }

    async fn segment(
        &self,
        access_token: &str,
        bucket: &Bucket,
        segment: &SegmentRef,
        offset: u64,
    ) -> Result<Vec<u8>, ApiError> {
        segment::fetch(self, access_token, bucket, segment, offset).await
    }

    async fn heal(&self, access_token: &str, request: &HealRequest) -> Result<HealResponse, ApiError> {
        self.post_packed("sync/heal", access_token, request).await
    }

    async fn poke(&self, access_token: &str, known: &BTreeMap<Bucket, u64>) -> Result<(), ApiError> {
        poke::wait(self, access_token, known).await
    }

    async fn standing(&self, access_token: &str, request: &StandingRequest) -> Result<StandingResponse, ApiError> {
        let json = serde_json::to_vec(request).map_err(|error| ApiError::NotTheServer(error.to_string()))?;
        let length = json.len();
        // Too little to be worth packing, in either direction.
        let request = self
            .request(Method::POST, "sync/standing")?
            .bearer_auth(access_token)
            .header(CONTENT_TYPE, "application/json")
            .body(json);
        body::unpack(self.send(request, length).await?, &self.counter).await
    }

    async fn courier(&self, access_token: &str, parcel: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
        let length = parcel.len();
        let request = self
            .request(Method::POST, "courier")?
            .bearer_auth(access_token)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(parcel);
        body::unpack(self.send(request, length).await?, &self.counter).await
    }

    async fn small_picture(&self, access_token: &str, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
        picture::fetch(self, access_token, picture).await
    }

    async fn create_upload(&self, access_token: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        tus::create(self, access_token, request).await
    }

    async fn begin_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        first: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        tus::begin(self, access_token, request, first).await
    }

    async fn append_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        tus::append(self, access_token, request, offset, bytes).await
    }
}

/// TLS with the shipped root certificates: the same on every phone, and no platform code to initialise.
fn tls() -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Internal(format!("TLS: {error}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// `storewalk/0.1.0`; what cannot stand in a header is left out.
fn user_agent(app_version: &str) -> String {
    format!("storewalk/{}", app_version.chars().filter(char::is_ascii_graphic).take(64).collect::<String>())
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn unreached(error: &reqwest::Error) -> ApiError {
    if error.is_connect() {
        ApiError::Offline
    } else if error.is_timeout() {
        ApiError::Timeout
    } else if error.is_request() {
        // The line broke before there was an answer, or what came was no HTTP.
        ApiError::Offline
    } else {
        ApiError::NotTheServer("an answer that is no HTTP".to_owned())
    }
}

/// Seconds only: the server never sends a date.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000))
}
