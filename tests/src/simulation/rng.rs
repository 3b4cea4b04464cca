//! The simulator's only source of chance: a seed decides everything, on every machine.

/// A stream of random numbers (`SplitMix64`): small, fixed for ever, good enough to choose what happens next.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own, so that drawing from one part of the run never shifts another.
    #[must_use]
    pub fn fork(&self, label: u64) -> Self {
        let mut branch = Self(self.0 ^ label.wrapping_mul(0xA24B_AED4_963E_E407));
        branch.next();
        Self(branch.next())
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    /// A number below `limit`; 0 when there is none.
    pub fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).unsigned_abs().saturating_add(1);
        low.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// True in `pct` of a hundred cases.
    pub fn chance(&mut self, pct: u64) -> bool {
        self.below(100) < pct
    }

    /// True in `permille` of a thousand cases.
    pub fn rarely(&mut self, permille: u64) -> bool {
        self.below(1_000) < permille
    }

    /// An index below `length`; the caller has made sure that there is one.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// One of the items, if there is any.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.index(items.len())) }
    }

    /// One of the choices, by weight.
    pub fn weighted<T: Copy>(&mut self, choices: &[(u64, T)]) -> Option<T> {
        let total = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        choices
            .iter()
            .find(|(weight, _)| {
                let is_it = left < *weight;
                left = left.saturating_sub(*weight);
                is_it
            })
            .map(|(_, choice)| *choice)
    }

    /// A fraction in [0, 1) with all 53 bits of it random: what a sensor would report.
    pub fn fraction(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let bits = (self.next() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }

    /// 16 random bytes.
    pub fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_for_ever() {
        let mut rng = Rng::new(42);
        assert_eq!([rng.next(), rng.next()], [13_679_457_532_755_275_413, 2_949_826_092_126_892_291]);
    }

    #[test]
    fn branches_differ_from_each_other_and_leave_the_trunk_alone() {
        let trunk = Rng::new(7);
        let (mut one, mut two) = (trunk.fork(1), trunk.fork(2));
        assert_ne!(one.next(), two.next());
        assert_eq!(trunk.clone().next(), Rng::new(7).next());
    }

    #[test]
    fn weights_are_kept_to() {
        let mut rng = Rng::new(1);
        let drawn: Vec<_> = (0..1_000).filter_map(|_| rng.weighted(&[(9, 'a'), (0, 'b'), (1, 'c')])).collect();
        let count = |which| drawn.iter().filter(|drawn| **drawn == which).count();
        assert!(count('a') > 850 && count('b') == 0 && count('c') > 50);
    }

    #[test]
    fn bounds_are_included_and_never_left() {
        let mut rng = Rng::new(3);
        let drawn: std::collections::BTreeSet<_> = (0..500).map(|_| rng.between(-2, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert!((0..500).map(|_| rng.fraction()).all(|fraction| (0.0..1.0).contains(&fraction)));
    }
}
