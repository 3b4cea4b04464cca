//! `payment.record`: money was received, which may release orders that wait for credit.

use super::{
    account::{Account, amount_problem},
    text_problem,
};
use crate::{
    dealer::{Dealer, Payment},
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{Change, Context, Decision, RecordPayment, State, StateError, StateExt},
};

/// Longest number of a payment slip in characters.
const SLIP_LIMIT: usize = 64;

/// Decides `payment.record`. Only supervisors and administrators record money, for any dealer.
///
/// A slip counts once: two people who record the same slip do not pay twice.
///
/// # Errors
/// When the database fails.
pub fn decide_payment(state: &dyn State, args: &RecordPayment, context: &Context) -> Result<Decision, StateError> {
    if !matches!(context.actor.role, Role::Supervisor | Role::Admin) {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotPermitted)));
    }
    let Some(dealer) = state.get::<Dealer>(args.dealer_id.row())? else {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotFound).at("dealer_id")));
    };
    let mut problems = Vec::new();
    if state.get::<Payment>(args.payment_id.row())?.is_some() {
        problems.push(Problem::new(ProblemCode::IdTaken).at("payment_id"));
    }
    problems.extend(amount_problem(args.amount, &dealer).map(|problem| problem.at("amount")));
    problems.extend(text_problem("slip", &args.slip, SLIP_LIMIT));
    if !problems.is_empty() {
        return Ok(Decision::Refused(problems));
    }
    let payment = Payment {
        id: args.payment_id,
        dealer_id: dealer.id,
        amount: args.amount,
        slip: args.slip.trim().to_owned(),
        recorded_by: context.actor.user_id,
        recorded_at: context.decided_at(),
    };
    let mut account = Account::load(state, dealer)?;
    if let Some(known) = account.payment_of_slip(&payment.slip) {
        return Ok(Decision::refused(repeated(known, &account.dealer)));
    }
    if let Err(problem) = account.receive(payment.clone()) {
        return Ok(Decision::refused(problem.at("amount")));
    }
    let mut changes = vec![Change::put(payment)];
    changes.extend(account.release_held(context));
    Ok(Decision::applied(changes))
}

fn repeated(known: &Payment, dealer: &Dealer) -> Problem {
    Problem::new(ProblemCode::SlipRepeated)
        .with("slip", &known.slip)
        .with("recorded_on", known.recorded_at.date_in(dealer.zone))
        .at("slip")
}
