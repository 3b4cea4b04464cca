//! A name for all that an answer to a phone rests on.
//!
//! **Invariant.** Two snapshots that would give a phone in step different answers have different names.

use storewalk_domain::{
    ids::{DeviceId, UserId},
    sync::Policies,
};
use storewalk_wire::{ErrorCode, ProtocolWindow};

use super::pull::{PullRequest, Pulled, pull};
use crate::{error::ApiError, state::AppState, store::StoreRead};

/// What an answer rests on beside the store.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The organisation's settings.
    pub policies: Policies,
    /// Which protocols are served.
    pub protocols: ProtocolWindow,
}

impl Basis {
    /// As it is now.
    pub fn of(state: &AppState) -> Self {
        Self { policies: state.config.policies.clone(), protocols: state.protocols }
    }
}

/// The next page of changes; with the name of where it leaves the phone, if it is the last.
///
/// # Errors
/// When the person's account was barred meanwhile, or the store fails.
pub fn pull_and_name(
    snapshot: &dyn StoreRead,
    request: &PullRequest,
    basis: &Basis,
) -> Result<(Pulled, Option<String>), ApiError> {
    let pulled = pull(snapshot, request)?;
    let name = || standing(snapshot, request.user_id, request.device_id, basis);
    let standing = pulled.is_complete.then(name).transpose()?;
    Ok((pulled, standing))
}

/// The name of where a person's device stands: buckets with their heads, what was worked through, rights, settings,
/// the protocols served and the server's release. 16 hexadecimal digits.
///
/// # Errors
/// When the person's account was barred meanwhile, or the store fails.
pub fn standing(
    snapshot: &dyn StoreRead,
    user_id: UserId,
    device_id: DeviceId,
    basis: &Basis,
) -> Result<String, ApiError> {
    let account = snapshot.account(user_id)?.filter(|account| !account.is_disabled);
    let account = account.ok_or(ErrorCode::TokenInvalid)?;
    let json = |value: Result<Vec<u8>, serde_json::Error>| value.map_err(|_| ApiError::new(ErrorCode::Internal));
    let mut hasher = blake3::Hasher::new();
    // Every part behind its length, so that no two different lists of parts run into the same bytes.
    let mut add = |part: &[u8]| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(&json(serde_json::to_vec(&account.actor()))?);
    add(&json(serde_json::to_vec(&basis.policies))?);
    add(&basis.protocols.min.to_le_bytes());
    add(&basis.protocols.max.to_le_bytes());
    add(&snapshot.last_seq(device_id)?.to_le_bytes());
    add(&snapshot.epoch()?.to_le_bytes());
    for bucket in account.buckets() {
        add(bucket.to_string().as_bytes());
        if let Some(head) = snapshot.bucket_head(&bucket)? {
            add(&head.epoch.to_le_bytes());
            add(&head.head.to_le_bytes());
        }
    }
    Ok(hasher.finalize().to_hex()[..16].to_owned())
}
