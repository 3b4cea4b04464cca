//! The note that tells everybody concerned of a handover, and the label of work that came after it.
//!
//! A note is made when a supervisor moves an outlet or a territory, or, where a territory changed hands by another
//! road, when the first late work arrives. It travels to the reps who had the outlet, to the territory that has it now
//! and to the supervisors of the regions concerned. Work that its maker's phone captured before it could know is added
//! to the note as it arrives.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ids::{HandoverId, OutletId, TerritoryId, UserId},
    text::Localized,
    time::Timestamp,
};

/// How many works a note tells of; the rows themselves carry the label too, so nothing is lost with the older ones.
pub const MAX_LATE_WORKS: usize = 64;

/// Who is credited with work that was done after the handover and before its maker could know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditRule {
    /// R1: the rep who made it.
    #[default]
    Maker,
    /// R2: the rep whose outlet it is by now.
    Successor,
}

impl CreditRule {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::Maker, Self::Successor];

    /// The number people know the rule by.
    pub fn code(self) -> &'static str {
        match self {
            Self::Maker => "R1",
            Self::Successor => "R2",
        }
    }

    /// What the rule says.
    pub fn label(self) -> Localized {
        match self {
            Self::Maker => Localized::new("R1：计入实际拜访的业务代表", "R1: credited to the rep who made it"),
            Self::Successor => {
                Localized::new("R2：计入门店现任业务代表", "R2: credited to the rep who has the outlet now")
            }
        }
    }
}

/// How work stands that was done on what was no longer its maker's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Done before its maker's phone could know of the handover.
    BeforeNotice,
    /// Begun before the handover and finished after it.
    BegunBefore,
    /// Refused at first; a supervisor took it in.
    TakenIn,
}

impl Standing {
    /// What people call it.
    pub fn label(self) -> Localized {
        match self {
            Self::BeforeNotice => Localized::new("得知移交前完成", "before notice"),
            Self::BegunBefore => Localized::new("移交前开始", "begun before the handover"),
            Self::TakenIn => Localized::new("由主管收下", "taken in by a supervisor"),
        }
    }
}

/// What stands on a visit or an order that was made after a handover.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HandoverLabel {
    /// How it stands.
    pub standing: Standing,
    /// Whose figures it counts in.
    pub credited_to: UserId,
    /// By which rule.
    pub rule: CreditRule,
    /// The note that tells of it; `None` for an order that was taken in no outlet.
    pub handover_id: Option<HandoverId>,
}

/// What kind of work came late.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// A visit.
    Visit,
    /// A planned call that was left out.
    Skip,
    /// A task.
    Task,
    /// An order.
    Order,
}

impl WorkKind {
    /// What people call it.
    pub fn label(self) -> Localized {
        match self {
            Self::Visit => Localized::new("拜访", "visit"),
            Self::Skip => Localized::new("跳过的拜访", "skipped call"),
            Self::Task => Localized::new("任务", "task"),
            Self::Order => Localized::new("订单", "order"),
        }
    }
}

/// Work that arrived after the handover.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LateWork {
    /// What kind.
    pub kind: WorkKind,
    /// The row's identity.
    pub id: Uuid,
    /// What people know it by: an order's number and amount; empty where the kind says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How it stands.
    pub standing: Standing,
    /// Who did it.
    pub by: UserId,
    /// Best estimate of when.
    pub done_at: Timestamp,
    /// When the server took it in.
    pub arrived_at: Timestamp,
    /// Whose figures it counts in.
    pub credited_to: UserId,
    /// By which rule.
    pub rule: CreditRule,
}

/// An outlet, or a whole territory, that passed from one rep to another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Handover {
    /// Identity.
    pub id: HandoverId,
    /// The outlet; `None` for a whole territory.
    pub outlet_id: Option<OutletId>,
    /// The outlet's code, for those who no longer hold it; empty for a territory.
    pub outlet_code: String,
    /// The outlet's name, or the territory's code.
    pub name: String,
    /// The territory it was in.
    pub from_territory: TerritoryId,
    /// The territory it is in now.
    pub to_territory: TerritoryId,
    /// The regions of both, by code.
    pub regions: Vec<String>,
    /// Who had it.
    pub from_reps: Vec<UserId>,
    /// Who has it now.
    pub to_reps: Vec<UserId>,
    /// Who decided it; `None` where it came by another road than a command.
    pub decided_by: Option<UserId>,
    /// When it was decided, or when late work first showed it.
    pub decided_at: Timestamp,
    /// Why; may be empty.
    pub reason: String,
    /// What arrived since, oldest first; the last [`MAX_LATE_WORKS`].
    pub works: Vec<LateWork>,
}

impl Handover {
    /// The note with one more work; the same work again replaces itself.
    #[must_use]
    pub(crate) fn telling(mut self, work: LateWork) -> Self {
        self.works.retain(|known| (known.kind, known.id) != (work.kind, work.id));
        self.works.push(work);
        let too_many = self.works.len().saturating_sub(MAX_LATE_WORKS);
        self.works.drain(..too_many);
        self
    }
}
