//! One order as the page shows it.

use askama::Template;
use storewalk_domain::{
    dealer::Payment, ids::CommandId, money::Money, order::Order, problem::Problem, sync::StateError,
};

use super::{
    breakdown::{self, BreakdownView},
    credit::{self, CreditView},
};
use crate::console::{
    fault::ProblemText,
    format,
    frame::{Frame, Part, Pill},
    handover::label_text,
    lookup::Names,
    orders::order_state,
    times,
};

/// What the page is made of.
#[derive(Clone, Debug)]
pub(crate) struct OrderRows {
    /// The order.
    pub(crate) order: Order,
    /// The dealer's orders that count against credit or wait for it.
    pub(crate) open_orders: Vec<Order>,
    /// The dealer's payments.
    pub(crate) payments: Vec<Payment>,
}

/// A payment that was tried and could not be recorded, with what was typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PaymentTry {
    /// The amount as typed.
    pub(crate) amount: String,
    /// The slip's number as typed.
    pub(crate) slip: String,
    /// What stands in the way.
    pub(crate) problem: Option<Problem>,
}

/// The page.
#[derive(Template)]
#[template(path = "order.html")]
pub(crate) struct OrderPage {
    f: Frame,
    id: String,
    number: String,
    dealer: String,
    state: Pill,
    hold: Option<HoldView>,
    figures: Vec<(String, String)>,
    breakdowns: Vec<BreakdownView>,
    facts: Vec<(String, String)>,
    credit: Option<CreditView>,
    currency: &'static str,
    payment_command: String,
    payment_problem: Option<ProblemText>,
    payment_amount: String,
    payment_slip: String,
    payments: Vec<PaymentView>,
    claim: Option<ClaimView>,
}

/// The price protection that an order may claim.
struct ClaimView {
    command: String,
    amount: String,
    minor: i64,
    state: String,
    decided: String,
}

struct HoldView {
    code: &'static str,
    what: String,
    next: String,
    since: String,
}

struct PaymentView {
    slip: String,
    by: String,
    amount: String,
}

/// Builds the page of an order. `payment` is the id of the command that the payment form will send.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    rows: &OrderRows,
    payment: CommandId,
    tried: PaymentTry,
) -> Result<OrderPage, StateError> {
    let words = f.words;
    let order = &rows.order;
    f.part = Part::Orders;
    f.title = format!("{} {}", words.t("order.title"), order.number);
    let credit = names.dealer(order.dealer_id)?.and_then(|dealer| {
        // Figures that cannot be reckoned are left out; the hold's own sentence still stands.
        credit::view(dealer, &rows.open_orders, &rows.payments, order, &f).ok()
    });
    let mut payments: Vec<&Payment> = rows.payments.iter().collect();
    payments.sort_by_key(|payment| std::cmp::Reverse(payment.recorded_at));
    let payments = payments.into_iter().map(|payment| payment_view(payment, names, &f)).collect::<Result<_, _>>()?;
    Ok(OrderPage {
        id: order.id.to_string(),
        number: order.number.clone(),
        dealer: names.dealer_name(order.dealer_id)?,
        state: order_state(order.status, words),
        hold: hold(order, &f),
        figures: figures(order, &f),
        breakdowns: breakdowns(order, names, &f)?,
        facts: facts(order, names, &f)?,
        credit,
        currency: order.priced.currency.code(),
        claim: claim(order, payment, names, &f)?,
        payment_command: payment.to_string(),
        payment_problem: tried.problem.as_ref().map(|problem| ProblemText::of(problem, f.language())),
        payment_amount: tried.amount,
        payment_slip: tried.slip,
        payments,
        f,
    })
}

fn hold(order: &Order, f: &Frame) -> Option<HoldView> {
    order.hold.as_ref().map(|hold| HoldView {
        code: hold.problem.code.as_str(),
        what: hold.problem.sentence(f.language()),
        next: hold.problem.next_step(f.language()),
        since: f.words.fill("order.held_since", &[("at", &format::moment(hold.since, f.zone))]),
    })
}

fn figures(order: &Order, f: &Frame) -> Vec<(String, String)> {
    let figure = |key: &str, amount: Money| (f.t(key).to_owned(), format::money(amount));
    let mut figures = vec![figure("sum.goods", order.priced.goods)];
    figures.extend(order.priced.rebate.as_ref().map(|rebate| figure("order.rebate", rebate.amount)));
    figures.push(figure("sum.payable", order.priced.payable));
    let captured = order.priced_at_capture.as_ref();
    let difference = captured.and_then(|captured| order.priced.payable.minus(captured.payable).ok());
    figures.extend(difference.map(|difference| figure("order.difference", difference)));
    figures
}

fn breakdowns(order: &Order, names: &Names<'_>, f: &Frame) -> Result<Vec<BreakdownView>, StateError> {
    let products = names.products()?;
    let view = |key: &str, priced| breakdown::view(f.t(key), priced, &products, f.words);
    Ok(match (&order.priced_at_capture, &order.claim) {
        (Some(captured), _) => vec![view("order.counts", &order.priced), view("order.captured", captured)],
        (None, Some(claim)) => {
            vec![view("order.counts", &order.priced), view("order.on_arrival", &claim.priced_on_arrival)]
        }
        (None, None) => vec![view("order.breakdown", &order.priced)],
    })
}

fn facts(order: &Order, names: &mut Names<'_>, f: &Frame) -> Result<Vec<(String, String)>, StateError> {
    let fact = |key: &str, value: String| (f.t(key).to_owned(), value);
    let mut facts = vec![
        fact("order.dealer", names.dealer_name(order.dealer_id)?),
        fact("order.placed_by", names.person_with_code(order.placed_by)?),
        fact("order.placed_at", times::trusted(order.placed_at, order.captured.map(|clocks| clocks.span), f)),
    ];
    let device = order.captured.map(|clocks| times::device(order.placed_at, clocks.device_at, f));
    facts.extend(device.map(|device| fact("visit.device_clock", device)));
    if order.same_number_as.is_some() {
        facts.push(fact("order.number", f.t("order.number_twice").to_owned()));
    }
    facts.extend(order.arrived_at.map(|at| fact("order.arrived_at", format::moment(at, f.zone))));
    if let Some(outlet) = order.outlet_id {
        let outlet = names.outlet_tag(outlet)?;
        facts.push(fact("order.outlet", format!("{} {}", outlet.name, outlet.code)));
    }
    if let Some(label) = &order.handover {
        facts.push(fact("order.handover", label_text(label, names, f)?));
    }
    facts.push(fact("order.policy", f.say(&order.price_policy.label()).to_owned()));
    let promised = order.promised_on.map_or_else(|| f.t("order.not_promised").to_owned(), |date| date.to_string());
    facts.push(fact("order.promised", promised));
    Ok(facts)
}

fn claim(order: &Order, command: CommandId, names: &mut Names<'_>, f: &Frame) -> Result<Option<ClaimView>, StateError> {
    let Some(claim) = &order.claim else { return Ok(None) };
    let by = claim.decided_by.map(|by| names.person_with_code(by)).transpose()?;
    let decided = by.zip(claim.decided_at).map(|(by, at)| format!("{by} · {}", format::moment(at, f.zone)));
    Ok(Some(ClaimView {
        command: command.to_string(),
        amount: format::money(claim.amount),
        minor: claim.amount.minor,
        state: f.say(&claim.status.label()).to_owned(),
        decided: decided.unwrap_or_default(),
    }))
}

fn payment_view(payment: &Payment, names: &mut Names<'_>, f: &Frame) -> Result<PaymentView, StateError> {
    let by = names.person(payment.recorded_by)?;
    Ok(PaymentView {
        slip: payment.slip.clone(),
        by: format!("{by} · {}", format::moment(payment.recorded_at, f.zone)),
        amount: format::money(payment.amount),
    })
}
