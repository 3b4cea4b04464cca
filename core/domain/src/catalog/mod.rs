//! What is sold, where it must stand, and what it costs.

mod price_check;
mod price_list;
mod product;
mod promotion;

pub use price_check::{PriceFinding, check_shelf_price, price_spread_pct};
pub use price_list::{Price, PriceList};
pub use product::{MustStock, Product};
pub use promotion::{LadderStep, Promotion, PromotionRule};
