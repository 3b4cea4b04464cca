//! `POST /sync`: push and pull in one round trip.
//!
//! The server works through the commands first, each exactly once, then answers from one snapshot: the results, the
//! number of the last command it has worked through (`acked_seq`) and the changes of every bucket since the phone's
//! cursors. A response that is not `complete` is a page; the phone stages it and asks on. Only a complete pull is
//! published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use storewalk_domain::{
    ids::{CommandId, RowId},
    problem::Problem,
    sync::{Actor, Bucket, FIRST_SHAPE, Policies},
    time::{CaptureTime, Timestamp},
};

use crate::{BatchReceipt, Checksum, ProblemBody, ProtocolWindow, Snapshot, known};

/// A command on its way.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Envelope {
    /// Dense number of this device's commands, from 1.
    pub seq: u64,
    /// Identity; the idempotency key.
    pub command_id: CommandId,
    /// The shape the command is written in: [`storewalk_domain::sync::shape_of`] its kind in the release that wrote it.
    #[serde(default = "first_shape")]
    pub schema: u32,
    /// `{"kind": …, "args": …}`; kept raw, so that a kind this release does not know is refused by name and stored.
    pub command: Value,
    /// When it was captured, as far as the phone can tell.
    pub captured: CaptureTime,
    /// How far the phone had read each bucket when it was captured; those of classes that only a newer release has are
    /// passed over.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "known::positions")]
    pub seen: BTreeMap<Bucket, u64>,
}

/// A command that does not say its shape is of the first.
fn first_shape() -> u32 {
    FIRST_SHAPE
}

/// How far the phone has read a bucket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// The bucket.
    pub bucket: Bucket,
    /// The life of the bucket's log; another epoch means start again.
    pub epoch: u64,
    /// The last position read.
    pub position: u64,
}

/// What a phone tells about itself, so that somebody can help.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DeviceHealth {
    /// Commands not yet acknowledged.
    pub unsent_commands: u64,
    /// Photos whose bytes are not yet received.
    pub unsent_photos: u64,
    /// When the oldest of them was captured.
    pub oldest_unsent_at: Option<Timestamp>,
    /// Code of the last error, if the last attempt failed.
    pub last_error: Option<String>,
    /// The phone's wall clock.
    pub device_at: Timestamp,
    /// Version of the app.
    pub app_version: String,
    /// Unsent commands by kind; at most the twelve most frequent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unsent_kinds: BTreeMap<String, u64>,
    /// Unsent commands by age.
    #[serde(default, skip_serializing_if = "UnsentAges::is_empty")]
    pub unsent_ages: UnsentAges,
    /// Size of the phone's database, in steps of 1 MiB; 0 from an older release.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub database_bytes: u64,
    /// Bytes of photos that are still to be sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub queue_bytes: u64,
    /// Parcels of others that this phone still carries.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parcels: u64,
    /// Commands and photos whose receipt is missing or does not verify.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub receipt_problems: u64,
    /// The protocol the phone last spoke; written down by the server. 0: not known.
    #[serde(default, skip_serializing_if = "is_zero_u32")]
    pub protocol: u32,
    /// Whether the server signs with a key that no sign-in has confirmed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_receipt_key_new: bool,
}

/// How many commands wait, by how long they have waited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UnsentAges {
    /// Less than an hour.
    pub hour: u64,
    /// Less than a day.
    pub day: u64,
    /// Less than a week.
    pub week: u64,
    /// Longer.
    pub older: u64,
}

impl UnsentAges {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero_u32(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The body of `POST /sync`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SyncRequest {
    /// [`crate::PROTOCOL`] of the phone.
    pub protocol: u32,
    /// What the phone can do beyond the first protocol.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Commands in order of `seq`; at most [`crate::MAX_BATCH_COMMANDS`].
    #[serde(default)]
    pub commands: Vec<Envelope>,
    /// Where the phone stands in the buckets it has begun to read. Buckets it does not name are sent from the start; those
    /// of classes that only a newer release has are passed over.
    #[serde(default, deserialize_with = "known::cursors")]
    pub cursors: Vec<Cursor>,
    /// About the phone.
    #[serde(default)]
    pub health: DeviceHealth,
}

/// How a command ended on the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum CommandVerdict {
    /// Done as meant.
    Applied,
    /// Done, and waiting; why.
    Held {
        /// The reason.
        problem: Problem,
    },
    /// Done, but not as meant; what differs.
    Changed {
        /// The difference.
        problem: Problem,
    },
    /// Not done; kept with the reasons, visible to the author and to supervisors.
    Refused {
        /// The reasons; never empty.
        problems: Vec<Problem>,
    },
}

/// The server's answer to one command.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CommandResult {
    /// Its number.
    pub seq: u64,
    /// Its identity.
    pub command_id: CommandId,
    /// How it ended.
    pub verdict: CommandVerdict,
    /// Whether it had been worked through before: this is the stored answer.
    #[serde(default)]
    pub is_duplicate: bool,
}

/// The change of one row in one bucket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the bucket's log.
    pub position: u64,
    /// Table; may be one this release does not know.
    pub table: String,
    /// Row.
    pub id: RowId,
    /// How often the row has changed on the server.
    pub version: u64,
    /// The row's fields; `None` when it left the bucket.
    pub row: Option<Value>,
}

/// What changed in one bucket.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BucketDelta {
    /// The bucket.
    pub bucket: Bucket,
    /// The life of its log.
    pub epoch: u64,
    /// Position of the newest entry at the snapshot.
    pub head: u64,
    /// The phone's cursor was of no use: forget what the bucket held, this starts from nothing.
    #[serde(default)]
    pub is_restart: bool,
    /// Entries in order of position.
    pub entries: Vec<Entry>,
    /// The position reached with these entries; the phone's next cursor.
    pub position: u64,
    /// What the bucket held at `head`; sent with the delta that reaches it to phones that can `checksums`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<BucketSum>,
    /// Rows in bulk that come before `entries`; only with a delta that starts from nothing, to phones that can
    /// `segments`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
}

/// What a bucket holds, in short: equal on both sides, or something is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BucketSum {
    /// Rows in it.
    pub rows: u64,
    /// The sum of [`crate::row_checksum`] over them.
    pub checksum: Checksum,
}

/// A bucket the phone holds and may no longer read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GoneBucket {
    /// The bucket.
    pub bucket: Bucket,
}

/// The answer to `POST /sync`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SyncResponse {
    /// The server's clock.
    pub server_at: Timestamp,
    /// Results of the commands of this request, in order; fewer than were sent when one must be tried again.
    pub results: Vec<CommandResult>,
    /// The last number worked through, read from the same snapshot as the rows.
    pub acked_seq: u64,
    /// What is the person's now, for the rules on the phone.
    pub actor: Actor,
    /// The organisation's settings, for the rules on the phone.
    pub policies: Policies,
    /// Changes, bucket by bucket, most needed first; a bucket without news is left out.
    pub buckets: Vec<BucketDelta>,
    /// Buckets to let go.
    #[serde(default)]
    pub gone: Vec<GoneBucket>,
    /// Whether every bucket is now at its head.
    pub is_complete: bool,
    /// The name of what this answer leaves the phone with, if it is complete: with it the phone may ask later, in a
    /// few bytes, whether anything has changed. See [`crate::StandingRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<String>,
    /// The receipt for all of `results`; to phones that can `receipts`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<BatchReceipt>,
    /// The protocols the server serves; `None` from one that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocols: Option<ProtocolWindow>,
    /// Why no rows were sent: the app is too old for them (`app_outdated`). What was worked through stands all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Box<ProblemBody>>,
}
