//! The lists of the handbook and their entries.

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

impl HandbookList {
    /// Every list.
    pub const ALL: [Self; 9] = [
        Self::VisitStep,
        Self::VisitGoal,
        Self::PhotoZone,
        Self::RejectReason,
        Self::NotOnShelfReason,
        Self::SkipReason,
        Self::GoalCause,
        Self::TaskKind,
        Self::AlertKind,
    ];

    /// The name used in SQL, JSON and checklist templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VisitStep => "visit_step",
            Self::VisitGoal => "visit_goal",
            Self::PhotoZone => "photo_zone",
            Self::RejectReason => "reject_reason",
            Self::NotOnShelfReason => "not_on_shelf_reason",
            Self::SkipReason => "skip_reason",
            Self::GoalCause => "goal_cause",
            Self::TaskKind => "task_kind",
            Self::AlertKind => "alert_kind",
        }
    }

    /// The list of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == name)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_name_everywhere() {
        for list in HandbookList::ALL {
            assert_eq!(serde_json::to_value(list).expect("a string"), list.as_str());
            assert_eq!(HandbookList::from_name(list.as_str()), Some(list));
        }
        assert_eq!(HandbookList::from_name("recipes"), None);
    }
}
