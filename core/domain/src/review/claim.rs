//! A claim: for a while one reviewer has a photo to themselves, so that two do not judge the same.
//!
//! States: free → claimed → free again, by a verdict, by giving it back, or by the lease running out. A claim that has run
//! out is none; nobody has to clear it away.

use crate::{
    ids::{PhotoId, UserId},
    photo::{Photo, PhotoStatus},
    problem::{Problem, ProblemCode},
    time::Timestamp,
};

/// A reviewer's claim on a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The photo.
    pub photo_id: PhotoId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it was claimed first.
    pub claimed_at: Timestamp,
    /// When it runs out unless it is renewed; not included.
    pub until: Timestamp,
}

impl Claim {
    /// Whether it still binds.
    pub fn binds(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// Claims a photo, or renews the reviewer's own claim on it. `standing` is the last claim on the photo, lapsed or not;
/// `lease_ms` is how long a claim binds.
///
/// # Errors
/// When somebody else's claim binds (`photo_claimed`, with whose it is for the caller to name and until when), or there is
/// nothing to judge: the photo is still on the phone, decided or replaced.
pub fn decide_claim(
    standing: Option<&Claim>,
    photo: &Photo,
    by: UserId,
    now: Timestamp,
    lease_ms: i64,
) -> Result<Claim, Problem> {
    match photo.status {
        PhotoStatus::Pending => return Err(Problem::new(ProblemCode::PhotoNotReceived)),
        PhotoStatus::Received if photo.replaced_by.is_none() => {}
        PhotoStatus::Received | PhotoStatus::Approved | PhotoStatus::Rejected => {
            return Err(Problem::new(ProblemCode::PhotoAlreadyDecided));
        }
    }
    require_unclaimed(standing, by, now)?;
    let own = standing.filter(|claim| claim.user_id == by && claim.binds(now));
    let claimed_at = own.map_or(now, |claim| claim.claimed_at);
    Ok(Claim { photo_id: photo.id, user_id: by, claimed_at, until: now.plus_ms(lease_ms) })
}

/// Lets a reviewer judge a photo unless somebody else's claim on it binds.
///
/// # Errors
/// `photo_claimed`, with the instant until which the claim binds as the figure `until_ms`.
pub fn require_unclaimed(standing: Option<&Claim>, by: UserId, now: Timestamp) -> Result<(), Problem> {
    match standing.filter(|claim| claim.user_id != by && claim.binds(now)) {
        None => Ok(()),
        Some(claim) => {
            let minutes = claim.until.since_ms(now).div_euclid(60_000).saturating_add(1);
            Err(Problem::new(ProblemCode::PhotoClaimed).at("photo_id").with("minutes", minutes))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::visit::fixture::World;

    const LEASE: i64 = 15 * 60_000;

    fn waiting() -> Photo {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        let photo = world.photo(photos[1]);
        Photo { status: PhotoStatus::Received, verdict_id: None, ..photo }
    }

    #[test]
    fn two_reviewers_do_not_get_the_same_photo_until_the_lease_has_run_out() {
        let (photo, now) = (waiting(), Timestamp(1_000_000));
        let first = decide_claim(None, &photo, World::ZHAO_MIN, now, LEASE).expect("free");
        let late = now.plus_ms(LEASE - 1);
        let refused = decide_claim(Some(&first), &photo, World::FAR_AWAY, late, LEASE).expect_err("claimed");
        assert_eq!((refused.code, refused.params["minutes"].as_str()), (ProblemCode::PhotoClaimed, "1"));
        let lapsed = now.plus_ms(LEASE);
        let second = decide_claim(Some(&first), &photo, World::FAR_AWAY, lapsed, LEASE).expect("lapsed");
        assert_eq!((second.user_id, second.claimed_at), (World::FAR_AWAY, lapsed));
        assert!(require_unclaimed(Some(&second), World::ZHAO_MIN, lapsed).is_err(), "it is the other's now");
    }

    #[test]
    fn ones_own_claim_is_renewed_and_remembers_its_beginning() {
        let (photo, now) = (waiting(), Timestamp(5));
        let first = decide_claim(None, &photo, World::ZHAO_MIN, now, LEASE).expect("free");
        let again = decide_claim(Some(&first), &photo, World::ZHAO_MIN, Timestamp(9), LEASE).expect("own");
        assert_eq!((again.claimed_at, again.until), (now, Timestamp(9 + LEASE)));
    }

    #[test]
    fn what_cannot_be_judged_cannot_be_claimed() {
        let photo = waiting();
        let claim =
            |photo: Photo| decide_claim(None, &photo, World::ZHAO_MIN, Timestamp(1), LEASE).expect_err("refused").code;
        assert_eq!(claim(Photo { status: PhotoStatus::Pending, ..photo.clone() }), ProblemCode::PhotoNotReceived);
        for status in [PhotoStatus::Approved, PhotoStatus::Rejected] {
            assert_eq!(claim(Photo { status, ..photo.clone() }), ProblemCode::PhotoAlreadyDecided);
        }
        assert_eq!(claim(Photo { replaced_by: Some(photo.id), ..photo }), ProblemCode::PhotoAlreadyDecided);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn at_any_instant_a_photo_binds_at_most_one_reviewer(at in 0_i64..10_000, wait in 0_i64..10_000, lease in 1_i64..5_000) {
            let photo = waiting();
            let first = decide_claim(None, &photo, World::ZHAO_MIN, Timestamp(at), lease).expect("free");
            let then = Timestamp(at + wait);
            let second = decide_claim(Some(&first), &photo, World::FAR_AWAY, then, lease);
            prop_assert_eq!(second.is_ok(), wait >= lease);
            prop_assert_eq!(first.binds(then), second.is_err());
        }
    }
}
