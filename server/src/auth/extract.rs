//! The bearer of a request: which person, on which device, in which session.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use storewalk_domain::time::Timestamp;
use storewalk_wire::ErrorCode;
use uuid::Uuid;

use super::token::{self, TokenKind};
use crate::{
    error::ApiError,
    state::AppState,
    store::{AccessRecord, Account, Device, StoreRead, TokenHash},
};

/// A signed-in person on an enrolled device.
#[derive(Clone, Debug)]
pub struct DeviceAuth {
    /// The session.
    pub session_id: Uuid,
    /// The person.
    pub account: Account,
    /// The device.
    pub device: Device,
}

impl FromRequestParts<AppState> for DeviceAuth {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Self::of(state, &parts.headers).await
    }
}

impl DeviceAuth {
    /// The bearer that the headers name.
    ///
    /// # Errors
    /// When there is no token, or it is wrong, expired or revoked, or the device is revoked.
    pub async fn of(state: &AppState, headers: &HeaderMap) -> Result<Self, ApiError> {
        let now = state.now();
        let hash = bearer(headers).ok_or_else(unauthorised)?;
        let (found, access) = state.store.read(move |snapshot| find(snapshot, &hash, now)).await?;
        if !access.is_used {
            // Once used, the grant it came with is known to have arrived and is not given again.
            let used = AccessRecord { is_used: true, ..access };
            state.store.write(move |txn| txn.put_access(&used)).await.map_err(ApiError::from)?;
        }
        Ok(found)
    }
}

fn find(snapshot: &dyn StoreRead, hash: &TokenHash, now: Timestamp) -> Result<(DeviceAuth, AccessRecord), ApiError> {
    let access = snapshot.access(hash)?.filter(|access| access.expires_at > now).ok_or_else(unauthorised)?;
    let session = snapshot.session(access.session_id)?.filter(|session| session.revoked_at.is_none());
    let session = session.ok_or_else(unauthorised)?;
    let account = snapshot.account(session.user_id)?.filter(|account| !account.is_disabled);
    let account = account.ok_or_else(unauthorised)?;
    let device = snapshot.device(session.device_id)?;
    let device = device.filter(|device| !device.is_revoked && device.user_id == account.user_id);
    let device = device.ok_or(ErrorCode::DeviceUnknown)?;
    Ok((DeviceAuth { session_id: session.id, account, device }, access))
}

/// The hash of the bearer token in the headers.
fn bearer(headers: &HeaderMap) -> Option<TokenHash> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    token::hash(TokenKind::Access, token.trim())
}

fn unauthorised() -> ApiError {
    ApiError::new(ErrorCode::TokenInvalid)
        .header(header::WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"))
}
