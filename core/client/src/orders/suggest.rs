//! What a dealer should order next, and how well delivery promises were kept.

use std::collections::BTreeMap;

use chrono::Datelike;
use rusqlite::{Connection, named_params};
use rust_decimal::Decimal;
use serde::Serialize;
use storewalk_domain::{
    catalog::Product,
    dealer::{self, Dealer, DealerStock, DeliveryLine},
    ids::{DealerId, DeliveryLineId, ProductId},
    order::{Order, OrderStatus, delivery_line_ids},
    quantity::{PackRule, Quantity},
    sync::{Find, StateExt},
    text::Localized,
    time::{BusinessDate, Timestamp},
};
use storewalk_sqlite::{SqliteState, id_blob, select};

use crate::ClientError;

/// What to order of one product, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SuggestionView {
    /// The product.
    pub product_id: ProductId,
    /// Its code.
    pub product_code: String,
    /// Its name.
    pub product_name: Localized,
    /// Units on hand.
    pub on_hand: u32,
    /// Units ordered and not yet delivered.
    pub on_order: u32,
    /// The position at or below which to order, in units.
    pub reorder_point: Decimal,
    /// Whether it is reached.
    pub is_alarm: bool,
    /// Units that are missing, before pack rules.
    pub need: u32,
    /// Units to order.
    pub quantity: Quantity,
    /// How much may be ordered at once.
    pub pack: PackRule,
    /// When the stock was counted.
    pub counted_at: Timestamp,
}

/// How well the delivery promise of a month was kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct PromiseView {
    /// First day of the month.
    pub month: BusinessDate,
    /// Lines that came in time.
    pub kept: u32,
    /// Lines whose promise was kept or broken by now.
    pub counted: u32,
    /// Lines on their way and within their days.
    pub on_the_way: u32,
    /// Share kept in percent, one decimal; `None` while there is nothing to count.
    pub kept_pct: Option<Decimal>,
}

/// Suggestions for what the dealer holds: alarms first, the largest need at the top.
pub(super) fn suggestions(connection: &Connection, dealer: DealerId) -> Result<Vec<SuggestionView>, ClientError> {
    let state = SqliteState(connection);
    let on_order = on_order(connection, dealer)?;
    let params = named_params! { ":dealer": id_blob(dealer.row()) };
    let stocks: Vec<DealerStock> = select(connection, "WHERE dealer_id = :dealer ORDER BY id", params)?;
    let mut found = Vec::new();
    for stock in stocks {
        let product: Option<Product> = state.get(stock.product_id.row())?;
        let Some(product) = product.filter(|product| product.is_active) else { continue };
        let ordered = on_order.get(&product.id).copied().unwrap_or_default();
        // Figures too large to be reckoned are no reason to hide the other suggestions.
        let Ok(suggestion) = dealer::suggest(&stock, &product, ordered) else { continue };
        found.push(SuggestionView {
            product_id: product.id,
            product_code: product.code,
            product_name: product.name,
            on_hand: stock.on_hand,
            on_order: ordered,
            reorder_point: suggestion.reorder_point,
            is_alarm: suggestion.is_alarm,
            need: suggestion.need,
            quantity: suggestion.quantity,
            pack: product.pack,
            counted_at: stock.counted_at,
        });
    }
    found.sort_by(|a, b| (!a.is_alarm, b.need, &a.product_code).cmp(&(!b.is_alarm, a.need, &b.product_code)));
    Ok(found)
}

/// Units of each product in accepted orders whose line has not been delivered yet.
fn on_order(connection: &Connection, dealer: DealerId) -> Result<BTreeMap<ProductId, u32>, ClientError> {
    let tail = "WHERE dealer_id = :dealer AND delivered_on IS NULL AND order_id IS NOT NULL ORDER BY id";
    let params = named_params! { ":dealer": id_blob(dealer.row()) };
    let awaited: Vec<DeliveryLine> = select(connection, tail, params)?;
    let awaited: std::collections::BTreeSet<DeliveryLineId> = awaited.into_iter().map(|line| line.id).collect();
    let mut units: BTreeMap<ProductId, u32> = BTreeMap::new();
    let orders: Vec<Order> = SqliteState(connection).list(Find::OpenOrdersOfDealer(dealer))?;
    for order in orders.iter().filter(|order| order.status == OrderStatus::Accepted) {
        for (line, id) in order.priced.lines.iter().zip(delivery_line_ids(order)) {
            if awaited.contains(&id) {
                let sum = units.entry(line.product_id).or_default();
                *sum = sum.saturating_add(line.quantity.0);
            }
        }
    }
    Ok(units)
}

pub(super) fn promise_kept(
    connection: &Connection,
    dealer_id: DealerId,
    month: BusinessDate,
    promise_days: u32,
    now: Timestamp,
) -> Result<PromiseView, ClientError> {
    let dealer: Option<Dealer> = SqliteState(connection).get(dealer_id.row())?;
    let dealer = dealer.ok_or(ClientError::NotFound { what: "dealer" })?;
    let first = month.plus_days(-i64::from(month.0.day0()));
    // Thirty-one days after a first lies in the next month, whatever the month.
    let later = first.plus_days(31);
    let next = later.plus_days(-i64::from(later.0.day0()));
    let tail = "WHERE dealer_id = :dealer AND accepted_on >= :first AND accepted_on < :next ORDER BY id";
    let params = named_params! {
        ":dealer": id_blob(dealer_id.row()),
        ":first": first.to_string(),
        ":next": next.to_string(),
    };
    let lines: Vec<DeliveryLine> = select(connection, tail, params)?;
    let rate = dealer::kept_rate(&lines, promise_days, now.date_in(dealer.zone));
    let count = |lines: usize| u32::try_from(lines).unwrap_or(u32::MAX);
    Ok(PromiseView {
        month: first,
        kept: count(rate.kept),
        counted: count(rate.counted),
        on_the_way: count(rate.on_the_way),
        kept_pct: rate.pct(),
    })
}
