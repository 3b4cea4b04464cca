//! A dealer's credit, reckoned in front of the reader.

use storewalk_domain::{
    dealer::{Dealer, Payment},
    money::{Money, MoneyError},
    order::{Ledger, Order, OrderStatus, exposure},
};

use crate::console::{
    format,
    frame::{Frame, Pill, Tone},
};

/// The reckoning.
pub(crate) struct CreditView {
    pub(crate) as_of: String,
    pub(crate) rows: Vec<CreditRow>,
    pub(crate) verdict: Pill,
}

pub(crate) struct CreditRow {
    pub(crate) name: String,
    pub(crate) amount: String,
    pub(crate) is_sum: bool,
}

/// Reckons a dealer's credit, with an order that is not counted yet when one is given.
///
/// # Errors
/// When amounts are of several currencies or too large.
pub(crate) fn view(
    dealer: &Dealer,
    open_orders: &[Order],
    payments: &[Payment],
    order: &Order,
    f: &Frame,
) -> Result<CreditView, MoneyError> {
    let words = f.words;
    let currency = dealer.credit_limit.currency;
    let counted = open_orders.iter().filter(|order| order.status == OrderStatus::Accepted);
    let ordered = Money::sum(currency, counted.map(|order| order.priced.payable))?;
    let paid = Money::sum(currency, payments.iter().map(|payment| payment.amount))?;
    let used = exposure(dealer, &Ledger::of(dealer.id, open_orders, payments))?;
    let row = |key: &str, amount: String, is_sum: bool| CreditRow { name: words.t(key).to_owned(), amount, is_sum };
    let mut rows = vec![
        row("credit.invoices", dealer.unpaid_invoices.to_string(), false),
        row("credit.ordered", format!("+{ordered}"), false),
        row("credit.paid", format!("−{paid}"), false),
        row("credit.used", used.to_string(), true),
    ];
    let waits = matches!(order.status, OrderStatus::Held | OrderStatus::AwaitingConfirmation);
    let with_order = if waits { used.plus(order.priced.payable)? } else { used };
    if waits {
        rows.push(row("credit.this_order", format!("+{}", order.priced.payable), false));
        rows.push(row("credit.with_order", with_order.to_string(), true));
    }
    rows.push(row("credit.limit", dealer.credit_limit.to_string(), false));
    let left = dealer.credit_limit.minus(with_order)?;
    let verdict = if left.minor < 0 {
        let over = Money::new(left.minor.saturating_neg(), currency);
        Pill::new(Tone::Bad, "warn", words.fill("credit.over", &[("by", &format::money(over))]))
    } else {
        Pill::new(Tone::Good, "check", words.fill("credit.left", &[("by", &format::money(left))]))
    };
    let as_of = words.fill("credit.as_of", &[("at", &format::moment(dealer.books_as_of, f.zone))]);
    Ok(CreditView { as_of, rows, verdict })
}
