//! What promotions give to an order: goods without charge, and a rebate on the goods value.

use rust_decimal::Decimal;

use super::{FreeGoods, PriceBook, PricedLine, Rebate, TraceStep};
use crate::{
    catalog::{LadderStep, Promotion, PromotionRule},
    ids::ProductId,
    money::{self, Money, MoneyError},
    quantity::Quantity,
    time::Timestamp,
};

/// The goods without charge that lines earn, in order of the promotions' codes.
///
/// Units of one product count together, whatever list their lines are priced on: splitting a quantity over two lists
/// neither wins nor loses a gift.
pub(super) fn free_goods(lines: &[PricedLine], book: &PriceBook, at: Timestamp) -> Result<Vec<FreeGoods>, MoneyError> {
    let mut earned = Vec::new();
    for promotion in book.promotions_at(at) {
        if let PromotionRule::FreeGoods { product_id, per, free_product_id, free_quantity } = &promotion.rule {
            let gift = Gift { per: *per, each: *free_quantity, product_id: *free_product_id };
            earned.extend(gift.earned_by(lines, *product_id, promotion, book)?);
        }
    }
    Ok(earned)
}

struct Gift {
    per: u32,
    each: u32,
    product_id: ProductId,
}

impl Gift {
    fn earned_by(
        &self,
        lines: &[PricedLine],
        bought: ProductId,
        promotion: &Promotion,
        book: &PriceBook,
    ) -> Result<Option<FreeGoods>, MoneyError> {
        let of_product = || lines.iter().filter(|line| line.product_id == bought);
        let Some(first) = of_product().next() else { return Ok(None) };
        let quantity = of_product().try_fold(0_u32, |sum, line| sum.checked_add(line.quantity.0));
        let quantity = quantity.ok_or(MoneyError::Overflow)?;
        let times = quantity.checked_div(self.per).unwrap_or(0);
        let given = times.checked_mul(self.each).ok_or(MoneyError::Overflow)?;
        if given == 0 {
            return Ok(None);
        }
        let step = TraceStep::GiftEarned {
            bought: first.product_code.clone(),
            quantity: Quantity(quantity),
            per: self.per,
            times,
            each: self.each,
        };
        Ok(Some(FreeGoods {
            product_id: self.product_id,
            product_code: code_of(self.product_id, book),
            quantity: Quantity(given),
            promotion: promotion.code.clone(),
            trace: vec![step],
        }))
    }
}

/// A gift is never dropped because its product left the catalogue; its id then stands for its code.
fn code_of(product: ProductId, book: &PriceBook) -> String {
    book.product(product).map_or_else(|| product.to_string(), |known| known.code.clone())
}

/// The rebate on a goods value: of all ladders valid at the instant, the reached step with the highest threshold, then
/// the highest rate, then the first promotion code. Steps in another currency or with a rate outside 0 to 1 are passed
/// over.
pub(super) fn rebate(goods: Money, book: &PriceBook, at: Timestamp) -> Result<Option<Rebate>, MoneyError> {
    let mut best: Option<(LadderStep, &Promotion)> = None;
    for promotion in book.promotions_at(at) {
        let PromotionRule::Ladder { steps } = &promotion.rule else { continue };
        for step in steps.iter().filter(|step| is_reached(step, goods)) {
            let is_better = best.is_none_or(|(top, _)| (step.from, step.rate) > (top.from, top.rate));
            if is_better {
                best = Some((*step, promotion));
            }
        }
    }
    best.map(|(step, promotion)| rebate_of(step, promotion, goods)).transpose()
}

fn is_reached(step: &LadderStep, goods: Money) -> bool {
    let is_share = (Decimal::ZERO..=Decimal::ONE).contains(&step.rate);
    is_share && step.from.currency == goods.currency && step.from.minor <= goods.minor
}

fn rebate_of(step: LadderStep, promotion: &Promotion, goods: Money) -> Result<Rebate, MoneyError> {
    let exact = goods.major().checked_mul(step.rate).ok_or(MoneyError::Overflow)?;
    let rounded = money::round(exact, goods.currency)?;
    let trace = TraceStep::LadderReached { from: step.from, goods, rate: step.rate, exact, rounded };
    Ok(Rebate { promotion: promotion.code.clone(), rate: step.rate, amount: rounded, trace: vec![trace] })
}
