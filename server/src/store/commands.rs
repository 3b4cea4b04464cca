//! Commands that were worked through: their answers for ever, and those that were refused.

use std::collections::BTreeMap;

use serde_json::Value;
use storewalk_domain::{
    ids::{CommandId, DeviceId, RowId, UserId},
    sync::Bucket,
    time::Timestamp,
};
use storewalk_wire::CommandVerdict;

use crate::store::StoreError;

/// A command that was worked through.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredCommand {
    /// Identity.
    pub command_id: CommandId,
    /// Who meant it.
    pub user_id: UserId,
    /// The kind it named.
    pub kind: String,
    /// SHA-256 of what it said.
    pub body_hash: [u8; 32],
    /// How it ended.
    pub verdict: CommandVerdict,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// How far the phone had read each bucket when it was captured; empty at the console.
    pub seen: BTreeMap<Bucket, u64>,
}

/// A refused command, kept whole.
#[derive(Clone, PartialEq, Debug)]
pub struct DeadLetter {
    /// Identity.
    pub command_id: CommandId,
    /// Who meant it.
    pub user_id: UserId,
    /// From which device.
    pub device_id: DeviceId,
    /// The envelope as it came.
    pub envelope: Value,
    /// The row it would have made, if it is known to make one.
    pub would_create: Option<RowId>,
    /// When it was refused.
    pub refused_at: Timestamp,
}

/// Questions about commands.
pub trait CommandsRead {
    /// The last number of a device that was worked through; 0 before the first.
    fn last_seq(&self, device: DeviceId) -> Result<u64, StoreError>;

    /// The command a device gave this number to.
    fn command_at(&self, device: DeviceId, seq: u64) -> Result<Option<StoredCommand>, StoreError>;

    /// The command of this identity that this person meant.
    fn command_of(&self, user: UserId, command: CommandId) -> Result<Option<StoredCommand>, StoreError>;

    /// The device from which this person sent a command first; `None` for what was done at the console.
    fn device_of(&self, user: UserId, command: CommandId) -> Result<Option<DeviceId>, StoreError>;

    /// Whether anybody else gave a command this identity.
    fn is_command_of_another(&self, user: UserId, command: CommandId) -> Result<bool, StoreError>;

    /// The refused command of this person that would have made one of these rows.
    fn refused_maker_of(&self, user: UserId, rows: &[RowId]) -> Result<Option<CommandId>, StoreError>;

    /// A refused command.
    fn dead_letter(&self, user: UserId, command: CommandId) -> Result<Option<DeadLetter>, StoreError>;
}

/// Changes to commands.
pub trait CommandsWrite {
    /// Keeps the answer to a command.
    fn put_command(&mut self, command: &StoredCommand) -> Result<(), StoreError>;

    /// Notes that a device gave a command this number, and that all up to it are worked through.
    fn put_device_seq(
        &mut self,
        device: DeviceId,
        seq: u64,
        user: UserId,
        command: CommandId,
    ) -> Result<(), StoreError>;

    /// Keeps a refused command.
    fn put_dead_letter(&mut self, letter: &DeadLetter) -> Result<(), StoreError>;
}
