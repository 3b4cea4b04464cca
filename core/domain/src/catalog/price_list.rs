//! Price lists: immutable versions with a validity; an order names the version it was priced on.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{DealerId, PriceId, PriceListId, ProductId},
    money::Currency,
    time::Timestamp,
};

/// One version of a price list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PriceList {
    /// Identity of this version.
    pub id: PriceListId,
    /// Code that people use (`v7`); the external key of imports.
    pub code: String,
    /// Currency of all its prices.
    pub currency: Currency,
    /// The dealer it is for; `None` for the list of all dealers.
    pub dealer_id: Option<DealerId>,
    /// The first instant it is valid.
    pub valid_from: Timestamp,
    /// The first instant it is no longer valid; `None` while open-ended.
    pub valid_until: Option<Timestamp>,
    /// Whether it is a list that an order uses unless it names another. Of the standard lists valid at an instant, a
    /// dealer's own goes before the general one, then the one with the latest `valid_from`.
    pub is_standard: bool,
}

impl PriceList {
    /// Whether the list is valid at an instant.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.valid_from <= at && self.valid_until.is_none_or(|end| at < end)
    }
}

/// What one product costs on one list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Price {
    /// Identity.
    pub id: PriceId,
    /// The list.
    pub price_list_id: PriceListId,
    /// The list's dealer; decides who may see it.
    pub dealer_id: Option<DealerId>,
    /// The product.
    pub product_id: ProductId,
    /// Price of one sales unit in major units, at most 6 decimals.
    pub unit_price: Decimal,
}
