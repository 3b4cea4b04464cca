//! Drafts and orders as a person reads them.

use rusqlite::Connection;
use rust_decimal::Decimal;
use serde::Serialize;
use storewalk_domain::{
    catalog::Product,
    dealer::Dealer,
    ids::{DealerId, OrderId, OutletId, PriceListId, ProductId, UserId},
    money::Money,
    order::{self, ClaimStatus, Ledger, OrderStatus, PriceClaim, PricedLine, PricedOrder},
    quantity::Quantity,
    sync::StateExt,
    text::{Language, Localized},
    time::{BusinessDate, HOUR_MS, Timestamp},
    trusted::Clocks,
};
use storewalk_sqlite::SqliteState;

use super::draft;
use crate::{ClientError, ProblemView, attention::problem_views};

/// A draft in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DraftHead {
    /// Identity; the order's once submitted.
    pub id: OrderId,
    /// Who is billed.
    pub dealer_id: DealerId,
    /// The outlet it is taken in.
    pub outlet_id: Option<OutletId>,
    /// Number of lines.
    pub lines: u32,
    /// When it was edited last.
    pub updated_at: Timestamp,
}

/// A draft with what it would cost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DraftView {
    /// Identity; the order's once submitted.
    pub id: OrderId,
    /// Who is billed.
    pub dealer_id: DealerId,
    /// The outlet it is taken in.
    pub outlet_id: Option<OutletId>,
    /// Lines in the order they were entered.
    pub lines: Vec<DraftLineView>,
    /// The whole breakdown; `None` while something is in the way.
    pub priced: Option<PricedOrder>,
    /// How the payable amount came about, sentence by sentence.
    pub explanation: Vec<Localized>,
    /// What is in the way; `at` names the line as `lines[0]`.
    pub problems: Vec<ProblemView>,
    /// What the order would mean for credit; `None` while it has no price.
    pub credit: Option<CreditView>,
}

/// A line of a draft.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DraftLineView {
    /// The product.
    pub product_id: ProductId,
    /// Its code; empty when the phone does not know it.
    pub product_code: String,
    /// Its name.
    pub product_name: Localized,
    /// How many sales units.
    pub quantity: Quantity,
    /// The list chosen for this line; `None` for the order's.
    pub price_list_id: Option<PriceListId>,
    /// Price of one sales unit; `None` while something is in the way.
    pub unit_price: Option<Decimal>,
    /// Amount of the line; `None` while something is in the way.
    pub amount: Option<Money>,
}

/// What an order would mean for a dealer's credit, as far as the phone knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CreditView {
    /// What is owed before the order.
    pub exposure: Money,
    /// What would be owed with it.
    pub exposure_with_order: Money,
    /// The limit.
    pub limit: Money,
    /// How much it would be over; `None` when it fits.
    pub over_by: Option<Money>,
    /// As of when the books say so.
    pub books_as_of: Timestamp,
    /// Full hours since then.
    pub books_age_hours: i64,
    /// That the order will probably be held, and how old the figures are; `None` when it fits.
    pub warning: Option<Localized>,
}

/// An order that was placed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrderView {
    /// Identity.
    pub id: OrderId,
    /// Number for people.
    pub number: String,
    /// Who is billed.
    pub dealer_id: DealerId,
    /// The dealer's name.
    pub dealer_name: Localized,
    /// The outlet it was taken in.
    pub outlet_id: Option<OutletId>,
    /// Who placed it.
    pub placed_by: UserId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Whether the server has taken it in; until then its state is an estimate.
    pub has_arrived: bool,
    /// State.
    pub status: OrderStatus,
    /// State in words.
    pub status_text: Localized,
    /// Why it waits and what to do, while it does.
    pub hold: Option<ProblemView>,
    /// The policy that chose the price list, in words.
    pub price_policy: Localized,
    /// The list, by code.
    pub price_list_code: String,
    /// Lines.
    pub lines: Vec<OrderLineView>,
    /// Goods without charge, by product code.
    pub free_goods: Vec<(String, Quantity)>,
    /// Sum of the lines.
    pub goods: Money,
    /// The rebate; `None` when none was reached.
    pub rebate: Option<Money>,
    /// What is to be paid.
    pub payable: Money,
    /// How that came about, sentence by sentence.
    pub explanation: Vec<Localized>,
    /// The payable amount the phone showed, where it differs.
    pub payable_at_capture: Option<Money>,
    /// How that one came about.
    pub explanation_at_capture: Vec<Localized>,
    /// The date by which delivery is promised.
    pub promised_on: Option<BusinessDate>,
    /// What the device's clock said when it was placed, and what is known instead; `None` in orders of older releases.
    pub captured: Option<Clocks>,
    /// The price protection that may be claimed; `None` when prices did not fall before the order arrived.
    pub claim: Option<ClaimView>,
    /// That another order has the same number; `None` for nearly every order.
    pub number_problem: Option<ProblemView>,
}

/// Price protection of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ClaimView {
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

impl From<&PriceClaim> for ClaimView {
    fn from(claim: &PriceClaim) -> Self {
        Self {
            amount: claim.amount,
            status: claim.status,
            status_text: claim.status.label(),
            payable_on_arrival: claim.priced_on_arrival.payable,
            explanation: explanation(&claim.priced_on_arrival),
        }
    }
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrderLineView {
    /// The product's code.
    pub product_code: String,
    /// How many sales units.
    pub quantity: Quantity,
    /// Price of one sales unit.
    pub unit_price: Decimal,
    /// Amount.
    pub amount: Money,
}

impl From<&PricedLine> for OrderLineView {
    fn from(line: &PricedLine) -> Self {
        Self {
            product_code: line.product_code.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            amount: line.amount,
        }
    }
}

/// A breakdown in sentences of both languages.
pub(super) fn explanation(priced: &PricedOrder) -> Vec<Localized> {
    let zh = order::explain(priced, Language::ZhHans);
    let en = order::explain(priced, Language::En);
    zh.into_iter().zip(en).map(|(zh, en)| Localized::new(zh, en)).collect()
}

/// A draft priced from scratch.
pub(super) fn draft(connection: &Connection, id: OrderId, now: Timestamp) -> Result<DraftView, ClientError> {
    let state = SqliteState(connection);
    let draft = draft::load(connection, id)?;
    let dealer: Dealer = state.get(draft.dealer_id.row())?.ok_or(ClientError::NotFound { what: "dealer" })?;
    let (priced, problems) = match order::quote(&state, &dealer, &draft.lines, now)? {
        Ok(priced) => (Some(priced), Vec::new()),
        Err(problems) => (None, problems),
    };
    let mut lines = Vec::with_capacity(draft.lines.len());
    for (position, line) in draft.lines.iter().enumerate() {
        let product: Option<Product> = state.get(line.product_id.row())?;
        let priced_line = priced.as_ref().and_then(|priced| priced.lines.get(position));
        lines.push(DraftLineView {
            product_id: line.product_id,
            product_code: product.as_ref().map(|product| product.code.clone()).unwrap_or_default(),
            product_name: product.map_or_else(|| Localized::same(""), |product| product.name),
            quantity: line.quantity,
            price_list_id: line.price_list_id,
            unit_price: priced_line.map(|line| line.unit_price),
            amount: priced_line.map(|line| line.amount),
        });
    }
    let credit = priced.as_ref().map(|priced| credit(state, &dealer, priced.payable, now)).transpose()?;
    Ok(DraftView {
        id,
        dealer_id: draft.dealer_id,
        outlet_id: draft.outlet_id,
        lines,
        explanation: priced.as_ref().map(explanation).unwrap_or_default(),
        problems: problem_views(&problems),
        credit: credit.flatten(),
        priced,
    })
}

/// What an order would mean for credit; `None` when the figures cannot be reckoned, which submitting reports.
fn credit(
    state: SqliteState<'_>,
    dealer: &Dealer,
    payable: Money,
    now: Timestamp,
) -> Result<Option<CreditView>, ClientError> {
    let Ok(verdict) = order::credit_check(dealer, &Ledger::load(&state, dealer.id)?, payable) else { return Ok(None) };
    let books_age_hours = (now.since_ms(dealer.books_as_of) / HOUR_MS).max(0);
    Ok(Some(CreditView {
        exposure: verdict.exposure,
        exposure_with_order: verdict.exposure_with_order,
        limit: verdict.limit,
        over_by: verdict.over_by,
        books_as_of: dealer.books_as_of,
        books_age_hours,
        warning: verdict.over_by.map(|over_by| warning(dealer, over_by, books_age_hours)),
    }))
}

fn warning(dealer: &Dealer, over_by: Money, hours: i64) -> Localized {
    let as_of = dealer.books_as_of.display_in(dealer.zone);
    let code = over_by.currency.code();
    Localized::new(
        format!(
            "提交后可能会被信用冻结：将超出额度 {over_by} {code}。账目截至 {as_of}（{hours} 小时前），以服务器为准。"
        ),
        format!(
            "The order will probably be held: {over_by} {code} over the limit. The books are as of {as_of} \
             ({hours} h ago); the server decides."
        ),
    )
}
