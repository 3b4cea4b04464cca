//! The two dealers, what they hold and what was delivered to them.

use rust_decimal::Decimal;
use storewalk_domain::{
    dealer::{Dealer, DealerStock, DealerTier, DeliveryLine},
    ids::{DealerStockId, DeliveryLineId},
    money::{Currency, Money},
    sync::Row,
    text::Localized,
    time::{BusinessDate, Zone},
};

use super::{at, dealer, id, product};

/// Accepted lines of D02 this month, and how many of them came within seven days.
const LINES: i64 = 100;
const LINES_IN_TIME: i64 = 84;

pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![
        Row::from(dealer_row("D01", "江北商贸", "Jiangbei Trading", DealerTier::A, 20_000_000, 18_240_000)),
        Row::from(dealer_row("D02", "南岸通讯", "Nan'an Communications", DealerTier::B, 10_000_000, 8_240_000)),
        Row::from(stock("D02", "P1", 34, Decimal::new(42, 1), Decimal::new(16, 1))),
        Row::from(stock("D02", "A10", 7, Decimal::new(9, 1), Decimal::new(3, 1))),
        Row::from(stock("D01", "A10", 24, Decimal::new(30, 1), Decimal::new(10, 1))),
    ];
    rows.extend((0..LINES).map(|line| Row::from(delivery(line))));
    rows
}

fn dealer_row(code: &str, zh: &str, en: &str, tier: DealerTier, limit: i64, unpaid: i64) -> Dealer {
    Dealer {
        id: dealer(code),
        code: code.to_owned(),
        name: Localized::new(zh, en),
        tier,
        credit_limit: Money::new(limit, Currency::Cny),
        unpaid_invoices: Money::new(unpaid, Currency::Cny),
        books_as_of: at("2025-03-14T06:00"),
        zone: Zone::SHANGHAI,
    }
}

fn stock(dealer_code: &str, product_code: &str, on_hand: u32, mean: Decimal, deviation: Decimal) -> DealerStock {
    DealerStock {
        id: DealerStockId(id("stock", &format!("{dealer_code}/{product_code}"))),
        dealer_id: dealer(dealer_code),
        product_id: product(product_code),
        on_hand,
        mean_daily_sale: mean,
        sale_deviation: deviation,
        lead_days: 7,
        service_z: Decimal::new(165, 2),
        counted_at: at("2025-03-14T07:30"),
    }
}

/// Lines accepted on 1 to 5 March; the first 84 arrived after 2 to 7 days, the others after 8.
fn delivery(line: i64) -> DeliveryLine {
    let first = BusinessDate::parse("2025-03-01").expect("a real date");
    let accepted_on = first.plus_days(line % 5);
    let days = if line < LINES_IN_TIME { 2 + line % 6 } else { 8 };
    DeliveryLine {
        id: DeliveryLineId(id("delivery", &format!("D02/{line}"))),
        dealer_id: dealer("D02"),
        order_id: None,
        accepted_on,
        delivered_on: Some(accepted_on.plus_days(days)),
    }
}
