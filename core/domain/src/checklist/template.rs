//! One immutable version of a checklist.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{ids::TemplateId, text::Localized, time::Timestamp};

/// A questionnaire. A visit keeps the version it began with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChecklistTemplate {
    /// Identity of this version.
    pub id: TemplateId,
    /// Code shared by all versions.
    pub code: String,
    /// Version, counting from 1.
    pub version: u32,
    /// Title.
    pub title: Localized,
    /// From when new visits use it.
    pub valid_from: Timestamp,
    /// Sections in order; one per visit step that asks something.
    pub sections: Vec<Section>,
    /// The blocks of the score and their weights.
    pub blocks: Vec<Block>,
}

impl ChecklistTemplate {
    /// The item of a code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.sections.iter().flat_map(|section| &section.items).find(|item| item.code == code)
    }
}

/// The questions of one visit step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Section {
    /// Stable code.
    pub code: String,
    /// The step of the visit it belongs to, 1 to 11.
    pub step: u8,
    /// Title.
    pub title: Localized,
    /// Items in order.
    pub items: Vec<Item>,
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Stable code; a wording may change between versions, the meaning of a code never.
    pub code: String,
    /// The question.
    pub label: Localized,
    /// What kind of answer it takes.
    pub kind: ItemKind,
    /// Whether it is asked once or for each of something.
    #[serde(default)]
    pub repeat: Repeat,
    /// Whether the visit can be closed without it.
    #[serde(default)]
    pub requirement: Requirement,
    /// When it is asked at all.
    #[serde(default)]
    pub relevant: Condition,
    /// The handbook list a reason must come from when the answer is "no"; `None` when no reason is asked.
    #[serde(default)]
    pub reason_list: Option<String>,
    /// Whether "not applicable" may be answered; it then leaves the score's sums.
    #[serde(default)]
    pub may_be_not_applicable: bool,
    /// What it adds to the score; `None` when it is only recorded.
    #[serde(default)]
    pub score: Option<ScoreRule>,
    /// Whether a "no" raises an open point that is carried to the next visit, until it is answered "yes".
    #[serde(default)]
    pub raises_open_point: bool,
}

impl Item {
    /// The option of a code, as this version words it.
    pub fn choice(&self, code: &str) -> Option<&Choice> {
        match &self.kind {
            ItemKind::SingleChoice { choices } | ItemKind::MultipleChoice { choices } => {
                choices.iter().find(|choice| choice.code == code)
            }
            ItemKind::YesNo
            | ItemKind::Count(_)
            | ItemKind::Price(_)
            | ItemKind::Text { .. }
            | ItemKind::Names { .. } => None,
        }
    }
}

/// The kinds of answers. Closed: a new kind is a new variant everywhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemKind {
    /// Yes or no.
    YesNo,
    /// A whole number.
    Count(NumberLimits),
    /// An amount in major units of the organisation's currency.
    Price(NumberLimits),
    /// Free text.
    Text {
        /// Longest text in characters.
        max_chars: u32,
    },
    /// One of the options.
    SingleChoice {
        /// The options.
        choices: Vec<Choice>,
    },
    /// Any of the options.
    MultipleChoice {
        /// The options.
        choices: Vec<Choice>,
    },
    /// People's names, such as the clerks trained.
    Names {
        /// Most names.
        max_names: u32,
    },
}

/// Limits of a number, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NumberLimits {
    /// Smallest value.
    pub min: Decimal,
    /// Largest value.
    pub max: Decimal,
}

/// One option. Its code stays readable when a later version drops it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// Stable code.
    pub code: String,
    /// Wording.
    pub label: Localized,
}

/// How often an item is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Once.
    #[default]
    Once,
    /// For each product of the outlet's must-stock list; the instance is the product's code.
    PerMustStockProduct,
    /// For each hero product of the outlet's must-stock list; the instance is the product's code.
    PerHeroProduct,
}

/// Whether an item must be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// The visit cannot be closed without it.
    #[default]
    Required,
    /// It may be left out.
    Optional,
}

/// When an item is asked (skip logic). Codes refer to items of the same template; inside a repeated item they mean
/// the same instance.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum Condition {
    /// Always.
    #[default]
    Always,
    /// When an item was answered "yes".
    Yes {
        /// Item code.
        item: String,
    },
    /// When an item was answered "no".
    No {
        /// Item code.
        item: String,
    },
    /// When an option was chosen.
    Chosen {
        /// Item code.
        item: String,
        /// Option code.
        choice: String,
    },
    /// When all hold.
    All {
        /// The conditions.
        of: Vec<Condition>,
    },
    /// When at least one holds.
    Any {
        /// The conditions.
        of: Vec<Condition>,
    },
}

/// A block of the score.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Block {
    /// Stable code, such as `must_stock`.
    pub code: String,
    /// Title.
    pub title: Localized,
    /// Weight; the weights of all blocks make the best possible score.
    pub weight: u32,
}

/// What an item adds to its block.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScoreRule {
    /// The block.
    pub block: String,
    /// Points when the item is fulfilled; none otherwise.
    pub points: u32,
    /// What counts as fulfilled.
    pub fulfilled: Fulfilment,
    /// The photo zone that proves it: while that zone's photo stands rejected, the item earns nothing.
    #[serde(default)]
    pub evidence_zone: Option<String>,
}

/// When an item earns its points.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    /// The answer is "yes".
    Yes,
    /// The item was answered at all.
    Answered,
    /// The shelf price is neither below the minimum nor far above the suggested price (see `catalog`).
    PriceInBand,
}
