//! Shelf prices against a product's minimum and suggested retail price.
//!
//! **Purpose.** Says whether a price seen on a shelf breaks the minimum (red), lies far above the suggested price
//! (amber) or is in order, and how far apart the prices of one area are. **Non-goals.** It informs; what follows is
//! for people to decide, and nobody is fined by the program.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{catalog::Product, money::Money, sync::Policies};

/// What a shelf price says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PriceFinding {
    /// Not below the minimum and not far above the suggested price.
    InBand,
    /// Below the minimum retail price.
    BelowMinimum {
        /// How far below, in major units.
        by: Decimal,
        /// How far below, in percent of the minimum; one decimal.
        pct: Decimal,
    },
    /// Further above the suggested retail price than the policy allows.
    FarAbove {
        /// How far above the suggested price, in major units.
        by: Decimal,
        /// How far above, in percent of the suggested price; one decimal.
        pct: Decimal,
    },
    /// The product has neither a minimum nor a suggested price.
    NoReference,
}

/// Checks a shelf price, in major units of the currency of the product's retail prices.
///
/// The limits are exact: the rounded percentages are for people and decide nothing. A price so large that its
/// percentage cannot be held is shown with the largest one.
pub fn check_shelf_price(product: &Product, shelf: Decimal, policies: &Policies) -> PriceFinding {
    let minimum = product.min_retail.map(Money::major).filter(|price| *price > Decimal::ZERO);
    let suggested = product.suggested_retail.map(Money::major).filter(|price| *price > Decimal::ZERO);
    if let Some(minimum) = minimum
        && shelf < minimum
    {
        let by = minimum.saturating_sub(shelf);
        return PriceFinding::BelowMinimum { by, pct: percent(by, minimum).unwrap_or(Decimal::MAX) };
    }
    match suggested {
        Some(suggested) if is_far_above(shelf, suggested, policies.far_above_pct) => {
            let by = shelf.saturating_sub(suggested);
            PriceFinding::FarAbove { by, pct: percent(by, suggested).unwrap_or(Decimal::MAX) }
        }
        None if minimum.is_none() => PriceFinding::NoReference,
        Some(_) | None => PriceFinding::InBand,
    }
}

/// How far the prices of an area are apart, in percent of the suggested price; one decimal. `None` when the suggested
/// price is not above zero, the prices are the wrong way round or the figure cannot be held.
pub fn price_spread_pct(lowest: Decimal, highest: Decimal, suggested: Decimal) -> Option<Decimal> {
    if suggested <= Decimal::ZERO || highest < lowest {
        return None;
    }
    percent(highest.checked_sub(lowest)?, suggested)
}

fn is_far_above(shelf: Decimal, suggested: Decimal, limit_pct: u32) -> bool {
    let Some(above) = shelf.checked_sub(suggested) else { return true };
    let allowed = suggested.saturating_mul(Decimal::from(limit_pct));
    // A hundredfold that cannot be held is above everything that can.
    above.checked_mul(Decimal::ONE_HUNDRED).is_none_or(|above| above > allowed)
}

fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let exact = part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)?;
    Some(exact.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{ids::ProductId, money::Currency, quantity::PackRule, text::Localized};

    fn phone(minimum: Option<i64>, suggested: Option<i64>) -> Product {
        let money = |minor| Money::new(minor, Currency::Cny);
        Product {
            id: ProductId(Uuid::from_u128(1)),
            code: "P1".into(),
            gtin: None,
            name: Localized::same("P1"),
            is_hero: true,
            pack: PackRule::SINGLE,
            min_retail: minimum.map(money),
            suggested_retail: suggested.map(money),
            is_active: true,
        }
    }

    fn check(shelf: Decimal) -> PriceFinding {
        check_shelf_price(&phone(Some(99_900), Some(109_900)), shelf, &Policies::default())
    }

    #[test]
    fn a_phone_at_949_is_50_yuan_or_5_percent_below_the_minimum() {
        let expected = PriceFinding::BelowMinimum { by: Decimal::new(5_000, 2), pct: Decimal::new(50, 1) };
        assert_eq!(check(Decimal::new(94_900, 2)), expected);
    }

    #[test]
    fn a_phone_at_1299_is_18_point_2_percent_above_the_suggested_price() {
        let expected = PriceFinding::FarAbove { by: Decimal::new(20_000, 2), pct: Decimal::new(182, 1) };
        assert_eq!(check(Decimal::new(129_900, 2)), expected);
    }

    #[test]
    fn the_limits_themselves_are_in_order() {
        assert_eq!(check(Decimal::new(99_900, 2)), PriceFinding::InBand);
        assert_eq!(check(Decimal::new(126_385, 2)), PriceFinding::InBand);
        assert!(matches!(check(Decimal::new(126_386, 2)), PriceFinding::FarAbove { .. }));
        assert!(matches!(check(Decimal::new(99_899, 2)), PriceFinding::BelowMinimum { .. }));
    }

    #[test]
    fn the_spread_of_949_to_1299_is_31_point_8_percent() {
        let spread = price_spread_pct(Decimal::new(949, 0), Decimal::new(1_299, 0), Decimal::new(1_099, 0));
        assert_eq!(spread, Some(Decimal::new(318, 1)));
        assert_eq!(price_spread_pct(Decimal::ONE, Decimal::TEN, Decimal::ZERO), None);
        assert_eq!(price_spread_pct(Decimal::TEN, Decimal::ONE, Decimal::TEN), None);
    }

    #[test]
    fn a_product_without_retail_prices_has_nothing_to_be_checked_against() {
        let policies = Policies::default();
        assert_eq!(check_shelf_price(&phone(None, None), Decimal::ONE, &policies), PriceFinding::NoReference);
        assert_eq!(check_shelf_price(&phone(Some(1), None), Decimal::ONE, &policies), PriceFinding::InBand);
    }

    proptest! {
        #[test]
        fn no_price_however_odd_makes_the_check_fail(
            shelf: [u8; 16], minimum: Option<i64>, suggested: Option<i64>, low: [u8; 16], high: [u8; 16], limit: u32,
        ) {
            let policies = Policies { far_above_pct: limit, ..Policies::default() };
            check_shelf_price(&phone(minimum, suggested), decimal(shelf), &policies);
            price_spread_pct(decimal(low), decimal(high), decimal(shelf));
        }
    }

    /// A decimal of any size and scale.
    fn decimal(bytes: [u8; 16]) -> Decimal {
        Decimal::deserialize(bytes)
    }
}
