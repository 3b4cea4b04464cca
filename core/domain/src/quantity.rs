//! Counts of goods, and the pack rules that an order line must meet.

use serde::{Deserialize, Serialize};

/// A count of sales units; never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub u32);

/// How much of a product may be ordered at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct PackRule {
    /// Minimum order quantity (MOQ), in sales units; at least 1.
    pub moq: u32,
    /// The quantity must be a multiple of this many sales units; at least 1.
    pub multiple: u32,
}

impl PackRule {
    /// Any whole quantity from one up.
    pub const SINGLE: Self = Self { moq: 1, multiple: 1 };

    /// Whether a quantity may be ordered.
    pub fn allows(self, quantity: Quantity) -> bool {
        quantity.0 >= self.moq && quantity.0.is_multiple_of(self.multiple.max(1))
    }

    /// The smallest quantity that may be ordered and is not below `wanted` (PRODUCT: round up to MOQ and multiple).
    /// `None` when no such quantity fits a count.
    pub fn at_least(self, wanted: Quantity) -> Option<Quantity> {
        let floor = wanted.0.max(self.moq).max(1);
        floor.checked_next_multiple_of(self.multiple.max(1)).map(Quantity)
    }

    /// The allowed quantities next to `wanted`: the largest not above it, if there is one, and the smallest not below.
    pub fn nearest(self, wanted: Quantity) -> (Option<Quantity>, Option<Quantity>) {
        let multiple = self.multiple.max(1);
        let below = Quantity(wanted.0 - wanted.0 % multiple);
        (self.allows(below).then_some(below), self.at_least(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHARGER: PackRule = PackRule { moq: 20, multiple: 10 };

    #[test]
    fn a_need_below_the_minimum_becomes_the_minimum() {
        assert_eq!(CHARGER.at_least(Quantity(7)), Some(Quantity(20)));
        assert_eq!(CHARGER.at_least(Quantity(23)), Some(Quantity(30)));
    }

    #[test]
    fn twenty_five_is_refused_with_twenty_and_thirty() {
        assert!(!CHARGER.allows(Quantity(25)));
        assert_eq!(CHARGER.nearest(Quantity(25)), (Some(Quantity(20)), Some(Quantity(30))));
        assert_eq!(CHARGER.nearest(Quantity(7)), (None, Some(Quantity(20))));
    }

    #[test]
    fn a_quantity_beyond_counting_has_no_next_pack() {
        assert_eq!(CHARGER.at_least(Quantity(u32::MAX)), None);
    }
}
