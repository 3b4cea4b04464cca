//! `/console/orders/{id}`: one order with every figure explained, and the payments of its dealer.

mod breakdown;
pub(super) mod claim;
mod credit;
pub(super) mod handler;
mod payment;
mod view;

pub(crate) use payment::PaymentForm;
pub(crate) use view::{OrderRows, PaymentTry, page};
