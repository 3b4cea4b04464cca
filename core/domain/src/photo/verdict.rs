//! What a reviewer decided. Verdicts are only ever added; undoing one is a new one.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{OutletId, PhotoId, TerritoryId, UserId, VerdictId, VisitId},
    time::{BusinessDate, Timestamp},
};

/// The decision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum VerdictDecision {
    /// The photo shows what it should.
    Approved,
    /// It does not; a retake is asked for.
    Rejected,
    /// The verdict before this one no longer stands.
    Withdrawn,
}

/// A point on the picture, as fractions of its displayed size from the top left corner, each 0 to 1.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct Pin {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// One decision about one photo.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Identity.
    pub id: VerdictId,
    /// The photo.
    pub photo_id: PhotoId,
    /// The photo's visit.
    pub visit_id: VisitId,
    /// The photo's outlet.
    pub outlet_id: OutletId,
    /// Whose phone holds it.
    pub territory_id: TerritoryId,
    /// Who decided.
    pub reviewer_id: UserId,
    /// The decision.
    pub decision: VerdictDecision,
    /// Why, by handbook code; always there for a rejection.
    pub reason: Option<String>,
    /// A word to the rep; may be empty.
    pub note: String,
    /// Where on the picture.
    pub pin: Option<Pin>,
    /// A photo that shows how it should look.
    pub reference_photo_id: Option<PhotoId>,
    /// By when the retake is due.
    pub due_on: Option<BusinessDate>,
    /// When it was decided.
    pub decided_at: Timestamp,
}
