//! A dealer's account while a decision is made: who may wait, who is accepted, and what an acceptance brings with it.
//!
//! **Invariant.** An order becomes accepted only here, and only when it fits under the limit together with all that
//! was accepted before it.
//!
//! **Limit.** Every decision reads all accepted and held orders of the dealer and all its payments, because nothing
//! closes an order or settles a payment yet: some thousand of them are read in a moment, but they grow for ever. When
//! the books take over what was invoiced (`books_as_of`), what they cover has to leave these questions.

use super::{CreditVerdict, Hold, Order, OrderStatus, credit_check, exposure};
use crate::{
    dealer::{Dealer, DeliveryLine, Payment},
    ids::DeliveryLineId,
    money::{Money, MoneyError},
    problem::{Problem, ProblemCode},
    sync::{Change, Context, Find, Outcome, State, StateError, StateExt},
};

/// A dealer with the orders and payments that bear on its credit.
pub(super) struct Account {
    pub(super) dealer: Dealer,
    /// Accepted and held orders, oldest first.
    orders: Vec<Order>,
    payments: Vec<Payment>,
}

impl Account {
    pub(super) fn load(state: &dyn State, dealer: Dealer) -> Result<Self, StateError> {
        let mut orders: Vec<Order> = state.list(Find::OpenOrdersOfDealer(dealer.id))?;
        orders.sort_by_key(|order| (order.placed_at, order.id));
        let payments = state.list(Find::PaymentsOfDealer(dealer.id))?;
        Ok(Self { dealer, orders, payments })
    }

    /// The payment recorded under a slip number, if there is one. Case and blanks do not tell two slips apart.
    pub(super) fn payment_of_slip(&self, slip: &str) -> Option<&Payment> {
        let number = |text: &str| -> String {
            text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
        };
        let wanted = number(slip);
        self.payments.iter().find(|payment| number(&payment.slip) == wanted)
    }

    /// Counts a payment that was just received.
    pub(super) fn receive(&mut self, payment: Payment) -> Result<(), Problem> {
        self.payments.push(payment);
        exposure(&self.dealer, &self.orders, &self.payments).map(|_| ()).map_err(money_problem)
    }

    /// Counts an order no longer.
    pub(super) fn forget(&mut self, order: &Order) {
        self.orders.retain(|known| known.id != order.id);
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
    pub(super) fn release_held(&mut self, context: &Context) -> Vec<Change> {
        let mut changes = Vec::new();
        for position in 0..self.orders.len() {
            let order = &self.orders[position];
            if order.status != OrderStatus::Held || !self.check(order).is_ok_and(|verdict| verdict.fits()) {
                continue;
            }
            changes.extend(accept(order, &self.dealer, context));
            self.orders[position].status = OrderStatus::Accepted;
        }
        changes.extend(self.waiting_anew().into_iter().map(Change::put));
        changes
    }

    /// The held orders whose figures have changed, with the new ones.
    fn waiting_anew(&self) -> Vec<Order> {
        let mut changed = Vec::new();
        for order in self.orders.iter().filter(|order| order.status == OrderStatus::Held) {
            let now = self.check(order).ok().and_then(|verdict| verdict.problem());
            if let (Some(problem), Some(hold)) = (now, &order.hold)
                && problem != hold.problem
            {
                let hold = Some(Hold { problem, since: hold.since });
                changed.push(Order { hold, ..order.clone() });
            }
        }
        changed
    }

    fn check(&self, order: &Order) -> Result<CreditVerdict, MoneyError> {
        credit_check(&self.dealer, &self.orders, &self.payments, order.priced.payable)
    }
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
