//! The order.
//!
//! States: `accepted`, or `held` (over credit; 信用冻结) → `accepted` when credit allows; `awaiting_confirmation` when
//! the server priced it differently → `accepted` or `cancelled` by the dealer; `cancelled` ends it. A draft lives on
//! the phone only.

use serde::{Deserialize, Serialize};

use super::PricedOrder;
use crate::{
    ids::{DealerId, OrderId, OutletId, PriceListId, ProductId, UserId},
    problem::Problem,
    quantity::Quantity,
    time::{BusinessDate, Timestamp},
};

/// One line as a person asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineRequest {
    /// The product.
    pub product_id: ProductId,
    /// How many sales units.
    pub quantity: Quantity,
    /// A price list for this line (特价) instead of the order's; it must be open to the dealer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_list_id: Option<PriceListId>,
}

/// State of an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Binding; the delivery promise runs.
    Accepted,
    /// Waits for credit.
    Held,
    /// Waits for the dealer to confirm another price.
    AwaitingConfirmation,
    /// Called off.
    Cancelled,
}

/// Which prices count when a list changed between capture and arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricePolicy {
    /// The captured list stands for a number of hours (policy A).
    HonourCaptured,
    /// The list valid on arrival counts; a difference must be confirmed (policy B).
    RepriceOnArrival,
}

/// Why an order waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// The reason with its figures.
    pub problem: Problem,
    /// Since when.
    pub since: Timestamp,
}

/// One order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Identity, minted on the phone.
    pub id: OrderId,
    /// Number for people, from the device's own block: `<device number>-<count>`.
    pub number: String,
    /// Who is billed.
    pub dealer_id: DealerId,
    /// The outlet it was taken in.
    pub outlet_id: Option<OutletId>,
    /// Who placed it.
    pub placed_by: UserId,
    /// Best estimate of when it was placed.
    pub placed_at: Timestamp,
    /// When the server took it in; `None` while only the phone knows it.
    pub arrived_at: Option<Timestamp>,
    /// State.
    pub status: OrderStatus,
    /// Why it waits, while it does.
    pub hold: Option<Hold>,
    /// The policy that chose the price list.
    pub price_policy: PricePolicy,
    /// The breakdown that counts.
    pub priced: PricedOrder,
    /// The breakdown the phone showed, where it differs.
    pub priced_at_capture: Option<PricedOrder>,
    /// The dealer's date by which delivery is promised; `None` until accepted.
    pub promised_on: Option<BusinessDate>,
}
