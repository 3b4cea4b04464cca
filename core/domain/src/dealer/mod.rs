//! Dealers: what they owe, what they hold, what they were promised.

mod promise;
mod replenish;

pub use promise::{KeptRate, kept_rate};
pub use replenish::{Suggestion, SuggestionStep, suggest};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{DealerId, DealerStockId, DeliveryLineId, OrderId, PaymentId, ProductId, UserId},
    money::Money,
    text::Localized,
    time::{BusinessDate, Timestamp, Zone},
};

/// How much a dealer contributes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum DealerTier {
    /// First tier.
    A,
    /// Second tier.
    B,
    /// Third tier.
    C,
}

/// A business partner that orders.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dealer {
    /// Identity; also names the bucket its rows travel in.
    pub id: DealerId,
    /// Code (`D01`); the external key of imports.
    pub code: String,
    /// Name.
    pub name: Localized,
    /// Tier.
    pub tier: DealerTier,
    /// Credit limit; its currency is the dealer's currency.
    pub credit_limit: Money,
    /// Unpaid invoices as the books say, before the orders and payments known here.
    pub unpaid_invoices: Money,
    /// As of when the books say so.
    pub books_as_of: Timestamp,
    /// Time zone of its calendar.
    pub zone: Zone,
}

/// Money received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payment {
    /// Identity.
    pub id: PaymentId,
    /// The dealer.
    pub dealer_id: DealerId,
    /// How much.
    pub amount: Money,
    /// Number on the payment slip.
    pub slip: String,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Timestamp,
}

/// What a dealer holds of one product, and how it sells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DealerStock {
    /// Identity.
    pub id: DealerStockId,
    /// The dealer.
    pub dealer_id: DealerId,
    /// The product.
    pub product_id: ProductId,
    /// Units on hand.
    pub on_hand: u32,
    /// Mean sale per day, in units.
    pub mean_daily_sale: Decimal,
    /// Standard deviation of the daily sale, in units.
    pub sale_deviation: Decimal,
    /// Days from order to delivery.
    pub lead_days: u32,
    /// Safety factor: the standard score of the service level (1.65 for 95 %).
    pub service_z: Decimal,
    /// When it was counted.
    pub counted_at: Timestamp,
}

/// One accepted order line, as the delivery promise counts it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeliveryLine {
    /// Identity.
    pub id: DeliveryLineId,
    /// The dealer.
    pub dealer_id: DealerId,
    /// The order; `None` for lines taken over from the books.
    pub order_id: Option<OrderId>,
    /// The dealer's date when it was accepted.
    pub accepted_on: BusinessDate,
    /// The dealer's date when it arrived; `None` while it is on its way.
    pub delivered_on: Option<BusinessDate>,
}
