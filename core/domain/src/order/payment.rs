//! `payment.record`: money was received, which may release orders that wait for credit.

use super::{
    account::{Account, amount_problem, waiting_orders},
    text_problem,
};
use crate::{
    dealer::{Dealer, Payment},
    ids::DealerId,
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{Change, Context, Decision, Find, RecordPayment, State, StateError, StateExt},
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
    if let Some(known) = payment_of_slip(state, dealer.id, &payment.slip)? {
        return Ok(Decision::refused(repeated(&known, &dealer)));
    }
    let waiting = waiting_orders(state, dealer.id)?;
    let mut account = Account::load(state, dealer)?;
    if let Err(problem) = account.receive(&payment) {
        return Ok(Decision::refused(problem.at("amount")));
    }
    let mut changes = vec![Change::put(payment)];
    changes.extend(account.release_held(waiting, context));
    Ok(Decision::applied(changes))
}

/// The payment recorded under a slip number, if there is one. Case and blanks do not tell two slips apart.
fn payment_of_slip(state: &dyn State, dealer: DealerId, slip: &str) -> Result<Option<Payment>, StateError> {
    let number = |text: &str| -> String {
        text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
    };
    let wanted = number(slip);
    let payments: Vec<Payment> = state.list(Find::PaymentsOfDealer(dealer))?;
    Ok(payments.into_iter().find(|payment| number(&payment.slip) == wanted))
}

fn repeated(known: &Payment, dealer: &Dealer) -> Problem {
    Problem::new(ProblemCode::SlipRepeated)
        .with("slip", &known.slip)
        .with("recorded_on", known.recorded_at.date_in(dealer.zone))
        .at("slip")
}
