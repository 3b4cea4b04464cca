//! Price lists: immutable versions with a validity; an order names the version it was priced on.

use std::cmp::Reverse;

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

    /// Whether a dealer may buy on the list.
    pub fn is_open_to(&self, dealer: DealerId) -> bool {
        self.dealer_id.is_none_or(|owner| owner == dealer)
    }
}

/// The list that an order of a dealer uses at an instant unless it names another: of the standard lists valid then, the
/// dealer's own before the general one, then the one with the latest `valid_from`, then the one with the smallest id.
pub fn standard_list(lists: &[PriceList], dealer: DealerId, at: Timestamp) -> Option<&PriceList> {
    lists
        .iter()
        .filter(|list| list.is_standard && list.is_valid_at(at) && list.is_open_to(dealer))
        .max_by_key(|list| (list.dealer_id.is_some(), list.valid_from, Reverse(list.id)))
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NORTH: DealerId = DealerId(Uuid::from_u128(1));
    const SOUTH: DealerId = DealerId(Uuid::from_u128(2));

    fn list(id: u128, dealer_id: Option<DealerId>, from: i64, until: Option<i64>) -> PriceList {
        PriceList {
            id: PriceListId(Uuid::from_u128(id)),
            code: format!("v{id}"),
            currency: Currency::Cny,
            dealer_id,
            valid_from: Timestamp(from),
            valid_until: until.map(Timestamp),
            is_standard: true,
        }
    }

    fn chosen(lists: &[PriceList], dealer: DealerId, at: i64) -> Option<&str> {
        standard_list(lists, dealer, Timestamp(at)).map(|list| list.code.as_str())
    }

    #[test]
    fn a_new_version_counts_from_its_first_instant() {
        let lists = [list(7, None, 100, None), list(8, None, 200, None)];
        assert_eq!(chosen(&lists, NORTH, 99), None);
        assert_eq!(chosen(&lists, NORTH, 199), Some("v7"));
        assert_eq!(chosen(&lists, NORTH, 200), Some("v8"));
    }

    #[test]
    fn a_dealers_own_list_goes_before_a_newer_general_one_and_only_for_that_dealer() {
        let lists = [list(7, Some(NORTH), 100, Some(300)), list(8, None, 200, None)];
        assert_eq!(chosen(&lists, NORTH, 250), Some("v7"));
        assert_eq!(chosen(&lists, SOUTH, 250), Some("v8"));
        assert_eq!(chosen(&lists, NORTH, 300), Some("v8"));
    }

    #[test]
    fn a_special_list_is_never_chosen_by_itself_and_a_tie_is_broken_by_id() {
        let special = PriceList { is_standard: false, ..list(1, None, 150, None) };
        assert_eq!(chosen(&[list(9, None, 100, None), special, list(8, None, 100, None)], NORTH, 200), Some("v8"));
    }
}
