//! Answers, kept by item code so that a new wording never breaks a report.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AnswerId, CountyId, OutletId, TerritoryId, UserId, VisitId},
    time::Timestamp,
};

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum AnswerValue {
    /// Yes (`true`) or no.
    YesNo(bool),
    /// A whole number.
    Count(i64),
    /// An amount in major units.
    Price(Decimal),
    /// Free text.
    Text(String),
    /// The code of the chosen option.
    Choice(String),
    /// The codes of the chosen options.
    Choices(Vec<String>),
    /// People's names.
    Names(Vec<String>),
    /// The item does not apply here.
    NotApplicable,
}

/// Which question of a visit an answer belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct AnswerKey {
    /// Item code.
    pub item: String,
    /// The instance of a repeated item (a product code); empty for an item asked once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
}

impl AnswerKey {
    /// The key of an item asked once.
    pub fn once(item: &str) -> Self {
        Self { item: item.to_owned(), instance: String::new() }
    }

    /// The key of one instance of a repeated item.
    pub fn of(item: &str, instance: &str) -> Self {
        Self { item: item.to_owned(), instance: instance.to_owned() }
    }

    /// The id of the answer to this question in a visit: the same on every device.
    pub fn answer_id(&self, visit: VisitId) -> AnswerId {
        AnswerId::derived(visit.0, &self.to_string())
    }
}

impl std::fmt::Display for AnswerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.instance.is_empty() { f.write_str(&self.item) } else { write!(f, "{}[{}]", self.item, self.instance) }
    }
}

/// The answer that stands. Every earlier one stays in the journal of commands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Identity, derived from the visit and the key.
    pub id: AnswerId,
    /// The visit.
    pub visit_id: VisitId,
    /// The outlet.
    pub outlet_id: OutletId,
    /// The outlet's county, where shelf prices are compared.
    pub county_id: CountyId,
    /// Whose phone holds it; the outlet's territory.
    pub territory_id: TerritoryId,
    /// Item code.
    pub item: String,
    /// Instance of a repeated item; empty for an item asked once.
    pub instance: String,
    /// What was answered.
    pub value: AnswerValue,
    /// The reason behind a "no", by handbook code.
    pub reason: Option<String>,
    /// When, by the best estimate.
    pub answered_at: Timestamp,
    /// The former rep of the outlet who has still to finish the visit and sees the answer until then.
    #[serde(default)]
    pub guest_id: Option<UserId>,
    /// Why it stands beside the visit instead of in it; `None` for an answer that counts.
    #[serde(default)]
    pub late: Option<LateAnswer>,
}

/// Why an answer is kept as an observation and does not count in the visit's figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateAnswer {
    /// Given on another device before that device knew that the visit was closed.
    AfterClose,
}

impl Answer {
    /// Which question this answers.
    pub fn key(&self) -> AnswerKey {
        AnswerKey { item: self.item.clone(), instance: self.instance.clone() }
    }
}
