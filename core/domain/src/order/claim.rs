//! Price protection (价保): an order whose captured prices were honoured although those of its arrival were lower.
//!
//! **Rule.** Under policy A the captured prices count. When the order would have cost less at the prices of its arrival,
//! the difference is offered as a claim, with the breakdown that it comes from. The dealer, or a supervisor for them,
//! claims it or lets it go; a new answer undoes the one before.
//!
//! **Non-goal.** A claim does not change what the order costs or what the dealer owes: the books settle it with a credit
//! note.

use super::{
    ClaimStatus, Order, OrderStatus, PriceClaim, PricePolicy, PricedOrder,
    basis::{Asked, price_without_honour},
    cancel::wrong_state,
};
use crate::{
    dealer::Dealer,
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{AnswerClaim, Change, Context, Decision, State, StateError, StateExt},
};

/// What an order that was priced as captured may claim; `None` when it would not have cost less.
pub(super) fn claim_of(
    state: &dyn State,
    asked: &Asked,
    priced: &PricedOrder,
    dealer: &Dealer,
    context: &Context,
) -> Result<Option<PriceClaim>, StateError> {
    if context.policies.price_policy != PricePolicy::HonourCaptured {
        return Ok(None);
    }
    let Some(arrival) = price_without_honour(state, asked, dealer, context)? else { return Ok(None) };
    let amount = priced.payable.minus(arrival.payable).ok().filter(|amount| amount.minor > 0);
    Ok(amount.map(|amount| PriceClaim {
        amount,
        priced_on_arrival: arrival,
        status: ClaimStatus::Offered,
        decided_by: None,
        decided_at: None,
    }))
}

/// Decides `order.answer_claim`.
///
/// # Errors
/// When the database fails.
pub fn decide_answer_claim(state: &dyn State, args: &AnswerClaim, context: &Context) -> Result<Decision, StateError> {
    let Some(order) = state.get::<Order>(args.order_id.row())? else {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotFound).at("order_id")));
    };
    let is_overseer = matches!(context.actor.role, Role::Supervisor | Role::Admin);
    if !is_overseer && !context.acts_for(order.dealer_id) {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotPermitted).at("order_id")));
    }
    if order.status == OrderStatus::Cancelled {
        return Ok(Decision::refused(wrong_state(&order)));
    }
    let Some(claim) = order.claim.clone().filter(|claim| claim.amount == args.amount) else {
        return Ok(Decision::refused(
            Problem::new(ProblemCode::ClaimNotOffered).with("amount", args.amount).at("amount"),
        ));
    };
    let claim = PriceClaim {
        status: if args.is_claimed { ClaimStatus::Claimed } else { ClaimStatus::Declined },
        decided_by: Some(context.actor.user_id),
        decided_at: Some(context.decided_at()),
        ..claim
    };
    Ok(Decision::applied(vec![Change::put(Order { claim: Some(claim), ..order })]))
}
