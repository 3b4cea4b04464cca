//! Orders that were placed.

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    dealer::Dealer,
    ids::{DealerId, OrderId},
    order::Order,
    problem::{Problem, ProblemCode},
    sync::StateExt,
    text::Localized,
};
use storewalk_sqlite::{SqliteState, id_blob, select};

use super::{ClaimView, OrderView, view::explanation};
use crate::{ClientError, ProblemView};

/// The orders of a dealer, the newest at the top.
pub(super) fn orders_of(connection: &Connection, dealer_id: DealerId) -> Result<Vec<OrderView>, ClientError> {
    let dealer: Option<Dealer> = SqliteState(connection).get(dealer_id.row())?;
    let params = named_params! { ":dealer": id_blob(dealer_id.row()) };
    let orders: Vec<Order> = select(connection, "WHERE dealer_id = :dealer ORDER BY placed_at DESC, id DESC", params)?;
    Ok(orders.into_iter().map(|order| shown(order, dealer.as_ref())).collect())
}

/// One order.
pub(super) fn order(connection: &Connection, id: OrderId) -> Result<OrderView, ClientError> {
    let state = SqliteState(connection);
    let order: Order = state.get(id.row())?.ok_or(ClientError::NotFound { what: "order" })?;
    let dealer: Option<Dealer> = state.get(order.dealer_id.row())?;
    Ok(shown(order, dealer.as_ref()))
}

fn shown(order: Order, dealer: Option<&Dealer>) -> OrderView {
    let Order { priced, priced_at_capture, .. } = &order;
    let twice = || Problem::new(ProblemCode::OrderNumberTwice).with("number", &order.number);
    OrderView {
        dealer_name: dealer.map_or_else(|| Localized::same(""), |dealer| dealer.name.clone()),
        has_arrived: order.arrived_at.is_some(),
        status_text: order.status.label(),
        hold: order.hold.as_ref().map(|hold| ProblemView::from(&hold.problem)),
        price_policy: order.price_policy.label(),
        price_list_code: priced.price_list_code.clone(),
        lines: priced.lines.iter().map(Into::into).collect(),
        free_goods: priced.free_goods.iter().map(|gift| (gift.product_code.clone(), gift.quantity)).collect(),
        goods: priced.goods,
        rebate: priced.rebate.as_ref().map(|rebate| rebate.amount),
        payable: priced.payable,
        explanation: explanation(priced),
        payable_at_capture: priced_at_capture.as_ref().map(|captured| captured.payable),
        explanation_at_capture: priced_at_capture.as_ref().map(explanation).unwrap_or_default(),
        captured: order.captured,
        claim: order.claim.as_ref().map(ClaimView::from),
        number_problem: order.same_number_as.map(|_| ProblemView::from(&twice())),
        id: order.id,
        dealer_id: order.dealer_id,
        outlet_id: order.outlet_id,
        placed_by: order.placed_by,
        placed_at: order.placed_at,
        status: order.status,
        promised_on: order.promised_on,
        number: order.number,
    }
}
