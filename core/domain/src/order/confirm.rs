//! `order.confirm`: the dealer accepts another price.

use super::{
    Order, OrderStatus,
    account::{Account, money_problem},
    cancel::wrong_state,
    submit::repriced,
};
use crate::{
    dealer::Dealer,
    money::MoneyError,
    problem::{Problem, ProblemCode},
    sync::{ConfirmOrder, Context, Decision, Effects, State, StateError, StateExt},
};

/// Decides `order.confirm`: the order is accepted, or held when credit does not allow it. Another amount than the one
/// the order stands at is refused with the right one.
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
    let confirmed = Order { hold: None, ..order };
    Ok(match Account::load(state, dealer)?.admit(confirmed, context) {
        Ok((changes, outcome)) => Decision::Accepted(Effects { changes, outcome }),
        Err(problem) => Decision::refused(problem),
    })
}

fn other_amount(order: &Order, args: &ConfirmOrder) -> Problem {
    match order.priced.payable.minus(args.payable) {
        Err(MoneyError::CurrencyMismatch { left, right }) => {
            money_problem(MoneyError::CurrencyMismatch { left, right })
        }
        Ok(_) | Err(MoneyError::Overflow) => repriced(&order.priced, args.payable),
    }
}
