//! The profile of an outlet, field by field: corrections that meet merge, corrections that contradict are both kept.
//!
//! **Rule.** A correction says which value it saw and which it puts in its place. One that saw what another had put
//! follows it; two that saw the same value and put different ones contradict each other: the later trusted time is shown
//! for the time being, and a supervisor decides. What was decided is undone only by a new decision: a correction from
//! before it, arriving late, contests it without being shown.
//!
//! **Invariants.** [`resolve`] is a pure function of the value that stood and the *set* of corrections, so the order in
//! which they arrive changes neither what is shown nor what is contested.
//!
//! **Limit.** "Follows" is told from values and trusted times, not from what a phone had in hand: a correction back to
//! an earlier value can be taken for the base of one that did not see it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Outlet;
use crate::{
    catalog::parse_gln,
    ids::{CommandId, OutletId, ProfileFieldId, TerritoryId, UserId},
    text::{Localized, check_text},
    time::Timestamp,
    trusted::Clocks,
};

/// Widest fence in metres.
const MAX_FENCE_M: u32 = 10_000;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $limit:literal, $zh:literal, $en:literal),+ $(,)?) => {
        /// The fields of a profile that people in the field may correct. Values are text; empty for none.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
        pub enum FieldName {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
        }

        impl FieldName {
            /// Every field, in the order of the screens.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What people call the field.
            pub fn label(self) -> Localized {
                match self { $(Self::$name => Localized::new($zh, $en),)+ }
            }

            /// Most characters of a value.
            fn limit(self) -> u32 {
                match self { $(Self::$name => $limit,)+ }
            }
        }
    };
}

fields! {
    /// Name over the door.
    Name = "name", 200, "店名", "name",
    /// Postal address.
    Address = "address", 500, "地址", "address",
    /// Global Location Number.
    Gln = "gln", 20, "GLN", "GLN",
    /// Radius of the fence in metres.
    FenceM = "fence_m", 10, "围栏半径（米）", "fence radius (m)",
    /// Who decides about purchases.
    DecisionMaker = "decision_maker", 200, "决策人", "decision maker",
    /// Telephone.
    Phone = "phone", 40, "电话", "phone",
    /// When it is open.
    OpeningHours = "opening_hours", 200, "营业时间", "opening hours",
    /// Whom to ask for.
    Contact = "contact", 200, "联系人", "contact",
}

impl FieldName {
    /// The field of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.code() == code)
    }

    /// The value an outlet has.
    pub fn read(self, outlet: &Outlet) -> String {
        match self {
            Self::Name => outlet.name.clone(),
            Self::Address => outlet.address.clone(),
            Self::Gln => outlet.gln.clone().unwrap_or_default(),
            Self::FenceM => outlet.fence_m.to_string(),
            Self::DecisionMaker => outlet.decision_maker.clone(),
            Self::Phone => outlet.phone.clone(),
            Self::OpeningHours => outlet.opening_hours.clone().unwrap_or_default(),
            Self::Contact => outlet.contact.clone().unwrap_or_default(),
        }
    }

    /// Gives an outlet a value that [`FieldName::checked`] has passed.
    pub(super) fn write(self, outlet: &mut Outlet, value: &str) {
        let optional = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match self {
            Self::Name => value.clone_into(&mut outlet.name),
            Self::Address => value.clone_into(&mut outlet.address),
            Self::Gln => outlet.gln = optional(),
            Self::FenceM => outlet.fence_m = value.parse().unwrap_or(outlet.fence_m),
            Self::DecisionMaker => value.clone_into(&mut outlet.decision_maker),
            Self::Phone => value.clone_into(&mut outlet.phone),
            Self::OpeningHours => outlet.opening_hours = optional(),
            Self::Contact => outlet.contact = optional(),
        }
    }

    /// A value as it is kept; `None` when the field cannot take it.
    pub fn checked(self, value: &str) -> Option<String> {
        let value = value.trim();
        if value.is_empty() {
            return (!matches!(self, Self::Name | Self::FenceM)).then(String::new);
        }
        check_text(value, self.limit()).ok()?;
        match self {
            Self::Gln => parse_gln(value).ok(),
            Self::FenceM => {
                let metres: u32 = value.parse().ok()?;
                (1..=MAX_FENCE_M).contains(&metres).then(|| metres.to_string())
            }
            _ => Some(value.to_owned()),
        }
    }
}

/// One field of one outlet that was corrected at least once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProfileField {
    /// Identity, derived from the outlet and the field.
    pub id: ProfileFieldId,
    /// The outlet.
    pub outlet_id: OutletId,
    /// The outlet's territory.
    pub territory_id: TerritoryId,
    /// The region of the territory, whose supervisors decide; empty when unknown.
    pub region_code: String,
    /// The field.
    pub field: FieldName,
    /// The value that stood before the corrections: from the master data, or decided.
    pub base: String,
    /// The value that is shown.
    pub shown: String,
    /// Whether corrections contradict each other and nobody has decided since.
    pub is_contested: bool,
    /// The corrections since `base`, by trusted time.
    pub edits: Vec<Edit>,
    /// What ended earlier contests, oldest first.
    pub decisions: Vec<Settled>,
}

/// One correction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Edit {
    /// The command that brought it.
    pub id: CommandId,
    /// The value the person saw.
    pub from: String,
    /// The value the person gave.
    pub to: String,
    /// Who.
    pub by: UserId,
    /// When, by the best estimate.
    pub at: Timestamp,
    /// Both clocks.
    pub clocks: Clocks,
}

/// A value that was put above corrections.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settled {
    /// The value.
    pub value: String,
    /// Who decided; `None` when the master data was loaded anew.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// The corrections it was put above.
    pub edits: Vec<Edit>,
}

/// What a set of corrections amounts to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contest<'e> {
    /// The value to show.
    pub shown: String,
    /// The corrections that no other follows, by trusted time.
    pub heads: Vec<&'e Edit>,
    /// Whether they, or one of them and the value that stood, contradict each other.
    pub is_contested: bool,
}

impl ProfileField {
    /// The identity of a field's row: the same on every device.
    pub fn id_of(outlet: OutletId, field: FieldName) -> ProfileFieldId {
        ProfileFieldId::derived(outlet.0, &format!("profile:{}", field.code()))
    }

    /// Takes one more correction in and works out what it changes.
    pub(super) fn take(&mut self, edit: Edit) {
        if self.edits.iter().any(|known| known.id == edit.id) {
            return;
        }
        self.edits.push(edit);
        self.edits.sort_by_key(|edit| (edit.at, edit.id));
        let contest = resolve(&self.base, &self.edits);
        (self.shown, self.is_contested) = (contest.shown, contest.is_contested);
    }

    /// Puts a value above all corrections so far.
    pub(super) fn settle(&mut self, settled: Settled) {
        self.base.clone_from(&settled.value);
        self.shown.clone_from(&settled.value);
        self.is_contested = false;
        self.decisions.push(settled);
    }

    /// The values that contradict each other, each with those who gave it; a value nobody gave is the one that stood.
    pub fn contenders(&self) -> Vec<(String, Vec<&Edit>)> {
        let contest = resolve(&self.base, &self.edits);
        let mut values: Vec<(String, Vec<&Edit>)> = Vec::new();
        if contest.heads.iter().all(|head| head.to != self.shown) {
            values.push((self.shown.clone(), Vec::new()));
        }
        for head in contest.heads {
            match values.iter_mut().find(|(value, _)| *value == head.to) {
                Some((_, edits)) => edits.push(head),
                None => values.push((head.to.clone(), vec![head])),
            }
        }
        values
    }
}

/// What a set of corrections of a value amounts to. `edits` may come in any order; none leads from a value to itself.
pub fn resolve<'e>(base: &str, edits: &'e [Edit]) -> Contest<'e> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.at, edit.id));
    let mut reached: BTreeSet<&str> = BTreeSet::from([base]);
    let mut heads: Vec<(&Edit, bool)> = Vec::new();
    for edit in sorted {
        let is_rooted = reached.contains(edit.from.as_str());
        if is_rooted {
            reached.insert(&edit.to);
        }
        heads.retain(|(head, _)| head.to != edit.from);
        heads.push((edit, is_rooted));
    }
    let last_rooted = heads.iter().rev().find(|(_, is_rooted)| *is_rooted);
    let shown = last_rooted.map_or(base, |(head, _)| head.to.as_str());
    let is_contested = heads.iter().any(|(head, _)| head.to != shown);
    Contest { shown: shown.to_owned(), heads: heads.into_iter().map(|(head, _)| head).collect(), is_contested }
}
