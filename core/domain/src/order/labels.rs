//! What states and policies are called, in both languages.

use super::{ClaimStatus, OrderStatus, PricePolicy};
use crate::text::Localized;

impl OrderStatus {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Held, Self::AwaitingConfirmation, Self::Cancelled];

    /// What people call the state.
    pub fn label(self) -> Localized {
        match self {
            Self::Accepted => Localized::new("已接受", "accepted"),
            Self::Held => Localized::new("信用冻结", "held for credit"),
            Self::AwaitingConfirmation => Localized::new("待确认价格", "awaiting confirmation"),
            Self::Cancelled => Localized::new("已取消", "cancelled"),
        }
    }
}

impl ClaimStatus {
    /// What people call the state of a price-protection claim.
    pub fn label(self) -> Localized {
        match self {
            Self::Offered => Localized::new("可申请价保", "price protection offered"),
            Self::Claimed => Localized::new("已申请价保", "price protection claimed"),
            Self::Declined => Localized::new("已放弃价保", "price protection declined"),
        }
    }
}

impl PricePolicy {
    /// What people call the policy; printed on the order.
    pub fn label(self) -> Localized {
        match self {
            Self::HonourCaptured => {
                Localized::new("方案 A：按下单时的价格表", "policy A: the list of the moment it was placed")
            }
            Self::RepriceOnArrival => {
                Localized::new("方案 B：按订单到达服务器时的价格表", "policy B: the list of the moment it arrived")
            }
        }
    }
}
