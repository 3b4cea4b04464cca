//! Reckons a priced order again from its own trace, as a dealer with a pocket calculator would.

use super::{FreeGoods, PricedLine, PricedOrder, Rebate, TraceStep};
use crate::money::{self, Money};

/// The figure of a breakdown that does not follow from its trace.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TraceFault {
    /// A line, by position from 0.
    #[error("reckon line {0} again")]
    Line(usize),
    /// Goods without charge, by position from 0.
    #[error("reckon the free goods {0} again")]
    FreeGoods(usize),
    /// The sum of the lines.
    #[error("reckon the goods value again")]
    Goods,
    /// The rebate.
    #[error("reckon the rebate again")]
    Rebate,
    /// What is to be paid.
    #[error("reckon the payable amount again")]
    Payable,
}

/// Checks that every figure of a breakdown follows from the trace beside it.
///
/// It needs no catalogue: whether the prices and promotions in the trace are the right ones is what pricing anew
/// shows, not this.
///
/// # Errors
/// The first figure that does not agree.
pub fn replay(order: &PricedOrder) -> Result<(), TraceFault> {
    for (position, line) in order.lines.iter().enumerate() {
        line_agrees(order, line).ok_or(TraceFault::Line(position))?;
    }
    for (position, gift) in order.free_goods.iter().enumerate() {
        gift_agrees(order, gift).ok_or(TraceFault::FreeGoods(position))?;
    }
    let goods = Money::sum(order.currency, order.lines.iter().map(|line| line.amount));
    agree(goods.ok() == Some(order.goods)).ok_or(TraceFault::Goods)?;
    let off = match &order.rebate {
        Some(rebate) => rebate_agrees(order, rebate).ok_or(TraceFault::Rebate)?,
        None => Money::zero(order.currency),
    };
    agree(order.goods.minus(off) == Ok(order.payable)).ok_or(TraceFault::Payable)
}

fn agree(is_so: bool) -> Option<()> {
    is_so.then_some(())
}

fn line_agrees(order: &PricedOrder, line: &PricedLine) -> Option<()> {
    let [TraceStep::ListPrice { unit_price, .. }, TraceStep::Extended { quantity, exact, rounded }] =
        line.trace.as_slice()
    else {
        return None;
    };
    agree(*unit_price == line.unit_price && *quantity == line.quantity)?;
    agree(unit_price.checked_mul(quantity.0.into())? == *exact)?;
    agree(money::round(*exact, order.currency).ok()? == *rounded)?;
    agree(*rounded == line.amount)
}

fn gift_agrees(order: &PricedOrder, gift: &FreeGoods) -> Option<()> {
    let [TraceStep::GiftEarned { bought, quantity, per, times, each }] = gift.trace.as_slice() else {
        return None;
    };
    let lines = order.lines.iter().filter(|line| line.product_code == *bought);
    let in_lines = lines.map(|line| line.quantity.0).try_fold(0_u32, u32::checked_add)?;
    agree(in_lines == quantity.0)?;
    agree(quantity.0.checked_div(*per)? == *times)?;
    agree(times.checked_mul(*each)? == gift.quantity.0)
}

fn rebate_agrees(order: &PricedOrder, rebate: &Rebate) -> Option<Money> {
    let [TraceStep::LadderReached { from, goods, rate, exact, rounded }] = rebate.trace.as_slice() else {
        return None;
    };
    agree(*goods == order.goods && from.currency == goods.currency && from.minor <= goods.minor)?;
    agree(*rate == rebate.rate && goods.major().checked_mul(*rate)? == *exact)?;
    agree(money::round(*exact, order.currency).ok()? == *rounded)?;
    agree(*rounded == rebate.amount)?;
    Some(rebate.amount)
}
