//! A draft becomes an order.

use rusqlite::Transaction;
use serde::Serialize;
use storewalk_domain::{
    dealer::Dealer,
    ids::OrderId,
    order::{self, Order, OrderStatus},
    problem::{Problem, ProblemCode},
    sync::{Command, StateExt, SubmitOrder},
    text::Localized,
    time::Timestamp,
};
use storewalk_sqlite::SqliteState;

use super::draft;
use crate::{Attempt, ClientError, Phone, ProblemView, record::take_order_number};

/// How submitting ended.
pub type SubmitResult = Attempt<SubmittedOrder>;

/// An order that was placed on this phone; the server's word on it is still to come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SubmittedOrder {
    /// Identity.
    pub order_id: OrderId,
    /// Number for people.
    pub number: String,
    /// The state the phone expects.
    pub status: OrderStatus,
    /// That state in words.
    pub status_text: Localized,
    /// Why it will probably wait, if it will.
    pub hold: Option<ProblemView>,
}

pub(super) fn submit(phone: &Phone, draft_id: OrderId) -> Result<SubmitResult, ClientError> {
    let now = phone.now().trusted();
    let recorded = phone.record_in(|transaction| command_of(transaction, draft_id, now))?;
    match Attempt::from(recorded) {
        Attempt::Refused(problems) => Ok(Attempt::Refused(problems)),
        Attempt::Done(_) => {
            let order: Option<Order> = phone.read(|connection| Ok(SqliteState(connection).get(draft_id.row())?))?;
            let order = order.ok_or(ClientError::NotFound { what: "order" })?;
            Ok(Attempt::Done(SubmittedOrder {
                order_id: order.id,
                status: order.status,
                status_text: order.status.label(),
                hold: order.hold.as_ref().map(|hold| ProblemView::from(&hold.problem)),
                number: order.number,
            }))
        }
    }
}

/// Prices the draft, takes a number and removes the draft: all of it stands or falls with the command.
fn command_of(transaction: &Transaction<'_>, draft_id: OrderId, now: Timestamp) -> Result<Command, ClientError> {
    let state = SqliteState(transaction);
    let draft = draft::load(transaction, draft_id)?;
    let dealer: Option<Dealer> = state.get(draft.dealer_id.row())?;
    let not_found = || ClientError::Rejected(vec![Problem::new(ProblemCode::NotFound).at("dealer_id")]);
    let dealer = dealer.ok_or_else(not_found)?;
    let priced = order::quote(&state, &dealer, &draft.lines, now)?.map_err(ClientError::Rejected)?;
    let number = take_order_number(transaction)?;
    draft::remove(transaction, draft_id)?;
    let command = SubmitOrder {
        order_id: draft.id,
        number,
        dealer_id: draft.dealer_id,
        outlet_id: draft.outlet_id,
        price_list_id: priced.price_list_id,
        lines: draft.lines,
        priced,
    };
    Ok(command.into())
}
