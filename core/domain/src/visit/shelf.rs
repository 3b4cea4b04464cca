//! How much of the must-stock list stands on the shelf.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{checklist::AnswerValue, visit::sheet::Sheet};

/// The item whose answers say what stands on the shelf.
pub const ON_SHELF_ITEM: &str = "on_shelf";

/// The item whose answers are shelf prices.
pub const SHELF_PRICE_ITEM: &str = "shelf_price";

/// What was found of the must-stock list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ShelfCount {
    /// Products found.
    pub(crate) on_shelf: u32,
    /// Products looked for; those answered "not applicable" are left out.
    pub(crate) must_stock: u32,
    /// Codes of the products that were not found.
    pub(crate) missing: Vec<String>,
}

impl ShelfCount {
    pub(crate) fn of(sheet: &Sheet) -> Self {
        let mut count = Self { on_shelf: 0, must_stock: 0, missing: Vec::new() };
        for question in sheet.questions().into_iter().filter(|question| question.item.code == ON_SHELF_ITEM) {
            match question.answer.map(|answer| &answer.value) {
                Some(AnswerValue::NotApplicable) => continue,
                Some(AnswerValue::YesNo(true)) => count.on_shelf += 1,
                _ => count.missing.push(question.key.instance),
            }
            count.must_stock += 1;
        }
        count
    }

    pub(crate) fn hit_pct(&self) -> Option<Decimal> {
        hit_pct(self.on_shelf, self.must_stock)
    }
}

/// Share of the must-stock list found on the shelf, in percent with one decimal, half away from zero; `None` when
/// nothing was looked for.
pub fn hit_pct(on_shelf: u32, must_stock: u32) -> Option<Decimal> {
    let share = (Decimal::from(on_shelf) * Decimal::ONE_HUNDRED).checked_div(Decimal::from(must_stock))?;
    Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_of_five_is_eighty_percent() {
        assert_eq!(hit_pct(4, 5), Some(Decimal::from(80)));
        assert_eq!(hit_pct(2, 3), Some(Decimal::new(667, 1)));
        assert_eq!(hit_pct(0, 0), None);
    }
}
