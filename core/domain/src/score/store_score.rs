//! The figures of a score.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A score that can explain itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoreScore {
    /// Points reached, 0 to 100.
    pub total: Decimal,
    /// Block by block.
    pub blocks: Vec<BlockScore>,
}

/// One block of a score.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BlockScore {
    /// Block code.
    pub block: String,
    /// Weight.
    pub weight: u32,
    /// Points reached: weight × earned ÷ possible; `None` when nothing in the block applies.
    pub points: Option<Decimal>,
    /// Item points earned.
    pub earned: u32,
    /// Item points possible.
    pub possible: u32,
    /// Items that earned nothing, each with why.
    pub misses: Vec<Miss>,
}

/// An item that earned nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Miss {
    /// The question, as `item` or `item[instance]`.
    pub item: String,
    /// Points lost.
    pub points: u32,
    /// Why.
    pub cause: MissCause,
}

/// Why an item earned nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum MissCause {
    /// The answer does not fulfil it.
    NotFulfilled,
    /// It was not answered.
    Unanswered,
    /// The photo that proves it stands rejected.
    EvidenceRejected,
}
