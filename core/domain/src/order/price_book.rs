//! What pricing may look at: products, lists, prices and promotions, by id.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::LineRequest;
use crate::{
    catalog::{Price, PriceList, Product, Promotion, PromotionRule, standard_list},
    ids::{DealerId, PriceListId, ProductId},
    money::Currency,
    sync::{Find, State, StateError, StateExt},
    time::Timestamp,
};

/// The part of the catalogue that an order is priced with.
#[derive(Clone, Debug, Default)]
pub struct PriceBook {
    products: BTreeMap<ProductId, Product>,
    lists: Vec<PriceList>,
    prices: BTreeMap<(PriceListId, ProductId), Decimal>,
    promotions: Vec<Promotion>,
}

/// Why an order may not use a price list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ListFault {
    /// It does not exist, is another dealer's or is in another currency.
    Missing,
    /// It is not valid at the instant, or a later version has taken its place; its code.
    NotValid(String),
}

impl PriceBook {
    /// A book of these rows. Where a list has two prices for a product, the one with the smaller id counts.
    pub fn new(
        products: impl IntoIterator<Item = Product>,
        lists: impl IntoIterator<Item = PriceList>,
        prices: impl IntoIterator<Item = Price>,
        promotions: impl IntoIterator<Item = Promotion>,
    ) -> Self {
        let mut prices: Vec<Price> = prices.into_iter().collect();
        prices.sort_by_key(|price| std::cmp::Reverse(price.id));
        let mut promotions: Vec<Promotion> = promotions.into_iter().collect();
        promotions.sort_by(|a, b| (&a.code, a.id).cmp(&(&b.code, b.id)));
        Self {
            products: products.into_iter().map(|product| (product.id, product)).collect(),
            lists: lists.into_iter().collect(),
            prices: prices
                .into_iter()
                .map(|price| ((price.price_list_id, price.product_id), price.unit_price))
                .collect(),
            promotions,
        }
    }

    /// Reads what an order of these lines needs when it is priced on any of `lists`, and no more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load<S: State + ?Sized>(
        state: &S,
        lines: &[LineRequest],
        lists: &[PriceListId],
    ) -> Result<Self, StateError> {
        let promotions: Vec<Promotion> = state.list(Find::Promotions)?;
        let gifts = promotions.iter().filter_map(|promotion| match &promotion.rule {
            PromotionRule::FreeGoods { free_product_id, .. } => Some(*free_product_id),
            PromotionRule::Ladder { .. } => None,
        });
        let wanted: BTreeSet<ProductId> = lines.iter().map(|line| line.product_id).chain(gifts).collect();
        let mut products = Vec::new();
        for id in wanted {
            products.extend(state.get::<Product>(id.row())?);
        }
        let pairs: BTreeSet<(PriceListId, ProductId)> = lines
            .iter()
            .flat_map(|line| lists.iter().copied().chain(line.price_list_id).map(|list| (list, line.product_id)))
            .collect();
        let mut prices: Vec<Price> = Vec::new();
        for (price_list_id, product_id) in pairs {
            prices.extend(state.list::<Price>(Find::PriceOf { price_list_id, product_id })?);
        }
        Ok(Self::new(products, state.list::<PriceList>(Find::PriceLists)?, prices, promotions))
    }

    /// A product.
    pub fn product(&self, id: ProductId) -> Option<&Product> {
        self.products.get(&id)
    }

    /// The price of one sales unit on a list, in major units; only a price above zero is one.
    pub fn unit_price(&self, list: PriceListId, product: ProductId) -> Option<Decimal> {
        self.prices.get(&(list, product)).copied().filter(|price| *price > Decimal::ZERO)
    }

    /// The promotions valid at an instant, in order of their codes.
    pub fn promotions_at(&self, at: Timestamp) -> impl Iterator<Item = &Promotion> {
        self.promotions
            .iter()
            .filter(move |promotion| promotion.valid_from <= at && promotion.valid_until.is_none_or(|end| at < end))
    }

    /// The list an order of a dealer uses at an instant unless it names another.
    pub fn standard_list(&self, dealer: DealerId, at: Timestamp) -> Option<&PriceList> {
        standard_list(&self.lists, dealer, at)
    }

    /// The list of an id, if an order of this dealer may use it at this instant.
    ///
    /// A standard list gives way to the next version of itself even when its own validity was left open-ended:
    /// otherwise an old list could be named for ever.
    pub(super) fn usable_list(
        &self,
        id: PriceListId,
        dealer: DealerId,
        currency: Currency,
        at: Timestamp,
    ) -> Result<&PriceList, ListFault> {
        let list = self.lists.iter().find(|list| list.id == id);
        let list = list.filter(|list| list.is_open_to(dealer) && list.currency == currency);
        let list = list.ok_or(ListFault::Missing)?;
        let is_superseded = list.is_standard && self.lists.iter().any(|other| is_next_version(list, other, at));
        if list.is_valid_at(at) && !is_superseded { Ok(list) } else { Err(ListFault::NotValid(list.code.clone())) }
    }
}

fn is_next_version(list: &PriceList, other: &PriceList, at: Timestamp) -> bool {
    other.is_standard
        && other.dealer_id == list.dealer_id
        && other.currency == list.currency
        && other.valid_from > list.valid_from
        && other.is_valid_at(at)
}
