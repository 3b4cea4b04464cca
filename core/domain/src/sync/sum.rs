//! Sums a decision may ask for where it needs the figure and not the rows behind it.

use crate::{
    ids::DealerId,
    money::{Currency, Money},
    order::OrderStatus,
    sync::Row,
};

/// Amounts that are added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sum {
    /// What the accepted orders of a dealer cost.
    AcceptedOrdersOf(DealerId),
    /// The payments of a dealer.
    PaymentsOf(DealerId),
}

/// What some amounts of one currency come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Total {
    /// Their currency.
    pub currency: Currency,
    /// Their sum in minor units: exact, even where no [`Money`] could hold it.
    pub minor: i128,
    /// How many there are; never 0.
    pub count: u64,
}

/// Totals by currency, in the order of [`Currency`]; a currency without amounts has none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals(Vec<Total>);

impl Totals {
    /// Of amounts.
    pub fn of(amounts: impl IntoIterator<Item = Money>) -> Self {
        let mut totals = Self::default();
        for amount in amounts {
            totals.add(amount);
        }
        totals
    }

    /// Of totals in any order, at most one for each currency; those that count nothing are left out.
    pub fn of_currencies(totals: impl IntoIterator<Item = Total>) -> Self {
        let mut totals: Vec<Total> = totals.into_iter().filter(|total| total.count > 0).collect();
        totals.sort_by_key(|total| total.currency);
        Self(totals)
    }

    /// Each currency's total.
    pub fn by_currency(&self) -> impl Iterator<Item = Total> {
        self.0.iter().copied()
    }

    /// Counts one more amount.
    pub fn add(&mut self, amount: Money) {
        match self.0.binary_search_by_key(&amount.currency, |total| total.currency) {
            Ok(place) => {
                self.0[place].minor += i128::from(amount.minor);
                self.0[place].count += 1;
            }
            Err(place) => {
                let total = Total { currency: amount.currency, minor: i128::from(amount.minor), count: 1 };
                self.0.insert(place, total);
            }
        }
    }

    /// Counts an amount no longer that was counted.
    pub fn take(&mut self, amount: Money) {
        let Ok(place) = self.0.binary_search_by_key(&amount.currency, |total| total.currency) else { return };
        self.0[place].minor -= i128::from(amount.minor);
        self.0[place].count -= 1;
        if self.0[place].count == 0 {
            self.0.remove(place);
        }
    }
}

/// The amount a row adds to a sum; `None` when it is not of it. The SQL of the hosts must say the same.
pub(super) fn counted(of: Sum, row: &Row) -> Option<Money> {
    match (of, row) {
        (Sum::AcceptedOrdersOf(dealer), Row::Order(order)) => {
            (order.dealer_id == dealer && order.status == OrderStatus::Accepted).then_some(order.priced.payable)
        }
        (Sum::PaymentsOf(dealer), Row::Payment(payment)) => (payment.dealer_id == dealer).then_some(payment.amount),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amounts() -> impl Strategy<Value = Vec<Money>> {
        let amount = (any::<i64>(), prop::sample::select(Currency::ALL.to_vec()));
        prop::collection::vec(amount.prop_map(|(minor, currency)| Money::new(minor, currency)), 0..20)
    }

    proptest! {
        #[test]
        fn what_was_added_and_taken_again_leaves_no_trace(kept in amounts(), passing in amounts()) {
            let expected = Totals::of(kept.clone());
            let mut totals = Totals::of(kept);
            for amount in &passing {
                totals.add(*amount);
            }
            for amount in &passing {
                totals.take(*amount);
            }
            prop_assert_eq!(totals, expected);
        }
    }

    #[test]
    fn a_sum_beyond_any_amount_stays_exact() {
        let totals = Totals::of([i64::MAX, i64::MAX, 1].map(|minor| Money::new(minor, Currency::Cny)));
        let total = totals.by_currency().next().expect("one currency");
        assert_eq!((total.minor, total.count), (2 * i128::from(i64::MAX) + 1, 3));
    }
}
