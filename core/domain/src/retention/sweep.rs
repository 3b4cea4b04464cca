//! Whether the bytes of a photo are kept.

use crate::{
    photo::Photo,
    retention::{Hold, PhotoClass, RetentionPolicy},
    time::{DAY_MS, Timestamp},
};

/// What becomes of the bytes of a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sweep {
    /// They are kept until then, as things stand.
    Kept(Timestamp),
    /// A hold keeps them.
    Held,
    /// They are still on the phone.
    NotHere,
    /// They are deleted, under the rule of this class.
    Deleted(PhotoClass),
}

/// When the bytes of a photo are due for deletion; `None` while they are on the phone. Days are counted from when the
/// server had verified the bytes: a phone's clock decides nothing.
pub fn due_at(photo: &Photo, policy: &RetentionPolicy) -> Option<Timestamp> {
    let days = i64::from(policy.days_of(PhotoClass::of(photo)));
    photo.received_at.map(|received| received.plus_ms(days.saturating_mul(DAY_MS)))
}

/// Judges the bytes of a photo at an instant.
pub fn judge_bytes(photo: &Photo, hold: Option<&Hold>, policy: &RetentionPolicy, now: Timestamp) -> Sweep {
    let Some(due) = due_at(photo, policy) else { return Sweep::NotHere };
    if hold.is_some_and(|hold| hold.lifted.is_none()) {
        return Sweep::Held;
    }
    if now < due { Sweep::Kept(due) } else { Sweep::Deleted(PhotoClass::of(photo)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        photo::PhotoStatus,
        retention::{decide_hold, decide_lift},
        visit::fixture::World,
    };

    fn photo() -> Photo {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        Photo { received_at: Some(Timestamp(0)), status: PhotoStatus::Approved, ..world.photo(photos[1]) }
    }

    fn day(days: i64) -> Timestamp {
        Timestamp(days * DAY_MS)
    }

    #[test]
    fn a_photo_goes_on_the_day_its_class_says_and_not_a_moment_before() {
        let (photo, policy) = (photo(), RetentionPolicy::usual());
        assert_eq!(judge_bytes(&photo, None, &policy, Timestamp(day(365).0 - 1)), Sweep::Kept(day(365)));
        assert_eq!(judge_bytes(&photo, None, &policy, day(365)), Sweep::Deleted(PhotoClass::Visit));
        let rejected = Photo { status: PhotoStatus::Rejected, ..photo.clone() };
        assert_eq!(judge_bytes(&rejected, None, &policy, day(365)), Sweep::Kept(day(730)));
        let price = Photo { zone: "price_tag".into(), ..photo.clone() };
        assert_eq!(judge_bytes(&price, None, &policy, day(730)), Sweep::Deleted(PhotoClass::Price));
        let pending = Photo { received_at: None, ..photo };
        assert_eq!(judge_bytes(&pending, None, &policy, day(9_999)), Sweep::NotHere);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_under_a_hold_is_ever_deleted_and_a_lifted_one_holds_nothing(days in 0_i64..5_000) {
            let (photo, policy) = (photo(), RetentionPolicy::usual());
            let hold = decide_hold(None, photo.id, "x", (World::ZHAO_MIN, day(1))).expect("set");
            prop_assert_eq!(judge_bytes(&photo, Some(&hold), &policy, day(days)), Sweep::Held);
            let lifted = decide_lift(Some(&hold), "y", (World::ZHAO_MIN, day(2))).expect("lifted");
            let bare = judge_bytes(&photo, None, &policy, day(days));
            prop_assert_eq!(judge_bytes(&photo, Some(&lifted), &policy, day(days)), bare);
        }
    }
}
