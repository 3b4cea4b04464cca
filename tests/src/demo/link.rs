//! A phone's link to the server, with a switch for flight mode.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use storewalk_domain::sync::Bucket;
use storewalk_wire::{
    ApiError, HealRequest, HealResponse, RefreshRequest, SegmentRef, SessionGrant, SignInRequest, SmallPicture,
    SyncApi, SyncRequest, SyncResponse, UploadRequest, UploadState,
};

/// The real transport behind a switch.
pub(super) struct Link {
    transport: Arc<dyn SyncApi>,
    is_cut: AtomicBool,
}

impl Link {
    /// A link that is up.
    pub(super) fn over(transport: Arc<dyn SyncApi>) -> Arc<Self> {
        Arc::new(Self { transport, is_cut: AtomicBool::new(false) })
    }

    /// Flight mode on or off.
    pub(super) fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }

    fn up(&self) -> Result<&dyn SyncApi, ApiError> {
        if self.is_cut.load(Ordering::SeqCst) { Err(ApiError::Offline) } else { Ok(self.transport.as_ref()) }
    }
}

#[async_trait]
impl SyncApi for Link {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        self.up()?.sign_in(request).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        self.up()?.refresh(request).await
    }

    async fn sync(&self, access_token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        self.up()?.sync(access_token, request).await
    }

    async fn segment(
        &self,
        access_token: &str,
        bucket: &Bucket,
        segment: &SegmentRef,
        offset: u64,
    ) -> Result<Vec<u8>, ApiError> {
        self.up()?.segment(access_token, bucket, segment, offset).await
    }

    async fn heal(&self, access_token: &str, request: &HealRequest) -> Result<HealResponse, ApiError> {
        self.up()?.heal(access_token, request).await
    }

    async fn poke(&self, access_token: &str, known: &BTreeMap<Bucket, u64>) -> Result<(), ApiError> {
        self.up()?.poke(access_token, known).await
    }

    async fn small_picture(&self, access_token: &str, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
        self.up()?.small_picture(access_token, picture).await
    }

    async fn create_upload(&self, access_token: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        self.up()?.create_upload(access_token, request).await
    }

    async fn append_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        self.up()?.append_upload(access_token, request, offset, bytes).await
    }
}
