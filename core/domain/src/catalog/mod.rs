//! What is sold, where it must stand, and what it costs.

mod gs1;
mod price_check;
mod price_list;
mod product;
mod promotion;

pub use gs1::{Gs1Fault, check_digit, parse_gln, parse_gtin};
pub use price_check::{PriceFinding, check_shelf_price, price_spread_pct};
pub use price_list::{Price, PriceList, standard_list};
pub use product::{MustStock, Product};
pub use promotion::{LadderStep, Promotion, PromotionRule};
