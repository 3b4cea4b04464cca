//! A dealer's account while a decision is made: who may wait, who is accepted, and what an acceptance brings with it.
//!
//! **Invariant.** An order becomes accepted only here, and only when it fits under the limit together with all that
//! was accepted before it.
//!
//! What was accepted and what was paid counts as a sum, so an order costs the same to decide however many came before
//! it. Only what may release waiting orders reads those: a cancellation and a payment.

use super::{CreditVerdict, Hold, Ledger, Order, OrderStatus, credit_check, exposure};
use crate::{
    dealer::{Dealer, DeliveryLine, Payment},
    ids::{DealerId, DeliveryLineId},
    money::{Money, MoneyError},
    problem::{Problem, ProblemCode},
    sync::{Change, Context, Find, Outcome, State, StateError, StateExt},
};

/// A dealer with what bears on its credit.
pub(super) struct Account {
    pub(super) dealer: Dealer,
    ledger: Ledger,
}

impl Account {
    pub(super) fn load(state: &dyn State, dealer: Dealer) -> Result<Self, StateError> {
        let ledger = Ledger::load(state, dealer.id)?;
        Ok(Self { dealer, ledger })
    }

    /// Counts a payment that was just received.
    pub(super) fn receive(&mut self, payment: &Payment) -> Result<(), Problem> {
        self.ledger.paid.add(payment.amount);
        exposure(&self.dealer, &self.ledger).map(|_| ()).map_err(money_problem)
    }

    /// Counts an order no longer that was loaded as it stands.
    pub(super) fn forget(&mut self, order: &Order) {
        if order.status == OrderStatus::Accepted {
            self.ledger.ordered.take(order.priced.payable);
        }
    }

    /// Accepts an order that is not in the account yet, or holds it when it goes over the limit.
    pub(super) fn admit(&self, order: Order, context: &Context) -> Result<(Vec<Change>, Outcome), Problem> {
        let verdict = self.check(&order).map_err(money_problem)?;
        let Some(problem) = verdict.problem() else {
            return Ok((accept(&order, &self.dealer, context), Outcome::Applied));
        };
        let hold = Hold { problem: problem.clone(), since: context.decided_at() };
        let waiting = Order { status: OrderStatus::Held, hold: Some(hold), ..order };
        Ok((vec![Change::put(waiting)], Outcome::Held(problem)))
    }

    /// Releases the held orders that fit by now, oldest first, each counted before the next is looked at; a smaller one
    /// may pass a larger one. Those that stay are shown with the figures of this moment.
    pub(super) fn release_held(&mut self, waiting: Vec<Order>, context: &Context) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut staying = Vec::new();
        for order in waiting {
            if self.check(&order).is_ok_and(|verdict| verdict.fits()) {
                changes.extend(accept(&order, &self.dealer, context));
                self.ledger.ordered.add(order.priced.payable);
            } else {
                staying.push(order);
            }
        }
        changes.extend(staying.into_iter().filter_map(|order| self.with_new_figures(order)).map(Change::put));
        changes
    }

    /// A held order with the figures of this moment; `None` when they are those it shows.
    fn with_new_figures(&self, order: Order) -> Option<Order> {
        let problem = self.check(&order).ok()?.problem()?;
        let since = order.hold.as_ref().filter(|hold| hold.problem != problem)?.since;
        Some(Order { hold: Some(Hold { problem, since }), ..order })
    }

    fn check(&self, order: &Order) -> Result<CreditVerdict, MoneyError> {
        credit_check(&self.dealer, &self.ledger, order.priced.payable)
    }
}

/// The orders of a dealer that wait for credit, oldest first.
pub(super) fn waiting_orders(state: &dyn State, dealer: DealerId) -> Result<Vec<Order>, StateError> {
    let mut orders: Vec<Order> = state.list(Find::HeldOrdersOfDealer(dealer))?;
    orders.sort_by_key(|order| (order.placed_at, order.id));
    Ok(orders)
}

/// The order accepted, with its promise and one delivery line for each of its lines.
fn accept(order: &Order, dealer: &Dealer, context: &Context) -> Vec<Change> {
    let accepted_on = context.decided_at().date_in(dealer.zone);
    let promised_on = accepted_on.plus_days(i64::from(context.policies.promise_days));
    let lines = delivery_line_ids(order).map(|id| DeliveryLine {
        id,
        dealer_id: order.dealer_id,
        order_id: Some(order.id),
        accepted_on,
        delivered_on: None,
    });
    let accepted = Order { status: OrderStatus::Accepted, hold: None, promised_on: Some(promised_on), ..order.clone() };
    std::iter::once(Change::put(accepted)).chain(lines.map(Change::put)).collect()
}

/// The ids of an order's delivery lines, in the order of its lines: the same on every host.
pub fn delivery_line_ids(order: &Order) -> impl Iterator<Item = DeliveryLineId> {
    let order_id = order.id.0;
    (0..order.priced.lines.len()).map(move |position| DeliveryLineId::derived(order_id, &format!("line:{position}")))
}

/// What a calculation with money that has no answer is called.
pub(super) fn money_problem(error: MoneyError) -> Problem {
    match error {
        MoneyError::Overflow => Problem::new(ProblemCode::AmountOverflow),
        MoneyError::CurrencyMismatch { right, .. } => {
            Problem::new(ProblemCode::AmountInvalid).with("amount", right.code())
        }
    }
}

/// What is wrong with an amount that a person states for a dealer, if anything.
pub(super) fn amount_problem(amount: Money, dealer: &Dealer) -> Option<Problem> {
    let is_valid = amount.minor > 0 && amount.currency == dealer.credit_limit.currency;
    let shown = || format!("{amount} {}", amount.currency.code());
    (!is_valid).then(|| Problem::new(ProblemCode::AmountInvalid).with("amount", shown()))
}
