//! Which of the photos that wait a queue holds.

use crate::{
    ids::{PhotoId, derived},
    photo::Photo,
};

/// The rule of a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum QueueRule {
    /// Every photo that waits.
    #[default]
    All,
    /// A share of them, the same for everybody who names the same seed.
    Sample {
        /// Percent, 0 to 100.
        percent: u8,
        /// Names the draw; another seed draws others.
        seed: u64,
    },
    /// Those with signals that count, the heaviest first.
    Risk {
        /// The least weight of all of them together.
        least: u32,
    },
}

impl QueueRule {
    /// Whether the queue holds a photo.
    pub fn holds(self, photo: &Photo) -> bool {
        match self {
            Self::Risk { least } => super::risk(photo) >= least.max(1),
            Self::All | Self::Sample { .. } => self.holds_id(photo.id),
        }
    }

    /// Whether the queue may hold a photo of which nothing but the id is known: for every rule but the risk that is the
    /// last word.
    pub fn holds_id(self, photo: PhotoId) -> bool {
        match self {
            Self::All | Self::Risk { .. } => true,
            Self::Sample { percent, seed } => is_sampled(photo, percent, seed),
        }
    }
}

/// Whether a draw of `percent` of all photos holds this one.
///
/// The first eight bytes of the id derived from the photo and the seed (UUIDv5, RFC 9562 section 5.5, so SHA-1 of both)
/// are read as a number and taken modulo 10,000: below `percent` × 100 is drawn. A larger share of the same seed holds
/// every photo of the smaller one.
pub fn is_sampled(photo: PhotoId, percent: u8, seed: u64) -> bool {
    let mark = derived(photo.0, &format!("sample:{seed}"));
    let (head, _) = mark.as_u64_pair();
    head % 10_000 < u64::from(percent.min(100)) * 100
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        photo::{PhotoStatus, Signal, SignalKind},
        time::Timestamp,
        visit::fixture::World,
    };

    fn photo(number: u128) -> PhotoId {
        PhotoId(Uuid::from_u128(number))
    }

    #[test]
    fn a_tenth_of_ten_thousand_photos_is_drawn_and_another_seed_draws_others() {
        let drawn = |seed| (0..10_000).filter(|n| is_sampled(photo(*n), 10, seed)).collect::<Vec<_>>();
        let (first, second) = (drawn(1), drawn(2));
        // Five standard deviations of a binomial count: sqrt(10,000 × 0.1 × 0.9) × 5 = 150.
        for count in [first.len(), second.len()] {
            assert!((850..=1150).contains(&count), "{count}");
        }
        let both = first.iter().filter(|n| second.contains(n)).count();
        assert!(both < 200, "{both} of both draws");
    }

    #[test]
    fn risk_holds_what_weighs_enough_and_never_what_has_no_signal() {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        let with = |kinds: &[SignalKind]| {
            let signal = |kind: &SignalKind| Signal {
                kind: *kind,
                params: std::collections::BTreeMap::new(),
                seen_at: Timestamp(1),
                answer: None,
            };
            let signals = Some(kinds.iter().map(signal).collect());
            Photo { signals, status: PhotoStatus::Received, ..world.photo(photos[1]) }
        };
        let rule = QueueRule::Risk { least: 5 };
        assert!(rule.holds(&with(&[SignalKind::Clock, SignalKind::Gallery])));
        assert!(!rule.holds(&with(&[SignalKind::Clock])));
        assert!(!QueueRule::Risk { least: 0 }.holds(&with(&[])));
    }

    proptest! {
        #[test]
        fn nothing_or_all_is_drawn_at_the_ends_and_a_larger_share_keeps_the_smaller(n: u128, seed: u64, percent in 0_u8..100) {
            let photo = photo(n);
            prop_assert!(!is_sampled(photo, 0, seed) && is_sampled(photo, 100, seed));
            prop_assert!(!is_sampled(photo, percent, seed) || is_sampled(photo, percent + 1, seed));
        }
    }
}
