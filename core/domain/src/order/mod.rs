//! Orders: what is asked for, what it costs and why, and whether credit allows it.

mod decide;
mod order;
mod priced;

pub use decide::*;
pub use order::{Hold, LineRequest, Order, OrderStatus, PricePolicy};
pub use priced::{FreeGoods, PricedLine, PricedOrder, Rebate, TraceStep};
