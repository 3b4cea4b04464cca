//! When to try again: exponential, with jitter, never passive.
//!
//! **Invariants.** Every delay is above zero and at most [`LONGEST_MS`]. A server's wish to wait is honoured up to
//! that. Randomness comes from the injected source of ids, so that a simulated phone repeats itself.

use storewalk_domain::time::Timestamp;
use uuid::Uuid;

/// First delay after a failure.
const FIRST_MS: i64 = 2_000;

/// Longest delay of any kind.
pub(crate) const LONGEST_MS: i64 = 15 * 60_000;

/// How often a phone in step asks for news.
const POLL_MS: i64 = 10 * 60_000;

/// Milliseconds to wait after so many failures in a row: doubling from two seconds, between half and all of it.
pub(crate) fn delay_ms(failures: u32, asked_ms: Option<u64>, seed: Uuid) -> i64 {
    let doubled = FIRST_MS.saturating_mul(1_i64 << failures.saturating_sub(1).min(20)).min(LONGEST_MS);
    let own = jittered(doubled, 50, seed);
    let asked = asked_ms.map_or(0, |ms| i64::try_from(ms).unwrap_or(LONGEST_MS));
    // What the server asks is the least it wants; spread above it, so that all phones do not come back at once.
    let asked = asked.saturating_add(asked / 4 - jittered(asked / 4, 100, seed));
    own.max(asked).min(LONGEST_MS)
}

/// Milliseconds until the next look for news.
pub(crate) fn poll_ms(seed: Uuid) -> i64 {
    jittered(POLL_MS, 25, seed)
}

/// Milliseconds until an attempt that need not wait, spread so that phones that begin together do not meet.
pub(crate) fn soon_ms(seed: Uuid) -> i64 {
    jittered(FIRST_MS, 100, seed)
}

/// A planned instant, as long as it is within reach. One that lies further away than any delay was planned before the
/// clock was set back: it is due now. Moving it to the end of the reach instead would put it off at every look.
pub(crate) fn within_reach(planned: Timestamp, now: Timestamp) -> Timestamp {
    if planned.since_ms(now) > LONGEST_MS { now } else { planned }
}

/// `ms` less up to `pct` percent of it.
fn jittered(ms: i64, pct: i64, seed: Uuid) -> i64 {
    let span = ms.saturating_mul(pct) / 100;
    if span <= 0 {
        return ms;
    }
    ms - i64::try_from(mix(seed) % span.unsigned_abs()).unwrap_or(0)
}

/// Spreads whatever the id source gives, even a plain count, over 64 bits (the finaliser of `SplitMix64`).
fn mix(seed: Uuid) -> u64 {
    let (high, low) = seed.as_u64_pair();
    let mut x = high ^ low.rotate_left(32) ^ 0x9E37_79B9_7F4A_7C15;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_is_always_a_next_attempt_within_reach(
            failures in 0_u32..u32::MAX, asked in proptest::option::of(any::<u64>()), seed in any::<u128>(),
        ) {
            let delay = delay_ms(failures, asked, Uuid::from_u128(seed));
            prop_assert!(delay > 0 && delay <= LONGEST_MS, "{delay}");
            let poll = poll_ms(Uuid::from_u128(seed));
            prop_assert!(poll > 0 && poll <= LONGEST_MS, "{poll}");
        }

        #[test]
        fn a_servers_wish_to_wait_is_honoured(
            failures in 1_u32..30, asked in 0_u64..700_000, seed in any::<u128>(),
        ) {
            let delay = delay_ms(failures, Some(asked), Uuid::from_u128(seed));
            prop_assert!(delay >= i64::try_from(asked).expect("small"));
        }

        #[test]
        fn a_clock_set_back_by_years_does_not_put_the_next_attempt_off(
            planned in any::<i64>(), now in -1_000_000_000_000_i64..4_000_000_000_000,
        ) {
            let next = within_reach(Timestamp(planned), Timestamp(now));
            prop_assert!(next.since_ms(Timestamp(now)) <= LONGEST_MS);
        }
    }

    #[test]
    fn after_a_clock_was_set_back_the_attempt_falls_due_as_time_passes() {
        let planned = Timestamp(700_000_000_000);
        let set_back = Timestamp(1_000);
        assert!(within_reach(planned, set_back) <= set_back);
        let soon = Timestamp(1_000 + LONGEST_MS);
        assert_eq!(within_reach(soon, set_back), soon);
    }

    #[test]
    fn delays_grow_with_failures_and_spread_over_phones() {
        let at = |failures, n| delay_ms(failures, None, Uuid::from_u128(n));
        assert!((1..50).all(|n| at(1, n) <= 2_000 && at(4, n) > at(1, n)));
        let distinct: std::collections::BTreeSet<_> = (1..50).map(|n| at(6, n)).collect();
        assert!(distinct.len() > 40, "{}", distinct.len());
    }
}
