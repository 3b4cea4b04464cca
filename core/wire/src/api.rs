//! The trait that the phone's transport, the server's tests and the simulator implement.

use std::collections::BTreeMap;

use async_trait::async_trait;
use storewalk_domain::sync::Bucket;

use crate::{
    CopyRequest, HealRequest, HealResponse, ParcelReceipt, ProblemBody, RefreshRequest, SegmentRef, SessionGrant,
    SignInRequest, SmallPicture, StandingRequest, StandingResponse, SyncRequest, SyncResponse, UploadRequest,
    UploadState,
};

/// Why a call brought no answer that counts.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ApiError {
    /// The server could not be reached.
    #[error("reach the server")]
    Offline,
    /// No answer in time.
    #[error("get an answer in time")]
    Timeout,
    /// Something answered, but not Storewalk: a hotel portal, a proxy, a truncated body.
    #[error("recognise the answer as the server's: {0}")]
    NotTheServer(String),
    /// The server refused the request.
    #[error("have the request accepted: {}", .0.code.as_str())]
    Refused(Box<ProblemBody>),
    /// The server asks to wait.
    #[error("be served now")]
    Busy {
        /// Milliseconds the server asks to wait; `None` when it did not say.
        retry_after_ms: Option<u64>,
    },
}

/// Everything a phone asks of a server.
#[async_trait]
pub trait SyncApi: Send + Sync {
    /// Signs in and enrols the device.
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError>;

    /// Exchanges the refresh token.
    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError>;

    /// Gives a copied installation an identity of its own.
    async fn enrol_copy(&self, access_token: &str, request: &CopyRequest) -> Result<SessionGrant, ApiError> {
        let _ = (access_token, request);
        Err(ApiError::NotTheServer("no copies here".to_owned()))
    }

    /// Pushes commands and pulls changes.
    async fn sync(&self, access_token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError>;

    /// Bytes of a segment from an offset to its end, or as many as the link gave: what is missing is asked for again.
    /// The bucket is part of the question, because the right to read is the bucket's; a hash alone is none.
    async fn segment(
        &self,
        access_token: &str,
        bucket: &Bucket,
        segment: &SegmentRef,
        offset: u64,
    ) -> Result<Vec<u8>, ApiError> {
        let _ = (access_token, bucket, segment, offset);
        Err(ApiError::NotTheServer("no segments here".to_owned()))
    }

    /// Asks whether anything has changed since the last complete answer.
    async fn standing(&self, access_token: &str, request: &StandingRequest) -> Result<StandingResponse, ApiError> {
        let _ = (access_token, request);
        Err(ApiError::NotTheServer("no standings here".to_owned()))
    }

    /// Compares a bucket range by range and fetches the ranges that differ.
    async fn heal(&self, access_token: &str, request: &HealRequest) -> Result<HealResponse, ApiError> {
        let _ = (access_token, request);
        Err(ApiError::NotTheServer("no healing here".to_owned()))
    }

    /// Waits until the server says that a bucket has come further than `known`. Each other end is an error.
    async fn poke(&self, access_token: &str, known: &BTreeMap<Bucket, u64>) -> Result<(), ApiError> {
        let _ = (access_token, known);
        Err(ApiError::NotTheServer("no pokes here".to_owned()))
    }

    /// Hands in a parcel that a device packed, this one or somebody else's.
    async fn courier(&self, access_token: &str, parcel: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
        let _ = (access_token, parcel);
        Err(ApiError::NotTheServer("no courier here".to_owned()))
    }

    /// Bytes of a small picture of somebody else's.
    async fn small_picture(&self, access_token: &str, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
        let _ = (access_token, picture);
        Err(ApiError::NotTheServer("no pictures here".to_owned()))
    }

    /// Creates an upload, or finds it where it stands.
    async fn create_upload(&self, access_token: &str, request: &UploadRequest) -> Result<UploadState, ApiError>;

    /// Creates an upload that nobody began yet, and gives its first bytes along: for small files one request instead of
    /// two. What is held of the bytes already is passed over.
    ///
    /// An implementation that cannot do both at once need not write this.
    async fn begin_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        first: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        let state = self.create_upload(access_token, request).await?;
        if state.offset > 0 || state.is_complete {
            return Ok(state);
        }
        self.append_upload(access_token, request, 0, first).await
    }

    /// Adds bytes at an offset.
    async fn append_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError>;
}
