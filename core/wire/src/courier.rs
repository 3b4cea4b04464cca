//! A phone's queue in files that somebody else carries: what is in a parcel, and how large it may be.
//!
//! **Purpose.** A phone that cannot reach the server hands its unsent work to a colleague's phone, a cable or a
//! console. The queue becomes one or more *parcels*; each stands alone, may arrive in any order and any number of
//! times.
//!
//! **Invariants.** Whoever carries a parcel learns its size and which server it is for, nothing else: the rest is
//! sealed to the server ([`crate::seal_parcel`]) and signed by the device that packed it. A parcel is never larger than
//! [`MAX_PARCEL_BYTES`].
//!
//! **Non-goals.** Proof of who carried it; confidentiality against the server.

use serde::{Deserialize, Serialize};
use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};

use crate::{Envelope, UploadRequest};

/// Largest parcel in bytes, as a file and as a request body.
pub const MAX_PARCEL_BYTES: usize = 4 * 1024 * 1024;

/// Largest part of a photo in one parcel, in bytes.
pub const MAX_PARCEL_PHOTO_BYTES: u64 = 3 * 1024 * 1024;

/// Most bytes of commands in one parcel, as JSON before compression.
pub const MAX_PARCEL_COMMAND_BYTES: usize = 3 * 1024 * 1024;

/// The key that parcels for a server are sealed to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CourierKey {
    /// Names the key in the head of a parcel: 16 hex digits, the beginning of the public key's BLAKE3.
    pub id: String,
    /// X25519 public key; 64 hex digits.
    pub public_key: String,
}

/// What a parcel says.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Parcel {
    /// The device that packed it.
    pub device_id: DeviceId,
    /// Whose work it is.
    pub user_id: UserId,
    /// When it was packed, by the phone's best estimate.
    pub packed_at: Timestamp,
    /// Place among the parcels of one packing, from 1.
    pub number: u32,
    /// How many parcels the packing has.
    pub of: u32,
    /// What it brings.
    pub content: ParcelContent,
}

/// What a parcel brings.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub enum ParcelContent {
    /// Commands in order of their numbers, as they would go in a sync.
    Commands {
        /// The commands.
        commands: Vec<Envelope>,
    },
    /// Bytes of a photo; they follow the description.
    Photo {
        /// The file they are part of.
        upload: UploadRequest,
        /// Where in it they begin.
        offset: u64,
    },
}

/// What became of a parcel. It may be thrown away in either case: the server answers for it from here on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParcelFate {
    /// Worked through, now or by another road before.
    Taken,
    /// Kept on the server until something else arrives or a person decides; a supervisor sees it.
    Kept,
}

/// The answer to `POST /courier`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ParcelReceipt {
    /// What became of it.
    pub fate: ParcelFate,
}
