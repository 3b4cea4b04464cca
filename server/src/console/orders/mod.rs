//! `/console/orders`: the list of orders.

pub(super) mod handler;
mod view;

pub(crate) use view::{OrdersChoice, order_state, page};
