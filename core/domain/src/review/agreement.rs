//! How far two reviewers agree, as a percentage and beyond chance.

use rust_decimal::Decimal;

use crate::photo::VerdictDecision;

/// Counts of pairs of verdicts about the same photo, given without knowing of each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Agreement {
    /// Both approved.
    pub both_approved: u32,
    /// Both rejected.
    pub both_rejected: u32,
    /// The first approved, the second rejected.
    pub only_first_approved: u32,
    /// The first rejected, the second approved.
    pub only_second_approved: u32,
}

impl Agreement {
    /// Counts pairs: the first verdict and the second. Pairs with a withdrawal are passed over.
    pub fn of(pairs: impl IntoIterator<Item = (VerdictDecision, VerdictDecision)>) -> Self {
        use VerdictDecision::{Approved, Rejected, Withdrawn};
        let mut counts = Self::default();
        for pair in pairs {
            let count = match pair {
                (Approved, Approved) => &mut counts.both_approved,
                (Rejected, Rejected) => &mut counts.both_rejected,
                (Approved, Rejected) => &mut counts.only_first_approved,
                (Rejected, Approved) => &mut counts.only_second_approved,
                (Withdrawn, _) | (_, Withdrawn) => continue,
            };
            *count = count.saturating_add(1);
        }
        counts
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> u64 {
        [self.both_approved, self.both_rejected, self.only_first_approved, self.only_second_approved]
            .into_iter()
            .map(u64::from)
            .sum()
    }

    /// The share of pairs that agree, 0 to 1; `None` without a pair.
    pub fn observed(&self) -> Option<Decimal> {
        let agreed = u64::from(self.both_approved) + u64::from(self.both_rejected);
        Decimal::from(agreed).checked_div(Decimal::from(self.pairs()))
    }

    /// Cohen's kappa, at most 1: (`p_o` − `p_e`) ÷ (1 − `p_e`), where `p_o` is the share that agrees and `p_e` the share that would
    /// agree by chance, from how often each of the two approves. `None` without a pair, or where chance alone agrees
    /// always, because both gave one and the same verdict every time.
    ///
    /// Source: J. Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20
    /// (1960), 37–46.
    pub fn kappa(&self) -> Option<Decimal> {
        let (n, observed) = (Decimal::from(self.pairs()), self.observed()?);
        let share = |count: u32, other: u32| Decimal::from(u64::from(count) + u64::from(other)).checked_div(n);
        let first = share(self.both_approved, self.only_first_approved)?;
        let second = share(self.both_approved, self.only_second_approved)?;
        let chance = first * second + (Decimal::ONE - first) * (Decimal::ONE - second);
        (observed - chance).checked_div(Decimal::ONE - chance)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(both_approved: u32, only_first: u32, only_second: u32, both_rejected: u32) -> Agreement {
        Agreement { both_approved, both_rejected, only_first_approved: only_first, only_second_approved: only_second }
    }

    #[test]
    fn fifty_pairs_worked_by_hand() {
        // p_o = 35/50 = 0.7; p_e = 0.5 × 0.6 + 0.5 × 0.4 = 0.5; kappa = 0.2 / 0.5.
        let table = counts(20, 5, 10, 15);
        assert_eq!(table.observed(), Some(Decimal::new(7, 1)));
        assert_eq!(table.kappa().map(|kappa| kappa.round_dp(6)), Some(Decimal::new(4, 1)));
    }

    #[test]
    fn without_pairs_or_without_any_difference_there_is_nothing_to_say_beyond_chance() {
        assert_eq!((counts(0, 0, 0, 0).observed(), counts(0, 0, 0, 0).kappa()), (None, None));
        let same = counts(9, 0, 0, 0);
        assert_eq!((same.observed(), same.kappa()), (Some(Decimal::ONE), None));
    }

    #[test]
    fn withdrawn_verdicts_are_no_pairs() {
        use VerdictDecision::{Approved, Rejected, Withdrawn};
        let pairs = [(Approved, Approved), (Approved, Withdrawn), (Rejected, Approved), (Withdrawn, Rejected)];
        assert_eq!(Agreement::of(pairs), counts(1, 0, 1, 0));
    }

    proptest! {
        #[test]
        fn it_is_between_minus_one_and_one_and_the_same_whoever_is_called_first(a in 0_u32..500, b in 0_u32..500, c in 0_u32..500, d in 0_u32..500) {
            let (one, other) = (counts(a, b, c, d), counts(a, c, b, d));
            prop_assert_eq!(one.kappa().map(|kappa| kappa.round_dp(9)), other.kappa().map(|kappa| kappa.round_dp(9)));
            if let Some(kappa) = one.kappa() {
                prop_assert!((-Decimal::ONE..=Decimal::ONE).contains(&kappa.round_dp(9)));
            }
        }
    }
}
