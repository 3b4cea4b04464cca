//! A copied installation gets an identity of its own.
//!
//! Two phones with one device id (a cloned phone, a phone restored from a backup while the first one lives on) both hold
//! the tokens of one session. The one that finds out asks here with that session and gets another device, with its own
//! number and its own session; the session it asked with stays with the other phone. What it had not sent it sends
//! under its new numbers; commands the server knows by their identity are not done twice.
//!
//! A copy that is refused at signing in (`device_copied`) does the same with its password instead of a session.

use storewalk_domain::{ids::DeviceId, time::Timestamp};
use storewalk_wire::{CopyRequest, DeviceInfo, ErrorCode, SessionGrant};

use super::{
    DeviceAuth,
    keys::{Keys, enrol_parcel_key},
    sign_in::{Tokens, enrol},
    token::{self, TokenKind},
};
use crate::{
    error::ApiError,
    state::AppState,
    store::{Account, Device, SessionRecord, StoreTxn},
};

/// Enrols the copy. Asked again for the same new identity, it gives a fresh session of the same device.
///
/// # Errors
/// When the session is not of the device that was copied, or the new identity is taken by anything else than an earlier
/// request like this one.
pub async fn enrol_copy(state: &AppState, sender: DeviceAuth, request: CopyRequest) -> Result<SessionGrant, ApiError> {
    let CopyRequest { device: info, copied_from, last_seq } = request;
    if copied_from != sender.device.id || info.device_id == copied_from {
        return Err(ErrorCode::DeviceUnknown.into());
    }
    let now = state.now();
    let tokens = Tokens::given_at(state, now, token::mint(TokenKind::Access), token::mint(TokenKind::Refresh));
    let session_id = state.new_id();
    let parcel_key = info.parcel_key.clone();
    state
        .store
        .write(move |txn| {
            let device = enrol_as_copy(txn, &sender.account, info, copied_from, last_seq, now)?;
            txn.revoke_device_sessions(device.id, now)?;
            txn.put_session(&SessionRecord {
                id: session_id,
                user_id: sender.account.user_id,
                device_id: device.id,
                began_at: now,
                revoked_at: None,
            })?;
            tokens.keep(txn, session_id)?;
            enrol_parcel_key(txn, device.id, parcel_key.as_deref(), now)?;
            let keys = Keys::of(txn, sender.account.user_id, device.id)?;
            Ok(tokens.grant(&sender.account, device.number, now, keys))
        })
        .await
}

/// The copy as a device of its own, which goes on after the last number both have in common.
pub(super) fn enrol_as_copy(
    txn: &mut dyn StoreTxn,
    account: &Account,
    info: DeviceInfo,
    copied_from: DeviceId,
    last_seq: u64,
    now: Timestamp,
) -> Result<Device, ApiError> {
    let original = txn.device(copied_from)?.filter(|original| original.user_id == account.user_id);
    if original.is_none_or(|original| original.is_revoked) || info.device_id == copied_from {
        return Err(ErrorCode::DeviceUnknown.into());
    }
    // A database put back from a backup may know less than both have in common: the copy then sends it again.
    let last_seq = last_seq.min(txn.last_seq(copied_from)?);
    let is_known = txn.device(info.device_id)?.is_some();
    if is_known && txn.copied_from(info.device_id)? != Some(copied_from) {
        return Err(ErrorCode::DeviceUnknown.into());
    }
    // A copy takes no number from before: the other phone has it.
    let device = enrol(txn, account, &DeviceInfo { number: None, ..info }, now)?;
    if !is_known {
        txn.put_copy(device.id, copied_from, last_seq, now)?;
        tracing::warn!(device = %device.id, copied_from = %copied_from, "a phone was copied; it has its own identity now");
    }
    Ok(device)
}
