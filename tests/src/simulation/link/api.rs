//! The calls a phone makes, each as one exchange over the line.

use async_trait::async_trait;
use futures::future::BoxFuture;
use serde::Serialize;
use storewalk_domain::sync::Bucket;
use storewalk_wire::{
    ApiError, CopyRequest, HealRequest, HealResponse, ParcelReceipt, RefreshRequest, SegmentRef, SessionGrant,
    SignInRequest, StandingRequest, StandingResponse, SyncApi, SyncRequest, SyncResponse, UploadRequest, UploadState,
};

use super::Link;
use crate::simulation::{
    executor::TaskKind,
    observer::Observer,
    scopes::Moment,
    sight::{self, View},
    skew::Skew,
    transport::Transport,
};

/// About how long a request is.
fn length(request: &impl Serialize) -> usize {
    serde_json::to_vec(request).map_or(0, |json| json.len())
}

#[async_trait]
impl SyncApi for Link {
    async fn sign_in(&self, request: &SignInRequest) -> Result<SessionGrant, ApiError> {
        let (bytes, request) = (length(request), request.clone());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let request = request.clone();
            Box::pin(async move { server.sign_in(&request).await })
        };
        self.call(TaskKind::Atomic, bytes, ask, Observer::session).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<SessionGrant, ApiError> {
        let (bytes, request) = (length(request), request.clone());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let request = request.clone();
            Box::pin(async move { server.refresh(&request).await })
        };
        self.call(TaskKind::Atomic, bytes, ask, Observer::session).await
    }

    async fn enrol_copy(&self, access_token: &str, request: &CopyRequest) -> Result<SessionGrant, ApiError> {
        let (bytes, token, request) = (length(request), access_token.to_owned(), request.clone());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, request) = (token.clone(), request.clone());
            Box::pin(async move { server.enrol_copy(&token, &request).await })
        };
        self.call(TaskKind::Atomic, bytes, ask, Observer::session).await
    }

    async fn standing(&self, access_token: &str, request: &StandingRequest) -> Result<StandingResponse, ApiError> {
        if self.state().skew != Skew::None {
            return Err(ApiError::NotTheServer("a release that knows no standings".to_owned()));
        }
        let (bytes, token, request) = (length(request), access_token.to_owned(), request.clone());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, request) = (token.clone(), request.clone());
            Box::pin(async move { server.standing(&token, &request).await })
        };
        self.call(TaskKind::Threaded, bytes, ask, Observer::standing).await
    }

    async fn courier(&self, access_token: &str, parcel: Vec<u8>) -> Result<ParcelReceipt, ApiError> {
        let (bytes, token) = (parcel.len(), access_token.to_owned());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, parcel) = (token.clone(), parcel.clone());
            Box::pin(async move { server.courier(&token, parcel).await })
        };
        self.call(TaskKind::Atomic, bytes, ask, Observer::parcel).await
    }

    async fn sync(&self, access_token: &str, request: &SyncRequest) -> Result<SyncResponse, ApiError> {
        let (skew, read) = (self.state().skew, sight::positions(&request.cursors));
        let (bytes, token, request) = (length(request), access_token.to_owned(), skew.request(request));
        let asked = request.clone();
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, request) = (token.clone(), request.clone());
            Box::pin(async move { server.sync(&token, &request).await })
        };
        let listen = move |observer: &Observer, moment: Moment, answer: &Result<SyncResponse, ApiError>| {
            observer.sync(&asked, moment, answer);
        };
        let moment = self.observer().moment();
        let response = skew.answer(self.paged(self.call(self.server.sync_kind(), bytes, ask, listen).await?));
        self.count_rows(&response);
        if response.is_complete {
            let scope = self.observer().seen_since(moment);
            self.state().sight.give(View { scope, positions: sight::after(read, &response) });
        }
        Ok(response)
    }

    async fn segment(
        &self,
        access_token: &str,
        bucket: &Bucket,
        segment: &SegmentRef,
        offset: u64,
    ) -> Result<Vec<u8>, ApiError> {
        let (token, bucket, segment) = (access_token.to_owned(), bucket.clone(), segment.clone());
        let asked = bucket.clone();
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, bucket, segment) = (token.clone(), bucket.clone(), segment.clone());
            Box::pin(async move { server.segment(&token, &bucket, &segment, offset).await })
        };
        let listen = move |observer: &Observer, moment: Moment, answer: &Result<Vec<u8>, ApiError>| {
            observer.segment(&asked, moment, answer);
        };
        let bytes = self.call(TaskKind::Threaded, 300, ask, listen).await?;
        // A file is nothing but rows.
        self.state().meter.rows += bytes.len();
        Ok(self.bruised(bytes))
    }

    async fn heal(&self, access_token: &str, request: &HealRequest) -> Result<HealResponse, ApiError> {
        let (bytes, token, request) = (length(request), access_token.to_owned(), request.clone());
        let asked = request.bucket.clone();
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, request) = (token.clone(), request.clone());
            Box::pin(async move { server.heal(&token, &request).await })
        };
        let listen = move |observer: &Observer, moment: Moment, answer: &Result<HealResponse, ApiError>| {
            observer.heal(&asked, moment, answer);
        };
        self.call(TaskKind::Threaded, bytes, ask, listen).await
    }

    async fn create_upload(&self, access_token: &str, request: &UploadRequest) -> Result<UploadState, ApiError> {
        let (token, request) = (access_token.to_owned(), request.clone());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, request) = (token.clone(), request.clone());
            Box::pin(async move { server.create_upload(&token, &request).await })
        };
        self.call(TaskKind::Atomic, 300, ask, Observer::upload).await
    }

    async fn append_upload(
        &self,
        access_token: &str,
        request: &UploadRequest,
        offset: u64,
        bytes: Vec<u8>,
    ) -> Result<UploadState, ApiError> {
        let (length, token, request) = (bytes.len(), access_token.to_owned(), request.clone());
        let ask = move |server: Transport| -> BoxFuture<'static, _> {
            let (token, request, bytes) = (token.clone(), request.clone(), bytes.clone());
            Box::pin(async move { server.append_upload(&token, &request, offset, bytes).await })
        };
        self.call(TaskKind::Atomic, length, ask, Observer::upload).await
    }
}
