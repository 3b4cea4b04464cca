//! A score that can explain itself.

use storewalk_domain::score::{self as domain, MissCause};

use super::{all, text};

/// What a shelf scores.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Score {
    /// Points reached, 0 to 100, as an exact number.
    pub total: String,
    /// Block by block.
    pub blocks: Vec<BlockScore>,
}

/// One block of a score.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct BlockScore {
    /// Block code.
    pub block: String,
    /// Weight.
    pub weight: u32,
    /// Points reached, as an exact number; nothing when nothing in the block applies.
    pub points: Option<String>,
    /// Item points earned.
    pub earned: u32,
    /// Item points possible.
    pub possible: u32,
    /// Items that earned nothing, each with why.
    pub misses: Vec<Miss>,
}

/// An item that earned nothing.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Miss {
    /// The question, as `item` or `item[instance]`.
    pub item: String,
    /// Points lost.
    pub points: u32,
    /// Why.
    pub cause: MissCause,
}

impl From<domain::StoreScore> for Score {
    fn from(score: domain::StoreScore) -> Self {
        Self { total: score.total.normalize().to_string(), blocks: all(score.blocks) }
    }
}

impl From<domain::BlockScore> for BlockScore {
    fn from(block: domain::BlockScore) -> Self {
        Self {
            block: block.block,
            weight: block.weight,
            points: text(block.points.map(|points| points.normalize())),
            earned: block.earned,
            possible: block.possible,
            misses: all(block.misses),
        }
    }
}

impl From<domain::Miss> for Miss {
    fn from(miss: domain::Miss) -> Self {
        Self { item: miss.item, points: miss.points, cause: miss.cause }
    }
}
