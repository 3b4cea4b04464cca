//! What an order costs, with every step that led to it. Exact numbers are text, so that nothing is rounded on the way.

use storewalk_domain::{
    money::{Currency, Money},
    order::{self as domain},
};

use super::all;

/// What an order costs and why.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Priced {
    /// The order's price list, by code.
    pub price_list_code: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Lines in the order they were asked for.
    pub lines: Vec<PricedLine>,
    /// Goods without charge.
    pub gifts: Vec<Gift>,
    /// Sum of the lines.
    pub goods: Money,
    /// The rebate reached; nothing when none was.
    pub rebate: Option<Rebate>,
    /// Goods less rebate.
    pub payable: Money,
}

/// One line with its price.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PricedLine {
    /// The product.
    pub product_id: String,
    /// Its code.
    pub product_code: String,
    /// How many sales units.
    pub quantity: u32,
    /// Price of one sales unit in major units, as an exact number.
    pub unit_price: String,
    /// Quantity × unit price, rounded to the minor unit.
    pub amount: Money,
    /// How it came about.
    pub trace: Vec<TraceStep>,
}

/// Goods without charge, with how they came about.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Gift {
    /// The product's code.
    pub product_code: String,
    /// How many sales units.
    pub quantity: u32,
    /// The promotion that gives them, by code.
    pub promotion: String,
    /// How it came about.
    pub trace: Vec<TraceStep>,
}

/// A rebate on the goods value.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Rebate {
    /// The promotion that gives it, by code.
    pub promotion: String,
    /// Share of the goods value, as an exact fraction.
    pub rate: String,
    /// The amount taken off.
    pub amount: Money,
    /// How it came about.
    pub trace: Vec<TraceStep>,
}

/// One step of a calculation, replayable by hand.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum TraceStep {
    /// A unit price was read from a list.
    ListPrice {
        /// The list, by code.
        list: String,
        /// Price of one sales unit in major units.
        unit_price: String,
    },
    /// A price was multiplied by a quantity.
    Extended {
        /// How many.
        quantity: u32,
        /// The exact product, before rounding.
        exact: String,
        /// Rounded to the minor unit, half away from zero.
        rounded: Money,
    },
    /// Bought units earned a gift.
    GiftEarned {
        /// The product bought, by code.
        bought: String,
        /// How many were bought.
        quantity: u32,
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
        threshold: Money,
        /// The goods value.
        goods: Money,
        /// The share, as a fraction.
        rate: String,
        /// The exact rebate, before rounding.
        exact: String,
        /// Rounded to the minor unit, half away from zero.
        rounded: Money,
    },
}

impl From<domain::PricedOrder> for Priced {
    fn from(priced: domain::PricedOrder) -> Self {
        Self {
            price_list_code: priced.price_list_code,
            currency: priced.currency,
            lines: all(priced.lines),
            gifts: all(priced.free_goods),
            goods: priced.goods,
            rebate: priced.rebate.map(Rebate::from),
            payable: priced.payable,
        }
    }
}

impl From<domain::PricedLine> for PricedLine {
    fn from(line: domain::PricedLine) -> Self {
        Self {
            product_id: line.product_id.to_string(),
            product_code: line.product_code,
            quantity: line.quantity.0,
            unit_price: line.unit_price.to_string(),
            amount: line.amount,
            trace: all(line.trace),
        }
    }
}

impl From<domain::FreeGoods> for Gift {
    fn from(gift: domain::FreeGoods) -> Self {
        let domain::FreeGoods { product_code, quantity, promotion, trace, .. } = gift;
        Self { product_code, quantity: quantity.0, promotion, trace: all(trace) }
    }
}

impl From<domain::Rebate> for Rebate {
    fn from(rebate: domain::Rebate) -> Self {
        let domain::Rebate { promotion, rate, amount, trace } = rebate;
        Self { promotion, rate: rate.to_string(), amount, trace: all(trace) }
    }
}

impl From<domain::TraceStep> for TraceStep {
    fn from(step: domain::TraceStep) -> Self {
        match step {
            domain::TraceStep::ListPrice { list, unit_price } => {
                Self::ListPrice { list, unit_price: unit_price.to_string() }
            }
            domain::TraceStep::Extended { quantity, exact, rounded } => {
                Self::Extended { quantity: quantity.0, exact: exact.to_string(), rounded }
            }
            domain::TraceStep::GiftEarned { bought, quantity, per, times, each } => {
                Self::GiftEarned { bought, quantity: quantity.0, per, times, each }
            }
            domain::TraceStep::LadderReached { from, goods, rate, exact, rounded } => Self::LadderReached {
                threshold: from,
                goods,
                rate: rate.to_string(),
                exact: exact.to_string(),
                rounded,
            },
        }
    }
}
