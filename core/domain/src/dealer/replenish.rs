//! When a dealer should order again, and how much.
//!
//! **Source.** The continuous-review rule of inventory textbooks, for daily sales that do not depend on each other:
//! reorder point = mean daily sale × lead days + z × σ × √lead days. The second part is the safety stock: z is the
//! standard score of the wanted service level, σ the standard deviation of the daily sale.
//!
//! **Need.** Nothing while the stock position (on hand and already ordered) is above the reorder point. Otherwise up to
//! the reorder point and the mean sale of one more lead time, so that the next order falls due about one lead time
//! later: need = reorder point + mean × lead days − on hand − on order, rounded up to whole units, then up to the
//! product's minimum and multiple.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use super::DealerStock;
use crate::{
    catalog::Product,
    problem::{Problem, ProblemCode},
    quantity::{PackRule, Quantity},
};

/// What a dealer should order of a product, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The stock position at or below which to order, in units; one decimal.
    pub reorder_point: Decimal,
    /// Whether it is reached, judged by the exact figure.
    pub is_alarm: bool,
    /// Units that are missing, before pack rules; 0 without an alarm.
    pub need: u32,
    /// Units to order: the need, rounded up to the product's minimum and multiple; 0 without an alarm.
    pub quantity: Quantity,
    /// How it came about.
    pub trace: Vec<SuggestionStep>,
}

/// One step of a suggestion, replayable by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SuggestionStep {
    /// What is sold until a delivery arrives: mean × lead days.
    LeadDemand {
        /// Mean sale per day.
        mean: Decimal,
        /// Lead days.
        days: u32,
        /// The product.
        units: Decimal,
    },
    /// What guards against better sales than the mean: z × σ × √lead days.
    SafetyStock {
        /// Standard score of the service level.
        z: Decimal,
        /// Standard deviation of the daily sale.
        deviation: Decimal,
        /// √lead days, to 12 decimals.
        root_of_days: Decimal,
        /// The product.
        units: Decimal,
    },
    /// What there is: on hand and already ordered.
    Position {
        /// Units on hand.
        on_hand: u32,
        /// Units ordered and not yet delivered.
        on_order: u32,
    },
    /// The need rounded up to what can be ordered.
    Packed {
        /// Units that are missing.
        need: u32,
        /// The product's rule.
        pack: PackRule,
        /// Units to order.
        quantity: Quantity,
    },
}

/// Suggests an order of a product from what a dealer holds, sells and has already ordered.
///
/// A mean or a deviation below zero (more returned than sold) counts as zero.
///
/// # Errors
/// `amount_overflow` when a figure is too large to be reckoned.
pub fn suggest(stock: &DealerStock, product: &Product, on_order: u32) -> Result<Suggestion, Problem> {
    reckon(stock, product, on_order).ok_or_else(|| Problem::new(ProblemCode::AmountOverflow).at(&product.code))
}

fn reckon(stock: &DealerStock, product: &Product, on_order: u32) -> Option<Suggestion> {
    let days = stock.lead_days;
    let mean = stock.mean_daily_sale.max(Decimal::ZERO);
    let deviation = stock.sale_deviation.max(Decimal::ZERO);
    let lead_demand = mean.checked_mul(days.into())?;
    let root_of_days = square_root(days);
    let safety = stock.service_z.checked_mul(deviation)?.checked_mul(root_of_days)?;
    let point = lead_demand.checked_add(safety)?;
    let position = u64::from(stock.on_hand) + u64::from(on_order);
    let mut trace = vec![
        SuggestionStep::LeadDemand { mean, days, units: lead_demand },
        SuggestionStep::SafetyStock { z: stock.service_z, deviation, root_of_days, units: safety },
        SuggestionStep::Position { on_hand: stock.on_hand, on_order },
    ];
    let is_alarm = Decimal::from(position) <= point;
    let missing = point.checked_add(lead_demand)?.checked_sub(position.into())?.ceil();
    let need = if is_alarm { missing.max(Decimal::ZERO).to_u32()? } else { 0 };
    let quantity = if need == 0 { Quantity(0) } else { product.pack.at_least(Quantity(need))? };
    if need > 0 {
        trace.push(SuggestionStep::Packed { need, pack: product.pack, quantity });
    }
    let reorder_point = point.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    Some(Suggestion { reorder_point, is_alarm, need, quantity, trace })
}

/// The square root of a count to 12 decimals, rounded down; whole-number arithmetic, so the same on every host.
fn square_root(count: u32) -> Decimal {
    const DECIMALS: u32 = 12;
    let scaled = u128::from(count) * 10_u128.pow(2 * DECIMALS);
    // The root of the largest count has 17 digits, so the conversion never falls back.
    let root = i128::try_from(scaled.isqrt()).unwrap_or(i128::MAX);
    Decimal::try_from_i128_with_scale(root, DECIMALS).unwrap_or(Decimal::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{DealerId, DealerStockId, ProductId},
        order::quantity_problem,
        text::Localized,
        time::Timestamp,
    };

    const CHARGER: PackRule = PackRule { moq: 20, multiple: 10 };

    fn product(pack: PackRule) -> Product {
        Product {
            id: ProductId(Uuid::from_u128(1)),
            code: "A10".into(),
            gtin: None,
            name: Localized::same("A10"),
            is_hero: false,
            pack,
            min_retail: None,
            suggested_retail: None,
            is_active: true,
        }
    }

    /// 南岸通讯's phones: 34 on hand, 4.2 a day with a deviation of 1.6, 7 days, 95 %.
    fn stock() -> DealerStock {
        DealerStock {
            id: DealerStockId(Uuid::from_u128(1)),
            dealer_id: DealerId(Uuid::from_u128(2)),
            product_id: ProductId(Uuid::from_u128(1)),
            on_hand: 34,
            mean_daily_sale: Decimal::new(42, 1),
            sale_deviation: Decimal::new(16, 1),
            lead_days: 7,
            service_z: Decimal::new(165, 2),
            counted_at: Timestamp(0),
        }
    }

    #[test]
    fn thirty_four_phones_are_below_the_reorder_point_of_36_point_4() {
        let suggestion = suggest(&stock(), &product(PackRule::SINGLE), 0).expect("reckonable");
        assert_eq!((suggestion.reorder_point, suggestion.is_alarm), (Decimal::new(364, 1), true));
        // 36.38 + 29.4 - 34 = 31.78
        assert_eq!((suggestion.need, suggestion.quantity), (32, Quantity(32)));
        assert_eq!(suggestion.trace.len(), 4);
    }

    #[rstest]
    #[case(2, true)]
    #[case(3, false)]
    fn what_is_already_ordered_counts_as_there(#[case] on_order: u32, #[case] is_alarm: bool) {
        let suggestion = suggest(&stock(), &product(PackRule::SINGLE), on_order).expect("reckonable");
        assert_eq!(suggestion.is_alarm, is_alarm);
        assert_eq!(suggestion.need > 0, is_alarm);
    }

    #[rstest]
    #[case(7, 20)]
    #[case(23, 30)]
    fn a_need_of_chargers_is_rounded_up_to_minimum_and_multiple(#[case] need: u32, #[case] quantity: u32) {
        let suggestion = suggest(&with_need(need), &product(CHARGER), 0).expect("reckonable");
        assert_eq!((suggestion.need, suggestion.quantity), (need, Quantity(quantity)));
    }

    /// Stock that lacks exactly `need` units: nothing on hand, and half of it sold in a lead time of one day.
    fn with_need(need: u32) -> DealerStock {
        let mean_daily_sale = Decimal::from(need) / Decimal::TWO;
        DealerStock { on_hand: 0, mean_daily_sale, sale_deviation: Decimal::ZERO, lead_days: 1, ..stock() }
    }

    #[test]
    fn twenty_five_chargers_instead_are_refused_with_20_and_30() {
        let problem = quantity_problem(&product(CHARGER), Quantity(25)).expect("breaks the multiple");
        assert_eq!(problem.params["nearest"], "20 / 30");
        assert_eq!(quantity_problem(&product(CHARGER), Quantity(30)), None);
    }

    #[test]
    fn a_root_is_exact_to_12_decimals() {
        assert_eq!(square_root(7), Decimal::new(2_645_751_311_064, 12));
        assert_eq!(square_root(49), Decimal::from(7));
        assert_eq!(square_root(u32::MAX).trunc(), Decimal::from(65_535));
    }

    proptest! {
        #[test]
        fn no_stock_however_odd_makes_a_suggestion_fail(
            counts: (u32, u32, u32), mean: [u8; 16], deviation: [u8; 16], z: [u8; 16], moq: u32, multiple: u32,
        ) {
            let odd = DealerStock {
                on_hand: counts.0,
                lead_days: counts.1,
                mean_daily_sale: Decimal::deserialize(mean),
                sale_deviation: Decimal::deserialize(deviation),
                service_z: Decimal::deserialize(z),
                ..stock()
            };
            let _ = suggest(&odd, &product(PackRule { moq, multiple }), counts.2);
        }

        #[test]
        fn a_suggestion_can_always_be_ordered_and_covers_the_need(
            on_hand in 0..500_u32, mean in 0..500_i64, days in 0..60_u32, moq in 1..50_u32, multiple in 1..50_u32,
        ) {
            let product = product(PackRule { moq, multiple });
            let stock = DealerStock { on_hand, mean_daily_sale: Decimal::new(mean, 1), lead_days: days, ..stock() };
            let suggestion = suggest(&stock, &product, 0).expect("small figures");
            prop_assert!(suggestion.quantity.0 >= suggestion.need);
            if suggestion.need > 0 {
                prop_assert_eq!(quantity_problem(&product, suggestion.quantity), None);
            }
        }
    }
}
