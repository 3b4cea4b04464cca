//! Drafts and orders.

use storewalk_client::{
    self as client, ClaimView, CreditView, DraftLineView, DraftView, OrderLineView, OrderView, PromiseView,
    SuggestionView,
};
use storewalk_domain::{
    money::Money,
    order::{ClaimStatus, OrderStatus},
    quantity::{PackRule, Quantity},
    text::Localized,
};

use super::{Priced, Problem, all, percent, text};

/// A draft in a list.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct DraftHead {
    /// Identity; the order's once submitted.
    pub id: String,
    /// Who is billed.
    pub dealer_id: String,
    /// The outlet it is taken in.
    pub outlet_id: Option<String>,
    /// Number of lines.
    pub lines: u32,
    /// When it was edited last.
    pub updated_at_ms: i64,
}

/// A draft with what it would cost.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Draft {
    /// Identity; the order's once submitted.
    pub id: String,
    /// Who is billed.
    pub dealer_id: String,
    /// The outlet it is taken in.
    pub outlet_id: Option<String>,
    /// Lines in the order they were entered.
    pub lines: Vec<DraftLine>,
    /// The whole breakdown with its trace; nothing while something is in the way.
    pub priced: Option<Priced>,
    /// How the payable amount came about, sentence by sentence.
    pub explanation: Vec<Localized>,
    /// What is in the way; `at` names the line as `lines[0]`.
    pub problems: Vec<Problem>,
    /// What the order would mean for credit; nothing while it has no price.
    pub credit: Option<Credit>,
}

/// A line of a draft.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct DraftLine {
    /// The product.
    pub product_id: String,
    /// Its code; empty when the phone does not know it.
    pub product_code: String,
    /// Its name.
    pub product_name: Localized,
    /// How many sales units.
    pub quantity: u32,
    /// The list chosen for this line; nothing for the order's.
    pub price_list_id: Option<String>,
    /// Price of one sales unit as an exact number; nothing while something is in the way.
    pub unit_price: Option<String>,
    /// Amount of the line; nothing while something is in the way.
    pub amount: Option<Money>,
}

/// What an order would mean for a dealer's credit, as far as the phone knows.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Credit {
    /// What is owed before the order.
    pub exposure: Money,
    /// What would be owed with it.
    pub exposure_with_order: Money,
    /// The limit.
    pub limit: Money,
    /// How much it would be over; nothing when it fits.
    pub over_by: Option<Money>,
    /// As of when the books say so.
    pub books_as_of_ms: i64,
    /// Full hours since then.
    pub books_age_hours: i64,
    /// That the order will probably be held, and how old the figures are; nothing when it fits.
    pub warning: Option<Localized>,
}

/// An order that was placed.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Order {
    /// Identity.
    pub id: String,
    /// Number for people.
    pub number: String,
    /// Who is billed.
    pub dealer_id: String,
    /// The dealer's name.
    pub dealer_name: Localized,
    /// The outlet it was taken in.
    pub outlet_id: Option<String>,
    /// Who placed it.
    pub placed_by: String,
    /// When it was placed.
    pub placed_at_ms: i64,
    /// Whether the server has taken it in; until then its state is an estimate.
    pub has_arrived: bool,
    /// State.
    pub status: OrderStatus,
    /// State in words.
    pub status_text: Localized,
    /// Why it waits and what to do, while it does.
    pub hold: Option<Problem>,
    /// The policy that chose the price list, in words.
    pub price_policy: Localized,
    /// The list, by code.
    pub price_list_code: String,
    /// Lines.
    pub lines: Vec<OrderLine>,
    /// Goods without charge.
    pub free_goods: Vec<FreeGoods>,
    /// Sum of the lines.
    pub goods: Money,
    /// The rebate; nothing when none was reached.
    pub rebate: Option<Money>,
    /// What is to be paid.
    pub payable: Money,
    /// How that came about, sentence by sentence.
    pub explanation: Vec<Localized>,
    /// The payable amount the phone showed, where it differs.
    pub payable_at_capture: Option<Money>,
    /// How that one came about.
    pub explanation_at_capture: Vec<Localized>,
    /// The date by which delivery is promised, `YYYY-MM-DD`.
    pub promised_on: Option<String>,
    /// The price protection that may be claimed.
    pub claim: Option<Claim>,
    /// That another order has the same number; nothing for nearly every order.
    pub number_problem: Option<Problem>,
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct OrderLine {
    /// The product's code.
    pub product_code: String,
    /// How many sales units.
    pub quantity: u32,
    /// Price of one sales unit, as an exact number.
    pub unit_price: String,
    /// Amount.
    pub amount: Money,
}

/// Goods without charge.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct FreeGoods {
    /// The product's code.
    pub product_code: String,
    /// How many sales units.
    pub quantity: u32,
}

/// Price protection of an order.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Claim {
    /// What may be claimed.
    pub amount: Money,
    /// State.
    pub status: ClaimStatus,
    /// State in words.
    pub status_text: Localized,
    /// What the order would have cost at the prices of its arrival.
    pub payable_on_arrival: Money,
    /// How that comes about, sentence by sentence.
    pub explanation: Vec<Localized>,
}

/// An order that was placed on this phone; the server's word on it is still to come.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SubmittedOrder {
    /// Identity.
    pub order_id: String,
    /// Number for people.
    pub number: String,
    /// The state the phone expects.
    pub status: OrderStatus,
    /// That state in words.
    pub status_text: Localized,
    /// Why it will probably wait, if it will.
    pub hold: Option<Problem>,
}

/// What to order of one product, and why.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Suggestion {
    /// The product.
    pub product_id: String,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: Localized,
    /// Units on hand.
    pub on_hand: u32,
    /// Units ordered and not yet delivered.
    pub on_order: u32,
    /// The position at or below which to order, in units, as an exact number.
    pub reorder_point: String,
    /// Whether it is reached.
    pub is_alarm: bool,
    /// Units that are missing, before pack rules.
    pub need: u32,
    /// Units to order.
    pub quantity: u32,
    /// How much may be ordered at once.
    pub pack: PackRule,
    /// When the stock was counted.
    pub counted_at_ms: i64,
}

/// How well the delivery promise of a month was kept.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PromiseKept {
    /// First day of the month, `YYYY-MM-DD`.
    pub month: String,
    /// Lines that came in time.
    pub kept: u32,
    /// Lines whose promise was kept or broken by now.
    pub counted: u32,
    /// Lines on their way and within their days.
    pub on_the_way: u32,
    /// Share kept in percent, one decimal; nothing while there is nothing to count.
    pub kept_pct: Option<String>,
}

impl From<client::DraftHead> for DraftHead {
    fn from(head: client::DraftHead) -> Self {
        Self {
            id: head.id.to_string(),
            dealer_id: head.dealer_id.to_string(),
            outlet_id: text(head.outlet_id),
            lines: head.lines,
            updated_at_ms: head.updated_at.0,
        }
    }
}

impl From<DraftView> for Draft {
    fn from(view: DraftView) -> Self {
        Self {
            id: view.id.to_string(),
            dealer_id: view.dealer_id.to_string(),
            outlet_id: text(view.outlet_id),
            lines: all(view.lines),
            priced: view.priced.map(Priced::from),
            explanation: view.explanation,
            problems: all(view.problems),
            credit: view.credit.map(Credit::from),
        }
    }
}

impl From<DraftLineView> for DraftLine {
    fn from(view: DraftLineView) -> Self {
        Self {
            product_id: view.product_id.to_string(),
            product_code: view.product_code,
            product_name: view.product_name,
            quantity: view.quantity.0,
            price_list_id: text(view.price_list_id),
            unit_price: text(view.unit_price),
            amount: view.amount,
        }
    }
}

impl From<CreditView> for Credit {
    fn from(view: CreditView) -> Self {
        Self {
            exposure: view.exposure,
            exposure_with_order: view.exposure_with_order,
            limit: view.limit,
            over_by: view.over_by,
            books_as_of_ms: view.books_as_of.0,
            books_age_hours: view.books_age_hours,
            warning: view.warning,
        }
    }
}

impl From<OrderView> for Order {
    fn from(view: OrderView) -> Self {
        Self {
            id: view.id.to_string(),
            number: view.number,
            dealer_id: view.dealer_id.to_string(),
            dealer_name: view.dealer_name,
            outlet_id: text(view.outlet_id),
            placed_by: view.placed_by.to_string(),
            placed_at_ms: view.placed_at.0,
            has_arrived: view.has_arrived,
            status: view.status,
            status_text: view.status_text,
            hold: view.hold.map(Problem::from),
            price_policy: view.price_policy,
            price_list_code: view.price_list_code,
            lines: all(view.lines),
            free_goods: all(view.free_goods),
            goods: view.goods,
            rebate: view.rebate,
            payable: view.payable,
            explanation: view.explanation,
            payable_at_capture: view.payable_at_capture,
            explanation_at_capture: view.explanation_at_capture,
            promised_on: text(view.promised_on),
            claim: view.claim.map(Claim::from),
            number_problem: view.number_problem.map(Problem::from),
        }
    }
}

impl From<OrderLineView> for OrderLine {
    fn from(view: OrderLineView) -> Self {
        Self {
            product_code: view.product_code,
            quantity: view.quantity.0,
            unit_price: view.unit_price.to_string(),
            amount: view.amount,
        }
    }
}

impl From<(String, Quantity)> for FreeGoods {
    fn from((product_code, quantity): (String, Quantity)) -> Self {
        Self { product_code, quantity: quantity.0 }
    }
}

impl From<ClaimView> for Claim {
    fn from(view: ClaimView) -> Self {
        let ClaimView { amount, status, status_text, payable_on_arrival, explanation } = view;
        Self { amount, status, status_text, payable_on_arrival, explanation }
    }
}

impl From<client::SubmittedOrder> for SubmittedOrder {
    fn from(view: client::SubmittedOrder) -> Self {
        Self {
            order_id: view.order_id.to_string(),
            number: view.number,
            status: view.status,
            status_text: view.status_text,
            hold: view.hold.map(Problem::from),
        }
    }
}

impl From<SuggestionView> for Suggestion {
    fn from(view: SuggestionView) -> Self {
        Self {
            product_id: view.product_id.to_string(),
            product_code: view.product_code,
            product_name: view.product_name,
            on_hand: view.on_hand,
            on_order: view.on_order,
            reorder_point: view.reorder_point.to_string(),
            is_alarm: view.is_alarm,
            need: view.need,
            quantity: view.quantity.0,
            pack: view.pack,
            counted_at_ms: view.counted_at.0,
        }
    }
}

impl From<PromiseView> for PromiseKept {
    fn from(view: PromiseView) -> Self {
        Self {
            month: view.month.to_string(),
            kept: view.kept,
            counted: view.counted,
            on_the_way: view.on_the_way,
            kept_pct: percent(view.kept_pct),
        }
    }
}
