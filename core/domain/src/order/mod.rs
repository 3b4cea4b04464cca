//! Orders: what is asked for, what it costs and why, and whether credit allows it.

mod account;
mod basis;
mod cancel;
mod claim;
#[cfg(test)]
mod claim_tests;
mod confirm;
#[cfg(test)]
mod confirm_tests;
mod credit;
#[cfg(test)]
mod credit_tests;
mod entity;
mod explain;
#[cfg(test)]
mod fixtures;
mod handover;
mod labels;
mod payment;
mod price_book;
mod priced;
mod pricing;
#[cfg(test)]
mod pricing_tests;
mod promotions;
mod replay;
mod submit;
#[cfg(test)]
mod submit_tests;

pub use account::delivery_line_ids;
pub use basis::quote;
pub use cancel::decide_cancel;
pub use claim::decide_answer_claim;
pub use confirm::decide_confirm;
pub use credit::{CreditVerdict, Ledger, credit_check, exposure};
pub use entity::{ClaimStatus, Hold, LineRequest, Order, OrderNumber, OrderStatus, PriceClaim, PricePolicy};
pub use explain::explain;
pub use payment::decide_payment;
pub use price_book::PriceBook;
pub use priced::{FreeGoods, PricedLine, PricedOrder, Rebate, TraceStep};
pub use pricing::{PricingRequest, price_order, quantity_problem};
pub use replay::{TraceFault, replay};
pub use submit::{MAX_ORDER_LINES, decide_submit};

use crate::problem::{Problem, ProblemCode};

/// What is wrong with a short text such as a number, if anything: empty, too long, or with control characters.
fn text_problem(at: &str, text: &str, limit: usize) -> Option<Problem> {
    let is_valid = !text.trim().is_empty() && text.chars().count() <= limit && !text.chars().any(char::is_control);
    (!is_valid).then(|| Problem::new(ProblemCode::TextInvalid).with("limit", limit).at(at))
}
