//! One photograph.
//!
//! States: `pending` (the row is here, the bytes are on the phone) → `received` (the server holds the bytes and has
//! checked their hash) → `approved` or `rejected`; a withdrawn verdict leads back to `received`. A retake points at the
//! photo it replaces; the chain is never cut.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{OutletId, PhotoId, TaskId, TerritoryId, UserId, VerdictId, VisitId},
    photo::{Seen, Signal},
    time::Timestamp,
    trusted::Clocks,
};

/// How far a photo has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum PhotoStatus {
    /// Announced; the bytes are still on the phone.
    Pending,
    /// The server holds the bytes and their hash is right.
    Received,
    /// A reviewer approved it.
    Approved,
    /// A reviewer rejected it.
    Rejected,
}

/// One photograph. Its identity is the id, not its bytes: two photos may be equal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Photo {
    /// Identity, minted on the phone.
    pub id: PhotoId,
    /// The visit it belongs to.
    pub visit_id: VisitId,
    /// The outlet.
    pub outlet_id: OutletId,
    /// Whose phone holds it; the outlet's territory.
    pub territory_id: TerritoryId,
    /// Who took it.
    pub rep_id: UserId,
    /// Which part of the outlet it shows, by handbook code.
    pub zone: String,
    /// SHA-256 of the original bytes, before any edit; lower-case hex.
    pub sha256: String,
    /// Length of the original in bytes.
    pub size_bytes: u64,
    /// Width in pixels as displayed.
    pub width: u32,
    /// Height in pixels as displayed.
    pub height: u32,
    /// Best estimate of when it was taken.
    pub taken_at: Timestamp,
    /// State.
    pub status: PhotoStatus,
    /// When the server had verified the bytes: from then on the phone may free the original.
    pub received_at: Option<Timestamp>,
    /// The photo this one was taken anew for.
    pub replaces: Option<PhotoId>,
    /// The retake that replaced this one.
    pub replaced_by: Option<PhotoId>,
    /// The task this retake answers.
    pub task_id: Option<TaskId>,
    /// The verdict that stands.
    pub verdict_id: Option<VerdictId>,
    /// What the device's clock said when it was taken, and what is known instead.
    #[serde(default)]
    pub captured: Option<Clocks>,
    /// The former rep of the outlet who has still to finish the visit and sees the photo until then.
    #[serde(default)]
    pub guest_id: Option<UserId>,
    /// What the phone saw in it; `None` in photos of older releases.
    #[serde(default)]
    pub seen: Option<Seen>,
    /// What about it a person should look at, one of a kind; `None` while there is nothing.
    #[serde(default)]
    pub signals: Option<Vec<Signal>>,
}
