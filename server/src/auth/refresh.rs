//! Exchanging the refresh token: each is spent once; a lost reply is given again; a second party ends the session.

use storewalk_domain::time::Timestamp;
use storewalk_wire::{ErrorCode, RefreshRequest, SessionGrant};
use subtle::ConstantTimeEq;

use super::{
    keys::{Keys, enrol_parcel_key},
    sign_in::Tokens,
    token::{self, TokenKind},
};
use crate::{
    error::ApiError,
    state::AppState,
    store::{Account, Device, RefreshRecord, SessionRecord, StoreTxn},
};

/// Longest nonce that is looked at.
const LONGEST_NONCE: usize = 128;

/// The next grant for a refresh token.
///
/// # Errors
/// When the token is unknown, expired or revoked, belongs to another device, or was spent: by somebody else, which ends
/// the session, or by this very exchange and its grant has been used since, which is a late repetition and ends nothing.
pub async fn refresh(state: &AppState, request: RefreshRequest) -> Result<SessionGrant, ApiError> {
    if request.nonce.is_empty() || request.nonce.len() > LONGEST_NONCE {
        return Err(ApiError::new(ErrorCode::RequestMalformed).at("nonce"));
    }
    let now = state.now();
    let exchange = {
        let state = state.clone();
        move |txn: &mut dyn StoreTxn| exchange(&state, txn, &request, now)
    };
    // A reuse must be written down, so it is an outcome of the job and not its error.
    let grant = state.store.write(exchange).await?;
    if grant.is_none() {
        tracing::warn!("a refresh token was used twice; its session was ended");
    }
    grant.ok_or_else(|| ErrorCode::RefreshReused.into())
}

/// The grant; `None` when the token had been spent by somebody else and the session was ended.
fn exchange(
    state: &AppState,
    txn: &mut dyn StoreTxn,
    request: &RefreshRequest,
    now: Timestamp,
) -> Result<Option<SessionGrant>, ApiError> {
    let hash = token::hash(TokenKind::Refresh, &request.refresh_token).ok_or(ErrorCode::TokenInvalid)?;
    let spent = txn.refresh(&hash)?.filter(|token| token.expires_at > now).ok_or(ErrorCode::TokenInvalid)?;
    let (session, account, device) = holder(txn, &spent, request)?;
    let key = txn.token_key()?;
    let follow = |kind| token::successor(kind, &key, &request.refresh_token, &request.nonce);
    let mut tokens = Tokens::given_at(state, now, follow(TokenKind::Access), follow(TokenKind::Refresh));
    match &spent.spent_nonce {
        None => {
            txn.put_refresh(&RefreshRecord { spent_nonce: Some(request.nonce.clone()), ..spent })?;
            tokens.keep(txn, session.id)?;
        }
        Some(nonce) => {
            let is_same = bool::from(nonce.as_bytes().ct_eq(request.nonce.as_bytes()));
            if !is_same {
                txn.revoke_session(session.id, now)?;
                return Ok(None);
            }
            // The phone holds this grant already: the request was a slow one of its own, and gives nothing away.
            let (access_expires_at, refresh_expires_at) = unused(txn, &tokens)?.ok_or(ErrorCode::RefreshReused)?;
            tokens.access_expires_at = access_expires_at;
            tokens.refresh_expires_at = refresh_expires_at;
        }
    }
    enrol_parcel_key(txn, device.id, request.parcel_key.as_deref(), now)?;
    let keys = Keys::of(txn, account.user_id, device.id)?;
    Ok(Some(tokens.grant(&account, device.number, now, keys)))
}

/// Whose token it is, as long as all of it still stands.
fn holder(
    txn: &dyn StoreTxn,
    token: &RefreshRecord,
    request: &RefreshRequest,
) -> Result<(SessionRecord, Account, Device), ApiError> {
    let session = txn.session(token.session_id)?.filter(|session| session.revoked_at.is_none());
    let session = session.ok_or(ErrorCode::TokenInvalid)?;
    let account = txn.account(session.user_id)?.filter(|account| !account.is_disabled);
    let account = account.ok_or(ErrorCode::TokenInvalid)?;
    let device = txn.device(session.device_id)?;
    let device = device.filter(|device| !device.is_revoked && device.id == request.device_id);
    let device = device.ok_or(ErrorCode::DeviceUnknown)?;
    Ok((session, account, device))
}

/// When the tokens of an earlier grant end, if neither was presented yet.
fn unused(txn: &dyn StoreTxn, tokens: &Tokens) -> Result<Option<(Timestamp, Timestamp)>, ApiError> {
    let access = txn.access(&token::hash_own(&tokens.access))?.filter(|access| !access.is_used);
    let refresh = txn.refresh(&token::hash_own(&tokens.refresh))?.filter(|refresh| refresh.spent_nonce.is_none());
    Ok(access.zip(refresh).map(|(access, refresh)| (access.expires_at, refresh.expires_at)))
}
