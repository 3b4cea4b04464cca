//! The lives of a database: what it signs with, how far it has come, and what happens when it is put back from a backup.

use storewalk_domain::{ids::DeviceId, time::Timestamp};
use uuid::Uuid;

use crate::store::StoreError;

/// How far a database has come. None of these numbers ever falls while it lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// The life of its logs.
    pub epoch: u64,
    /// The heads of all buckets, added up.
    pub positions: u64,
    /// The highest number a device has.
    pub device_number: u32,
}

/// Questions about lives.
pub trait LivesRead {
    /// The secret seed that receipts are signed with; minted with the database.
    fn receipt_seed(&self) -> Result<[u8; 32], StoreError>;

    /// How far the database has come.
    fn evidence(&self) -> Result<Evidence, StoreError>;

    /// When the present life began; `None` in the first one: the database was never put back from a backup.
    fn restored_at(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The device this one is a copy of.
    fn copied_from(&self, device: DeviceId) -> Result<Option<DeviceId>, StoreError>;

    /// The mark of the last sign-in on a device that named one.
    fn sign_in_mark(&self, device: DeviceId) -> Result<Option<Uuid>, StoreError>;

    /// Whether a number was set aside for devices this database has forgotten and nobody has it.
    fn is_forgotten_number(&self, number: u32) -> Result<bool, StoreError>;
}

/// Changes of lives.
pub trait LivesWrite {
    /// Begins another life: every bucket's log gets the new epoch, so that each phone reads it again, and new devices
    /// get numbers above `numbers_given`.
    fn begin_life(&mut self, epoch: u64, numbers_given: u32) -> Result<(), StoreError>;

    /// Notes when the present life was first served; later times change nothing.
    fn note_life(&mut self, at: Timestamp) -> Result<(), StoreError>;

    /// Notes the mark of a sign-in on a device.
    fn put_sign_in_mark(&mut self, device: DeviceId, mark: Uuid) -> Result<(), StoreError>;

    /// Notes that a device is a copy of another one and goes on after `last_seq`.
    fn put_copy(
        &mut self,
        device: DeviceId,
        copied_from: DeviceId,
        last_seq: u64,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}
