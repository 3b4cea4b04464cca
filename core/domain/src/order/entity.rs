//! The order.
//!
//! States: `accepted`, or `held` (over credit; 信用冻结) → `accepted` when credit allows; `awaiting_confirmation` when
//! the server priced it differently → `accepted` or `cancelled` by the dealer; `cancelled` ends it. A draft lives on
//! the phone only.

use serde::{Deserialize, Serialize};

use super::PricedOrder;
use crate::{
    ids::{DealerId, OrderId, OutletId, PriceListId, ProductId, UserId},
    money::Money,
    outlet::HandoverLabel,
    problem::Problem,
    quantity::Quantity,
    time::{BusinessDate, Timestamp},
    trusted::Clocks,
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

/// Most bytes of an order number.
const NUMBER_BYTES: usize = 128;

/// The number of an order as a question asks for it: a short text that can be copied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OrderNumber {
    bytes: [u8; NUMBER_BYTES],
    length: usize,
}

impl OrderNumber {
    /// A number; `None` when it is longer than any order may have.
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; NUMBER_BYTES];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, length: text.len() })
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl std::fmt::Debug for OrderNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}

/// State of an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
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
    /// Whether it was taken by a rep to whom the outlet or dealer no longer belonged, and who is credited; `None` as a
    /// rule.
    #[serde(default)]
    pub handover: Option<HandoverLabel>,
    /// What the device's clock said when it was placed, and what is known instead.
    #[serde(default)]
    pub captured: Option<Clocks>,
    /// What the dealer may claim back because prices fell before the order arrived; `None` when they did not.
    #[serde(default)]
    pub claim: Option<PriceClaim>,
    /// Another order with the same number, which came first. Both stand; a person has to tell them apart.
    #[serde(default)]
    pub same_number_as: Option<OrderId>,
}

/// Price protection (价保): the captured prices were honoured, and those of the arrival were lower.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PriceClaim {
    /// What the order costs less at the prices of its arrival; above zero.
    pub amount: Money,
    /// What it would have cost, with its breakdown.
    pub priced_on_arrival: PricedOrder,
    /// State.
    pub status: ClaimStatus,
    /// Who answered the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
}

/// How far a price-protection claim has come: `offered` → `claimed` or `declined`. A new answer undoes the one before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// The dealer may claim it.
    Offered,
    /// Claimed; it is settled by a credit note of the books, and does not change what the order costs.
    Claimed,
    /// Let go.
    Declined,
}

impl Order {
    /// Whose figures the order counts in.
    pub fn credited_to(&self) -> UserId {
        self.handover.map_or(self.placed_by, |handover| handover.credited_to)
    }
}
