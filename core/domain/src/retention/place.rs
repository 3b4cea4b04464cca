//! Where somebody was is known only while they visit: what tells a place and was captured before the check-in or after the
//! check-out is never kept.

use crate::{
    time::Timestamp,
    visit::{Visit, VisitStatus},
};

/// Whether a place captured at `captured_at` (best estimate) may be kept with a visit: only from the check-in to the
/// check-out, both included. A visit that is still open has no check-out to be after; a skipped one keeps no place.
pub fn may_keep_place(visit: &Visit, captured_at: Timestamp) -> bool {
    let check_in = visit.check_in.filter(|_| visit.status != VisitStatus::Skipped);
    let has_begun = check_in.is_some_and(|check_in| check_in.at <= captured_at);
    let has_ended = visit.check_out.is_some_and(|check_out| check_out.at < captured_at);
    has_begun && !has_ended
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        photo::{Photo, Seen, VerdictDecision},
        sync::AttachPhoto,
        time::HOUR_MS,
        visit::fixture::World,
    };

    fn visited() -> (World, Visit, Vec<crate::ids::PhotoId>) {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        let visit = world.visit(visit);
        (world, visit, photos)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_place_outside_the_visit_is_never_kept(minutes in -600_i64..600) {
            let (_, visit, _) = visited();
            let (from, until) = (visit.check_in.expect("in").at, visit.check_out.expect("out").at);
            let at = from.plus_ms(minutes * 60_000);
            prop_assert_eq!(may_keep_place(&visit, at), from <= at && at <= until);
        }
    }

    #[test]
    fn an_open_visit_keeps_places_and_a_skipped_one_none() {
        let (_, visit, _) = visited();
        let late = visit.check_out.expect("out").at.plus_ms(HOUR_MS);
        let open = Visit { check_out: None, status: VisitStatus::InProgress, ..visit.clone() };
        assert!(may_keep_place(&open, late) && !may_keep_place(&visit, late));
        let skipped = Visit { status: VisitStatus::Skipped, check_in: None, ..visit };
        assert!(!may_keep_place(&skipped, late));
    }

    #[test]
    fn a_retake_after_the_check_out_does_not_tell_where_it_was_taken() {
        let (mut world, visit, photos) = visited();
        world.review(photos[1], VerdictDecision::Rejected);
        world.now = visit.check_out.expect("out").at.plus_ms(HOUR_MS);
        let seen = Seen { camera_distance_m: Some(4_200), is_from_gallery: true, ..Seen::default() };
        let retake = world.attach_args(visit.id, "product_zone");
        let args = AttachPhoto { replaces: Some(photos[1]), seen: Some(seen), ..retake };
        let id = args.photo_id;
        world.run(args);
        let kept: Photo = world.photo(id);
        let seen = kept.seen.expect("kept");
        assert_eq!((seen.camera_distance_m, seen.is_from_gallery), (None, true));
    }
}
