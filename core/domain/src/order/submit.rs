//! `order.submit`: an order is placed.
//!
//! The server prices it again. The same figures are accepted, or held when credit does not allow them; other figures,
//! whatever the cause, wait for the dealer's confirmation with both breakdowns kept. Nothing is changed silently.

use super::{
    FreeGoods, Hold, Order, OrderNumber, OrderStatus, PricedLine, PricedOrder,
    account::Account,
    basis::{Asked, placed_at, price_on_arrival},
    claim::claim_of,
    handover, text_problem,
};
use crate::{
    dealer::Dealer,
    ids::{OrderId, ProductId},
    money::Money,
    outlet::{HandoverLabel, Outlet},
    problem::{Problem, ProblemCode},
    quantity::Quantity,
    sync::{Change, Context, Decision, Effects, Find, Host, Outcome, State, StateError, StateExt, Stop, SubmitOrder},
};

/// Longest order number in characters.
const NUMBER_LIMIT: usize = 32;

/// Most lines of one order: each is looked up while everybody else waits.
pub const MAX_ORDER_LINES: usize = 2_000;

/// Decides `order.submit`.
///
/// # Errors
/// When the database fails.
pub fn decide_submit(state: &dyn State, args: &SubmitOrder, context: &Context) -> Result<Decision, StateError> {
    let late = match handover::standing(state, args, context) {
        Ok(late) => late,
        Err(Stop::Refused(problems)) => return Ok(Decision::Refused(problems)),
        Err(Stop::State(error)) => return Err(error),
    };
    let Some(dealer) = state.get::<Dealer>(args.dealer_id.row())? else {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotFound).at("dealer_id")));
    };
    let problems = problems_of(state, args, &dealer, context)?;
    if !problems.is_empty() {
        return Ok(Decision::Refused(problems));
    }
    let asked = Asked::by_submission(args, context);
    let priced = match price_on_arrival(state, &asked, &dealer, context)? {
        Ok(priced) => priced,
        Err(problems) => return Ok(Decision::Refused(problems)),
    };
    if !is_same(&priced, &args.priced) {
        let number = same_number(state, args)?;
        let waiting = ask_to_confirm(args, priced, (number, late.label), context);
        return Ok(late.told(waiting));
    }
    let same_number_as = same_number(state, args)?;
    let claim = claim_of(state, &asked, &priced, &dealer, context)?;
    let order = Order { claim, same_number_as, ..order_of(args, priced, late.label, context) };
    Ok(match Account::load(state, dealer)?.admit(order, context) {
        Ok((changes, outcome)) => {
            let outcome = with_number(outcome, args, same_number_as);
            late.told(Decision::Accepted(Effects { changes, outcome }))
        }
        Err(problem) => Decision::refused(problem),
    })
}

/// The order that came first with this number, if one did. No phone gives a number twice; one that was copied may.
fn same_number(state: &dyn State, args: &SubmitOrder) -> Result<Option<OrderId>, StateError> {
    let Some(number) = OrderNumber::new(&args.number) else { return Ok(None) };
    let mut known: Vec<Order> = state.list(Find::OrdersNumbered(number))?;
    known.sort_by_key(|order| (order.arrived_at, order.id));
    Ok(known.first().map(|order| order.same_number_as.unwrap_or(order.id)))
}

/// The outcome, which says so when the number was given before; a hold says the more urgent thing.
fn with_number(outcome: Outcome, args: &SubmitOrder, same_number_as: Option<OrderId>) -> Outcome {
    match (outcome, same_number_as) {
        (Outcome::Applied, Some(_)) => {
            Outcome::Changed(Problem::new(ProblemCode::OrderNumberTwice).with("number", &args.number).at("number"))
        }
        (outcome, _) => outcome,
    }
}

/// What stands in the way whatever the order costs.
fn problems_of(
    state: &dyn State,
    args: &SubmitOrder,
    dealer: &Dealer,
    context: &Context,
) -> Result<Vec<Problem>, StateError> {
    let mut problems = Vec::new();
    if state.get::<Order>(args.order_id.row())?.is_some() {
        problems.push(Problem::new(ProblemCode::IdTaken).at("order_id"));
    }
    if let Some(outlet) = args.outlet_id
        && state.get::<Outlet>(outlet.row())?.is_none()
    {
        problems.push(Problem::new(ProblemCode::NotFound).at("outlet_id"));
    }
    problems.extend(text_problem("number", &args.number, NUMBER_LIMIT));
    if !is_number_of(&args.number, context) {
        problems.push(Problem::new(ProblemCode::OrderNumberForeign).with("number", &args.number).at("number"));
    }
    if args.lines.len() > MAX_ORDER_LINES {
        let problem = Problem::new(ProblemCode::OrderTooLong).at("lines");
        problems.push(problem.with("count", args.lines.len()).with("limit", MAX_ORDER_LINES));
    }
    let currency = dealer.credit_limit.currency;
    if args.priced.currency != currency || args.priced.payable.currency != currency {
        let shown = format!("{} {}", args.priced.payable, args.priced.payable.currency.code());
        problems.push(Problem::new(ProblemCode::AmountInvalid).with("amount", shown).at("priced"));
    }
    Ok(problems)
}

/// Whether a number is from a device's block: `<device number>-<count>`. While it is captured it must be this device's
/// own. Later it need not be: a device may have been given another number since (the server was put back from a backup,
/// the phone turned out to be a copy), and an order that was written down is not refused for that. The console has no
/// block.
fn is_number_of(number: &str, context: &Context) -> bool {
    let Some(own) = context.device_number else { return true };
    let Some((device, count)) = number.split_once('-') else { return false };
    let is_device = match context.host {
        Host::Phone => device == own.to_string(),
        Host::Rerun | Host::Server { .. } => device.parse::<u32>().is_ok_and(|number| number.to_string() == device),
    };
    is_device && !count.trim().is_empty()
}

fn order_of(args: &SubmitOrder, priced: PricedOrder, handover: Option<HandoverLabel>, context: &Context) -> Order {
    let arrived_at = match context.host {
        Host::Phone | Host::Rerun => None,
        Host::Server { arrived_at } => Some(arrived_at),
    };
    Order {
        id: args.order_id,
        number: args.number.clone(),
        dealer_id: args.dealer_id,
        outlet_id: args.outlet_id,
        placed_by: context.actor.user_id,
        placed_at: placed_at(context),
        arrived_at,
        status: OrderStatus::AwaitingConfirmation,
        hold: None,
        price_policy: context.policies.price_policy,
        priced_at_capture: (priced != args.priced).then(|| args.priced.clone()),
        priced,
        promised_on: None,
        captured: Some(context.clocks()),
        claim: None,
        same_number_as: None,
        handover,
    }
}

/// The order with another price than the person saw: it waits, and both breakdowns are kept.
fn ask_to_confirm(
    args: &SubmitOrder,
    priced: PricedOrder,
    (same_number_as, handover): (Option<OrderId>, Option<HandoverLabel>),
    context: &Context,
) -> Decision {
    let problem = repriced(&priced, args.priced.payable);
    let hold = Some(Hold { problem: problem.clone(), since: context.decided_at() });
    let order = Order { hold, same_number_as, ..order_of(args, priced, handover, context) };
    Decision::Accepted(Effects { changes: vec![Change::put(order)], outcome: Outcome::Changed(problem) })
}

/// Says what an order costs now, and how far that is from the amount that was seen.
pub(super) fn repriced(priced: &PricedOrder, seen: Money) -> Problem {
    let difference = priced.payable.minus(seen).map_or_else(|_| "—".to_owned(), |amount| amount.to_string());
    Problem::new(ProblemCode::OrderRepriced)
        .with("list", &priced.price_list_code)
        .with("payable", priced.payable)
        .with("difference", difference)
}

/// Whether two breakdowns ask for the same goods and the same money, to the minor unit.
pub(super) fn is_same(ours: &PricedOrder, theirs: &PricedOrder) -> bool {
    let rebate = |order: &PricedOrder| order.rebate.as_ref().map_or(0, |rebate| rebate.amount.minor);
    ours.payable == theirs.payable
        && ours.goods == theirs.goods
        && rebate(ours) == rebate(theirs)
        && ours.lines.iter().map(line_figures).eq(theirs.lines.iter().map(line_figures))
        && ours.free_goods.iter().map(gift_figures).eq(theirs.free_goods.iter().map(gift_figures))
}

fn line_figures(line: &PricedLine) -> (ProductId, Quantity, Money) {
    (line.product_id, line.quantity, line.amount)
}

fn gift_figures(gift: &FreeGoods) -> (ProductId, Quantity) {
    (gift.product_id, gift.quantity)
}
