//! A priced order: every figure with the steps that led to it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{PriceListId, ProductId},
    money::{Currency, Money},
    quantity::Quantity,
};

/// What an order costs and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PricedOrder {
    /// The order's price list.
    pub price_list_id: PriceListId,
    /// Its code, for people.
    pub price_list_code: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Lines in the order they were asked for.
    pub lines: Vec<PricedLine>,
    /// Goods without charge.
    pub free_goods: Vec<FreeGoods>,
    /// Sum of the lines.
    pub goods: Money,
    /// The rebate reached; `None` when none was.
    pub rebate: Option<Rebate>,
    /// Goods less rebate.
    pub payable: Money,
}

/// One line with its price.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PricedLine {
    /// The product.
    pub product_id: ProductId,
    /// Its code, for people.
    pub product_code: String,
    /// How many sales units.
    pub quantity: Quantity,
    /// The list the price comes from.
    pub price_list_id: PriceListId,
    /// Price of one sales unit in major units.
    pub unit_price: Decimal,
    /// Quantity × unit price, rounded to the minor unit.
    pub amount: Money,
    /// How it came about.
    pub trace: Vec<TraceStep>,
}

/// Goods without charge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FreeGoods {
    /// The product.
    pub product_id: ProductId,
    /// Its code, for people.
    pub product_code: String,
    /// How many sales units.
    pub quantity: Quantity,
    /// The promotion that gives them, by code.
    pub promotion: String,
    /// How it came about.
    pub trace: Vec<TraceStep>,
}

/// A rebate on the goods value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rebate {
    /// The promotion that gives it, by code.
    pub promotion: String,
    /// Share of the goods value, as a fraction.
    pub rate: Decimal,
    /// The amount taken off.
    pub amount: Money,
    /// How it came about.
    pub trace: Vec<TraceStep>,
}

/// One step of a calculation, replayable by hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum TraceStep {
    /// A unit price was read from a list.
    ListPrice {
        /// The list, by code.
        list: String,
        /// Price of one sales unit in major units.
        unit_price: Decimal,
    },
    /// A price was multiplied by a quantity.
    Extended {
        /// How many.
        quantity: Quantity,
        /// The exact product, before rounding.
        exact: Decimal,
        /// Rounded to the minor unit, half away from zero.
        rounded: Money,
    },
    /// Bought units earned a gift.
    GiftEarned {
        /// The product bought, by code.
        bought: String,
        /// How many were bought.
        quantity: Quantity,
        /// How many earn the gift once.
        per: u32,
        /// How often it was earned.
        times: u32,
        /// How many units are given each time.
        each: u32,
    },
    /// A ladder step was reached.
    LadderReached {
        /// The step's threshold.
        from: Money,
        /// The goods value.
        goods: Money,
        /// The share, as a fraction.
        rate: Decimal,
        /// The exact rebate, before rounding.
        exact: Decimal,
        /// Rounded to the minor unit, half away from zero.
        rounded: Money,
    },
}
