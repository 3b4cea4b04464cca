//! Keys that travel with a session: what parcels are sealed to, and what a person's data is parked under.
//!
//! **Invariants.** The parking key follows from the server's secret, the person and the device: it is the same at every
//! sign-in, survives a new password and a restored backup, and nobody else is ever given it. It is kept nowhere.

use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};
use storewalk_wire::{CourierKey, ErrorCode, ServerKey};

use super::token::hex;
use crate::{error::ApiError, store::StoreTxn};

/// Length of a device's public key in hex digits.
const PARCEL_KEY_DIGITS: usize = 64;

/// Most keys a device may enrol: every rebuilt installation brings one.
const MOST_PARCEL_KEYS: usize = 32;

/// The keys of a grant.
pub(super) struct Keys {
    /// What parcels are sealed to.
    pub(super) courier: Option<CourierKey>,
    /// What the person's data on the device is parked under; hex.
    pub(super) parking: String,
}

impl Keys {
    /// The keys for a person on a device.
    pub(super) fn of(txn: &dyn StoreTxn, user: UserId, device: DeviceId) -> Result<Self, ApiError> {
        let newest = txn.courier_seeds()?.into_iter().find_map(ServerKey::from_seed);
        let mut hasher = blake3::Hasher::new_keyed(&txn.token_key()?);
        hasher.update(b"storewalk parking key 1");
        hasher.update(user.0.as_bytes());
        hasher.update(device.0.as_bytes());
        Ok(Self { courier: newest.map(|key| key.public()), parking: hex(hasher.finalize().as_bytes()) })
    }
}

/// Enrols the key a device signs its parcels with, if it names one.
pub(super) fn enrol_parcel_key(
    txn: &mut dyn StoreTxn,
    device: DeviceId,
    public_key: Option<&str>,
    now: Timestamp,
) -> Result<(), ApiError> {
    let Some(public_key) = public_key else { return Ok(()) };
    let is_key = public_key.len() == PARCEL_KEY_DIGITS
        && public_key.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !is_key {
        return Err(ApiError::new(ErrorCode::RequestMalformed).at("parcel_key").detail("64 lower-case hex digits"));
    }
    let known = txn.parcel_keys(device)?;
    if known.len() < MOST_PARCEL_KEYS && !known.iter().any(|key| key == public_key) {
        txn.put_parcel_key(device, public_key, now)?;
    }
    Ok(())
}
