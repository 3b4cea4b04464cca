//! Orders: what is asked for, what it costs and why, and whether credit allows it.

mod decide;
#[cfg(test)]
mod fixtures;
mod order;
mod price_book;
mod priced;
mod pricing;
#[cfg(test)]
mod pricing_tests;
mod promotions;
mod replay;

pub use decide::*;
pub use order::{Hold, LineRequest, Order, OrderStatus, PricePolicy};
pub use price_book::PriceBook;
pub use priced::{FreeGoods, PricedLine, PricedOrder, Rebate, TraceStep};
pub use pricing::{PricingRequest, price_order, quantity_problem};
pub use replay::{TraceFault, replay};
