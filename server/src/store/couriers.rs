//! Parcels: the keys they are sealed to and signed with, and those that wait.

use storewalk_domain::{
    ids::{DeviceId, UserId},
    time::Timestamp,
};

use crate::store::StoreError;

/// BLAKE3 of a parcel's file.
pub type ParcelHash = [u8; 32];

/// Why a parcel waits on the server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeptReason {
    /// Something that comes before it has not arrived.
    Gap,
    /// The account of the person is barred, or there is none.
    AccountBarred,
    /// The device was revoked.
    DeviceRevoked,
    /// The device belongs to another person now.
    OtherOwner,
    /// A number of the device belongs to another command.
    NumberReused,
    /// The photo it is part of is not known; its command may have been refused.
    PhotoUnknown,
    /// The photo's bytes are not what was announced, or no photo.
    PhotoRefused,
}

impl KeptReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Gap,
        Self::AccountBarred,
        Self::DeviceRevoked,
        Self::OtherOwner,
        Self::NumberReused,
        Self::PhotoUnknown,
        Self::PhotoRefused,
    ];

    /// The name in SQL and in the console's texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::AccountBarred => "account_barred",
            Self::DeviceRevoked => "device_revoked",
            Self::OtherOwner => "other_owner",
            Self::NumberReused => "number_reused",
            Self::PhotoUnknown => "photo_unknown",
            Self::PhotoRefused => "photo_refused",
        }
    }

    /// The reason of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// A parcel that was read and waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptParcel {
    /// BLAKE3 of the file.
    pub hash: ParcelHash,
    /// The device that packed it.
    pub device_id: DeviceId,
    /// Whose work it is.
    pub user_id: UserId,
    /// Who brought it.
    pub carried_by: UserId,
    /// Why it waits.
    pub reason: KeptReason,
    /// Place in its packing, from 1.
    pub number: u32,
    /// Commands in it; 1 for a part of a photo.
    pub items: u32,
    /// When it arrived first.
    pub arrived_at: Timestamp,
    /// The file as it came.
    pub file: Vec<u8>,
}

/// How much of a device waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KeptSum {
    /// Parcels.
    pub parcels: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// Questions about parcels.
pub trait CouriersRead {
    /// The seeds of the keys that parcels are sealed to, the newest first; never empty.
    fn courier_seeds(&self) -> Result<Vec<[u8; 32]>, StoreError>;

    /// The public keys a device has enrolled.
    fn parcel_keys(&self, device: DeviceId) -> Result<Vec<String>, StoreError>;

    /// How much of a device waits.
    fn kept_sum(&self, device: DeviceId) -> Result<KeptSum, StoreError>;

    /// The parcels of a device that wait, in the order of their packing, without their files.
    fn kept_parcels_of(&self, device: DeviceId) -> Result<Vec<KeptParcel>, StoreError>;

    /// A parcel that waits.
    fn kept_parcel(&self, hash: &ParcelHash) -> Result<Option<KeptParcel>, StoreError>;

    /// Parcels that wait, of people of a region, the oldest first, at most 300, without their files.
    fn kept_parcels(&self, region: Option<&str>) -> Result<Vec<KeptParcel>, StoreError>;
}

/// Changes to parcels.
pub trait CouriersWrite {
    /// Enrols a public key of a device; it may be enrolled already.
    fn put_parcel_key(&mut self, device: DeviceId, public_key: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Keeps a parcel; one that is kept already gets the new reason.
    fn keep_parcel(&mut self, parcel: &KeptParcel) -> Result<(), StoreError>;

    /// Lets a parcel go; it may be gone already.
    fn drop_parcel(&mut self, hash: &ParcelHash) -> Result<(), StoreError>;
}
