//! The field handbook as data: visit steps, goals, photo zones, reject reasons, reasons for "not on shelf" and the
//! like, each with a stable code and both languages.

use serde::{Deserialize, Serialize};

use crate::{ids::HandbookEntryId, text::Localized};

/// The lists of the handbook.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandbookList {
    /// The eleven steps of a visit; codes are `1` to `11`.
    VisitStep,
    /// The twelve goals of a visit.
    VisitGoal,
    /// What the photos of an outlet show, in shot order.
    PhotoZone,
    /// Why a photo is rejected.
    RejectReason,
    /// Why a product is not on the shelf.
    NotOnShelfReason,
    /// Why a planned visit is skipped.
    SkipReason,
    /// Why a goal was or was not reached.
    GoalCause,
    /// The wording of tasks, by kind.
    TaskKind,
    /// The wording of alerts, by kind.
    AlertKind,
}

/// One entry of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandbookEntry {
    /// Identity.
    pub id: HandbookEntryId,
    /// The list.
    pub list: HandbookList,
    /// Stable code, unique in the list.
    pub code: String,
    /// Place in the list, from 1.
    pub position: u32,
    /// Wording.
    pub text: Localized,
    /// A longer explanation; may be the same as the wording.
    pub detail: Localized,
    /// Whether it counts: a required photo zone, for instance.
    pub is_required: bool,
}
