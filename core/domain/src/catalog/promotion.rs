//! Trade promotions and rebate ladders, as data.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ProductId, PromotionId},
    money::Money,
    text::Localized,
    time::Timestamp,
};

/// A promotion with its validity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Promotion {
    /// Identity.
    pub id: PromotionId,
    /// Code that people use (`M3`).
    pub code: String,
    /// Name.
    pub name: Localized,
    /// What it gives.
    pub rule: PromotionRule,
    /// The first instant it is valid.
    pub valid_from: Timestamp,
    /// The first instant it is no longer valid; `None` while open-ended.
    pub valid_until: Option<Timestamp>,
}

/// What a promotion gives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PromotionRule {
    /// For each full `per` units bought of one product, `free_quantity` units of another without charge.
    FreeGoods {
        /// The product bought.
        product_id: ProductId,
        /// How many units earn the gift once.
        per: u32,
        /// The product given.
        free_product_id: ProductId,
        /// How many are given each time.
        free_quantity: u32,
    },
    /// A rebate on the goods value once it reaches a threshold.
    Ladder {
        /// Steps; the highest one reached counts, for the whole goods value.
        steps: Vec<LadderStep>,
    },
}

/// One step of a rebate ladder (台阶).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LadderStep {
    /// Goods value from which the step counts.
    pub from: Money,
    /// Share of the goods value, as a fraction (0.02 for 2 %).
    pub rate: Decimal,
}
