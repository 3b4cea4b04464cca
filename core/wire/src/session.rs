//! Signing in, and staying signed in for weeks without a network.

use serde::{Deserialize, Serialize};
use storewalk_domain::{
    ids::{DeviceId, UserId},
    outlet::Role,
    sync::Actor,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{CourierKey, ProtocolWindow, ReceiptKey};

/// The phone as it introduces itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// Minted by the phone when its database was made.
    pub device_id: DeviceId,
    /// What the owner calls it.
    pub name: String,
    /// `android`, `ios`, `python`, `demo`.
    pub platform: String,
    /// Version of the app.
    pub app_version: String,
    /// Public key the device signs its parcels with (Ed25519, 64 hex digits); none from an older release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel_key: Option<String>,
    /// The number the server gave this phone before, if it ever did: a server that has forgotten the phone gives it
    /// again when nobody else has it, so that the order numbers already written stay this phone's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
}

/// `POST /session/copy`: an installation that found out that it is a copy of another one (a restored backup, a cloned
/// phone) asks for an identity of its own, with the access token that both still share. Asked again with the same new
/// identity, it is the same device, with a fresh session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CopyRequest {
    /// The copy, under the new identity it has minted.
    pub device: DeviceInfo,
    /// Whose copy it is: the device of the access token.
    pub copied_from: DeviceId,
    /// The last number the two have in common: the copy's commands go on from there.
    pub last_seq: u64,
}

/// `POST /session`: sign in and enrol the device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
    /// The phone.
    pub device: DeviceInfo,
    /// By which the server tells an installation from a copy of it; none from an older release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marks: Option<SignInMarks>,
    /// The installation was told that it is a copy (`device_copied`): `device` is its new identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<CopyOf>,
}

/// The trace of an installation's sign-ins. Two copies of one phone part ways with their first sign-in after the copy:
/// the server has met a mark that the other one does not know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInMarks {
    /// Minted for this sign-in, kept before it is sent and sent again until it succeeds.
    pub mark: Uuid,
    /// Those of earlier sign-ins that succeeded, newest first, at most [`MOST_SIGN_IN_MARKS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Uuid>,
}

/// Most earlier marks an installation keeps and names.
pub const MOST_SIGN_IN_MARKS: usize = 16;

/// Which device a copy was copied from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CopyOf {
    /// The device.
    pub device_id: DeviceId,
    /// The last number both have in common: the copy's commands go on from there.
    pub last_seq: u64,
}

impl std::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

/// `POST /session/refresh`: exchange the refresh token. The old one is spent, unless the same nonce asks again before
/// the new one was used: then the reply was lost and the same grant is given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: String,
    /// Minted by the phone for this exchange and kept until it succeeds.
    pub nonce: String,
    /// The phone.
    pub device_id: DeviceId,
    /// As in [`DeviceInfo::parcel_key`]: a phone that was signed in before it had one enrols it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel_key: Option<String>,
}

impl std::fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshRequest").field("device_id", &self.device_id).finish_non_exhaustive()
    }
}

/// The person who signed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UserInfo {
    /// Identity.
    pub id: UserId,
    /// Staff code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
}

/// What a sign-in or a refresh gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionGrant {
    /// Sent with every request as `Authorization: Bearer`.
    pub access_token: String,
    /// When it ends, by the server's clock.
    pub access_expires_at: Timestamp,
    /// Exchanged for the next grant.
    pub refresh_token: String,
    /// When it ends, by the server's clock.
    pub refresh_expires_at: Timestamp,
    /// The number of this device; heads the order numbers it gives.
    pub device_number: u32,
    /// Who.
    pub user: UserInfo,
    /// What is theirs, for the rules on the phone.
    pub actor: Actor,
    /// The server's clock.
    pub server_at: Timestamp,
    /// The key to seal parcels to; none from an older server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier_key: Option<CourierKey>,
    /// What this person's data on this device is parked under while somebody else uses it: 32 secret bytes in hex, the
    /// same at every sign-in of this person on this device, given to nobody else. None from an older server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parking_key: Option<String>,
    /// What the server signs its receipts with; `None` from one that gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_key: Option<ReceiptKey>,
    /// The protocols the server serves; `None` from one that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocols: Option<ProtocolWindow>,
}

impl std::fmt::Debug for SessionGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionGrant").field("user", &self.user.id).finish_non_exhaustive()
    }
}
