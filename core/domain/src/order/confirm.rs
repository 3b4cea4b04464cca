//! `order.confirm`: the dealer accepts another price.
//!
//! The price may have waited long for its answer, so the order is priced once more: when the figures still count it is
//! accepted, or held; when they do not, it stays where it is with the new ones, and the dealer is asked again.

use super::{
    Hold, Order, OrderStatus, PricedOrder,
    account::{Account, money_problem},
    basis::{Asked, price_on_arrival},
    cancel::wrong_state,
    submit::{is_same, repriced},
};
use crate::{
    dealer::Dealer,
    money::MoneyError,
    problem::{Problem, ProblemCode},
    sync::{Change, ConfirmOrder, Context, Decision, Effects, Outcome, State, StateError, StateExt},
};

/// Decides `order.confirm`: the order is accepted, or held when credit does not allow it. Another amount than the one
/// the order stands at is refused with the right one. What can no longer be priced at all is refused with the reasons;
/// it may still be called off.
///
/// # Errors
/// When the database fails.
pub fn decide_confirm(state: &dyn State, args: &ConfirmOrder, context: &Context) -> Result<Decision, StateError> {
    let Some(order) = state.get::<Order>(args.order_id.row())? else {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotFound).at("order_id")));
    };
    if !context.acts_for(order.dealer_id) {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotPermitted).at("order_id")));
    }
    if order.status != OrderStatus::AwaitingConfirmation {
        return Ok(Decision::refused(wrong_state(&order)));
    }
    if args.payable != order.priced.payable {
        return Ok(Decision::refused(other_amount(&order, args).at("payable")));
    }
    let Some(dealer) = state.get::<Dealer>(order.dealer_id.row())? else {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotFound).at("dealer_id")));
    };
    let priced = match price_on_arrival(state, &Asked::by_confirmation(&order, context), &dealer, context)? {
        Ok(priced) => priced,
        Err(problems) => return Ok(Decision::Refused(problems)),
    };
    if !is_same(&priced, &order.priced) {
        return Ok(ask_again(order, priced, context));
    }
    let confirmed = Order { hold: None, priced, ..order };
    Ok(match Account::load(state, dealer)?.admit(confirmed, context) {
        Ok((changes, outcome)) => Decision::Accepted(Effects { changes, outcome }),
        Err(problem) => Decision::refused(problem),
    })
}

/// The order at the figures that count now; what the phone showed in the beginning stays beside them.
fn ask_again(order: Order, priced: PricedOrder, context: &Context) -> Decision {
    let problem = repriced(&priced, order.priced.payable);
    let hold = Some(Hold { problem: problem.clone(), since: context.decided_at() });
    let order = Order { hold, priced, ..order };
    Decision::Accepted(Effects { changes: vec![Change::put(order)], outcome: Outcome::Changed(problem) })
}

fn other_amount(order: &Order, args: &ConfirmOrder) -> Problem {
    match order.priced.payable.minus(args.payable) {
        Err(MoneyError::CurrencyMismatch { left, right }) => {
            money_problem(MoneyError::CurrencyMismatch { left, right })
        }
        Ok(_) | Err(MoneyError::Overflow) => repriced(&order.priced, args.payable),
    }
}
