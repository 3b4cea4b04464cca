//! Credit: what a dealer owes, and whether one more order fits under the limit.
//!
//! Exposure is what the books say is unpaid, plus the orders accepted here, less the payments recorded here. Orders
//! that are held, wait for a confirmation or were called off do not count. Payments above all that is owed make the
//! exposure negative: the dealer may order against them.

use super::{Order, OrderStatus};
use crate::{
    dealer::{Dealer, Payment},
    ids::DealerId,
    money::{Money, MoneyError},
    problem::{Problem, ProblemCode},
    sync::{State, StateError, Sum, Totals},
};

/// What was ordered and what was paid since the books of a dealer, in sum.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ledger {
    /// What the accepted orders cost.
    pub ordered: Totals,
    /// What was paid.
    pub paid: Totals,
}

impl Ledger {
    /// The ledger of a dealer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(state: &dyn State, dealer: DealerId) -> Result<Self, StateError> {
        let ordered = state.sum(Sum::AcceptedOrdersOf(dealer))?;
        Ok(Self { ordered, paid: state.sum(Sum::PaymentsOf(dealer))? })
    }

    /// The ledger that those of these orders and payments amount to that are the dealer's.
    pub fn of(dealer: DealerId, orders: &[Order], payments: &[Payment]) -> Self {
        let counts = |order: &&Order| order.dealer_id == dealer && order.status == OrderStatus::Accepted;
        let accepted = orders.iter().filter(counts).map(|order| order.priced.payable);
        let received = payments.iter().filter(|payment| payment.dealer_id == dealer);
        Self { ordered: Totals::of(accepted), paid: Totals::of(received.map(|payment| payment.amount)) }
    }
}

/// What one more order would mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CreditVerdict {
    /// What is owed before the order.
    pub exposure: Money,
    /// What the order adds.
    pub payable: Money,
    /// What would be owed with it.
    pub exposure_with_order: Money,
    /// The dealer's limit.
    pub limit: Money,
    /// What the limit leaves before the order; negative when it is exceeded already.
    pub headroom: Money,
    /// How much the order goes over the limit; `None` when it fits.
    pub over_by: Option<Money>,
}

impl CreditVerdict {
    /// Whether the order fits.
    pub fn fits(&self) -> bool {
        self.over_by.is_none()
    }

    /// Why the order has to wait, with its figures; `None` when it fits.
    pub fn problem(&self) -> Option<Problem> {
        let over_by = self.over_by?;
        let problem = Problem::new(ProblemCode::CreditExceeded)
            .with("exposure", self.exposure)
            .with("payable", self.payable)
            .with("limit", self.limit)
            .with("over_by", over_by);
        Some(problem)
    }
}

/// What a dealer owes: unpaid invoices, plus accepted orders, less payments.
///
/// # Errors
/// When an amount is in another currency than the dealer's, or too large.
pub fn exposure(dealer: &Dealer, ledger: &Ledger) -> Result<Money, MoneyError> {
    let (currency, unpaid) = (dealer.credit_limit.currency, dealer.unpaid_invoices);
    let mut owed = i128::from(Money::zero(currency).plus(unpaid)?.minor);
    let ordered = ledger.ordered.by_currency().map(|total| (total, 1));
    let paid = ledger.paid.by_currency().map(|total| (total, -1));
    for (total, sign) in ordered.chain(paid) {
        if total.currency != currency {
            return Err(MoneyError::CurrencyMismatch { left: currency, right: total.currency });
        }
        owed += sign * total.minor;
    }
    i64::try_from(owed).map(|minor| Money { minor, currency }).map_err(|_| MoneyError::Overflow)
}

/// Says whether an order of `payable` fits under the dealer's limit. An order that meets the limit exactly fits.
///
/// # Errors
/// When an amount is in another currency than the dealer's, or too large.
pub fn credit_check(dealer: &Dealer, ledger: &Ledger, payable: Money) -> Result<CreditVerdict, MoneyError> {
    let limit = dealer.credit_limit;
    let exposure = exposure(dealer, ledger)?;
    let exposure_with_order = exposure.plus(payable)?;
    let over = exposure_with_order.minus(limit)?;
    Ok(CreditVerdict {
        exposure,
        payable,
        exposure_with_order,
        limit,
        headroom: limit.minus(exposure)?,
        over_by: (over.minor > 0).then_some(over),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        money::Currency,
        order::fixtures::{cny, dealer, order, payment},
        sync::{MemoryState, Row},
    };

    fn ledger(orders: &[Order], payments: &[Payment]) -> Ledger {
        let rows = orders.iter().cloned().map(Row::from);
        let state = MemoryState::of(rows.chain(payments.iter().cloned().map(Row::from)));
        let loaded = Ledger::load(&state, dealer().id).expect("in memory");
        assert_eq!(loaded, Ledger::of(dealer().id, orders, payments));
        loaded
    }

    const D3_PAYABLE: i64 = 3_141_880;

    fn check(payments: &[Payment]) -> CreditVerdict {
        credit_check(&dealer(), &ledger(&[], payments), cny(D3_PAYABLE)).expect("reckonable")
    }

    #[test]
    fn the_order_of_d3_is_13818_80_over_the_limit() {
        let verdict = check(&[]);
        assert_eq!(verdict.exposure, cny(18_240_000));
        assert_eq!(verdict.exposure_with_order, cny(21_381_880));
        assert_eq!(verdict.over_by, Some(cny(1_381_880)));
        let params = verdict.problem().expect("over").params;
        let shown = ["exposure", "payable", "limit", "over_by"].map(|name| params[name].as_str());
        assert_eq!(shown, ["182,400.00", "31,418.80", "200,000.00", "13,818.80"]);
    }

    #[test]
    fn after_a_payment_of_15000_it_fits() {
        let verdict = check(&[payment(1, 1_500_000)]);
        assert_eq!((verdict.exposure, verdict.exposure_with_order), (cny(16_740_000), cny(19_881_880)));
        assert!(verdict.fits());
        assert_eq!(verdict.problem(), None);
    }

    #[test]
    fn meeting_the_limit_exactly_fits_and_one_fen_more_does_not() {
        let exact = credit_check(&dealer(), &Ledger::default(), cny(1_760_000)).expect("reckonable");
        assert_eq!((exact.over_by, exact.headroom), (None, cny(1_760_000)));
        let more = credit_check(&dealer(), &Ledger::default(), cny(1_760_001)).expect("reckonable");
        assert_eq!(more.over_by, Some(cny(1)));
    }

    #[test]
    fn only_accepted_orders_count() {
        let orders: Vec<Order> =
            (1..).zip(OrderStatus::ALL).map(|(id, status)| Order { status, ..order(id, 1) }).collect();
        assert_eq!(exposure(&dealer(), &ledger(&orders, &[])), Ok(cny(18_240_001)));
    }

    #[test]
    fn another_currency_or_an_amount_too_large_is_an_error() {
        let dollars = Money::new(1, Currency::Usd);
        assert!(matches!(
            credit_check(&dealer(), &Ledger::default(), dollars),
            Err(MoneyError::CurrencyMismatch { .. })
        ));
        assert_eq!(credit_check(&dealer(), &Ledger::default(), cny(i64::MAX)), Err(MoneyError::Overflow));
    }
}
