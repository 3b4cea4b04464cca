//! `order.cancel`: an order is called off, which may make room for orders that wait for credit.

use super::{
    Order, OrderStatus,
    account::{Account, delivery_line_ids, waiting_orders},
};
use crate::{
    dealer::{Dealer, DeliveryLine},
    outlet::Role,
    problem::{Problem, ProblemCode},
    sync::{CancelOrder, Change, Context, Decision, State, StateError, StateExt, Table},
};

/// Decides `order.cancel`.
///
/// Whoever acts for the dealer may cancel, and supervisors; not once a line was delivered.
///
/// # Errors
/// When the database fails.
pub fn decide_cancel(state: &dyn State, args: &CancelOrder, context: &Context) -> Result<Decision, StateError> {
    let Some(order) = state.get::<Order>(args.order_id.row())? else {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotFound).at("order_id")));
    };
    let is_overseer = matches!(context.actor.role, Role::Supervisor | Role::Admin);
    if !is_overseer && !context.acts_for(order.dealer_id) {
        return Ok(Decision::refused(Problem::new(ProblemCode::NotPermitted).at("order_id")));
    }
    let delivery_lines = delivery_lines(state, &order)?;
    if order.status == OrderStatus::Cancelled {
        return Ok(Decision::refused(wrong_state(&order)));
    }
    if delivery_lines.iter().any(|line| line.delivered_on.is_some()) {
        return Ok(Decision::refused(delivered()));
    }
    let mut changes: Vec<Change> =
        delivery_lines.iter().map(|line| Change::Remove { table: Table::DeliveryLines, id: line.id.row() }).collect();
    let cancelled = Order { status: OrderStatus::Cancelled, hold: None, promised_on: None, ..order.clone() };
    changes.push(Change::put(cancelled));
    if let Some(dealer) = state.get::<Dealer>(order.dealer_id.row())? {
        let mut waiting = waiting_orders(state, dealer.id)?;
        waiting.retain(|known| known.id != order.id);
        let mut account = Account::load(state, dealer)?;
        account.forget(&order);
        changes.extend(account.release_held(waiting, context));
    }
    Ok(Decision::applied(changes))
}

fn delivery_lines(state: &dyn State, order: &Order) -> Result<Vec<DeliveryLine>, StateError> {
    let mut lines = Vec::new();
    for id in delivery_line_ids(order) {
        lines.extend(state.get::<DeliveryLine>(id.row())?);
    }
    Ok(lines)
}

/// Says that the order's present state does not allow this.
pub(super) fn wrong_state(order: &Order) -> Problem {
    Problem::new(ProblemCode::OrderState).with_label("state", &order.status.label()).at("order_id")
}

fn delivered() -> Problem {
    let label = crate::text::Localized::new("已送达", "delivered");
    Problem::new(ProblemCode::OrderState).with_label("state", &label).at("order_id")
}
