//! Signing in from a phone, which enrols it, and signing out.

use std::net::IpAddr;

use storewalk_domain::{
    ids::DeviceId,
    time::{DAY_MS, Timestamp},
};
use storewalk_wire::{
    CopyOf, DeviceInfo, ErrorCode, ProtocolWindow, ReceiptKey, SessionGrant, SignInMarks, SignInRequest,
};
use uuid::Uuid;

use super::{
    copy::enrol_as_copy,
    keys::{Keys, enrol_parcel_key},
    token::{self, TokenKind},
};
use crate::{
    error::ApiError,
    state::AppState,
    store::{AccessRecord, Account, Device, RefreshRecord, SessionRecord, StoreError, StoreTxn},
};

/// The tokens of one grant.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) access_expires_at: Timestamp,
    pub(super) refresh: String,
    pub(super) refresh_expires_at: Timestamp,
    receipt_key: ReceiptKey,
    protocols: ProtocolWindow,
}

impl Tokens {
    /// When tokens given now end.
    pub(super) fn given_at(state: &AppState, now: Timestamp, access: String, refresh: String) -> Self {
        let settings = &state.config.auth;
        Self {
            access,
            access_expires_at: now.plus_ms(i64::from(settings.access_minutes) * 60_000),
            refresh,
            receipt_key: state.receipts.key(),
            protocols: state.protocols,
            refresh_expires_at: now.plus_ms(i64::from(settings.refresh_days) * DAY_MS),
        }
    }

    /// Keeps their hashes.
    pub(super) fn keep(&self, txn: &mut dyn StoreTxn, session_id: Uuid) -> Result<(), ApiError> {
        let access_hash = token::hash_own(&self.access);
        txn.put_access(&AccessRecord {
            hash: access_hash,
            session_id,
            expires_at: self.access_expires_at,
            is_used: false,
        })?;
        txn.put_refresh(&RefreshRecord {
            hash: token::hash_own(&self.refresh),
            session_id,
            expires_at: self.refresh_expires_at,
            access_hash,
            spent_nonce: None,
        })?;
        Ok(())
    }

    /// The grant as the phone gets it.
    pub(super) fn grant(self, account: &Account, device_number: u32, now: Timestamp, keys: Keys) -> SessionGrant {
        SessionGrant {
            access_token: self.access,
            access_expires_at: self.access_expires_at,
            refresh_token: self.refresh,
            refresh_expires_at: self.refresh_expires_at,
            device_number,
            user: account.info(),
            actor: account.actor(),
            server_at: now,
            courier_key: keys.courier,
            parking_key: Some(keys.parking),
            receipt_key: Some(self.receipt_key),
            protocols: Some(self.protocols),
        }
    }
}

/// Signs a person in on a device. The device's earlier session ends.
///
/// # Errors
/// When name or password is wrong, there were too many attempts, the device is another person's or revoked, or another
/// copy of the installation has signed in since this one last did.
pub async fn sign_in(state: &AppState, address: IpAddr, request: SignInRequest) -> Result<SessionGrant, ApiError> {
    let SignInRequest { login, password, device, marks, copy_of } = request;
    let account = state.auth.identify(state, address, &login, token::secret(&password)).await?;
    let now = state.now();
    let tokens = Tokens::given_at(state, now, token::mint(TokenKind::Access), token::mint(TokenKind::Refresh));
    let session_id = state.new_id();
    state
        .store
        .write(move |txn| {
            let device = match copy_of {
                Some(CopyOf { device_id, last_seq }) => enrol_as_copy(txn, &account, device, device_id, last_seq, now)?,
                None => enrol(txn, &account, &device, now)?,
            };
            if let Some(marks) = &marks {
                meet(txn, device.id, marks)?;
            }
            txn.revoke_device_sessions(device.id, now)?;
            txn.put_session(&SessionRecord {
                id: session_id,
                user_id: account.user_id,
                device_id: device.id,
                began_at: now,
                revoked_at: None,
            })?;
            tokens.keep(txn, session_id)?;
            let keys = Keys::of(txn, account.user_id, device.id)?;
            Ok(tokens.grant(&account, device.number, now, keys))
        })
        .await
}

/// Tells an installation from its copies: the last mark this device signed in with must be one of its own. An installation
/// without a past (a new one, or one brought back from damage) proves nothing and is taken for what it says.
fn meet(txn: &mut dyn StoreTxn, device: DeviceId, marks: &SignInMarks) -> Result<(), ApiError> {
    let last = txn.sign_in_mark(device)?;
    let is_own = |last: &Uuid| *last == marks.mark || marks.earlier.contains(last);
    if !marks.earlier.is_empty() && last.is_some_and(|last| !is_own(&last)) {
        return Err(ErrorCode::DeviceCopied.into());
    }
    Ok(txn.put_sign_in_mark(device, marks.mark)?)
}

/// Ends the session. What the phone has not yet sent stays on the phone.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(state: &AppState, session_id: Uuid) -> Result<(), ApiError> {
    let now = state.now();
    state.store.write(move |txn| txn.revoke_session(session_id, now)).await.map_err(ApiError::from)
}

/// The device as it is kept: a new one gets the next number, one of another person is refused.
pub(super) fn enrol(
    txn: &mut dyn StoreTxn,
    account: &Account,
    info: &DeviceInfo,
    now: Timestamp,
) -> Result<Device, ApiError> {
    let known = txn.device(info.device_id)?;
    if known.as_ref().is_some_and(|known| known.is_revoked || known.user_id != account.user_id) {
        return Err(ErrorCode::DeviceUnknown.into());
    }
    let number = match &known {
        Some(known) => known.number,
        None => number_for(txn, info)?,
    };
    let device = Device {
        id: info.device_id,
        user_id: account.user_id,
        number,
        name: short(&info.name),
        platform: short(&info.platform),
        app_version: short(&info.app_version),
        enrolled_at: known.as_ref().map_or(now, |known| known.enrolled_at),
        last_seen_at: known.as_ref().and_then(|known| known.last_seen_at),
        is_revoked: false,
        health: known.and_then(|known| known.health),
    };
    txn.put_device(&device)?;
    enrol_parcel_key(txn, device.id, info.parcel_key.as_deref(), now)?;
    Ok(device)
}

/// The number of a device this server does not know. One that was forgotten with a restored backup keeps the number it
/// had: orders with it are on their way.
pub(super) fn number_for(txn: &dyn StoreTxn, info: &DeviceInfo) -> Result<u32, StoreError> {
    match info.number {
        Some(number) if txn.is_forgotten_number(number)? => Ok(number),
        _ => txn.next_device_number(),
    }
}

/// As much of a text as is kept of what a phone says about itself.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(100).collect()
}
