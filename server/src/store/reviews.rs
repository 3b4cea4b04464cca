//! What reviewers share: claims, second looks, and who was shown which verdict.

use storewalk_domain::{
    ids::{PhotoId, UserId, VerdictId},
    photo::Photo,
    review::{Claim, Drawn},
    time::Timestamp,
};

use crate::store::StoreError;

/// Questions about reviews.
pub trait ReviewsRead {
    /// The last claim on a photo, lapsed or not.
    fn claim(&self, photo: PhotoId) -> Result<Option<Claim>, StoreError>;

    /// Every claim that binds, by person, then by photo.
    fn claims(&self, now: Timestamp) -> Result<Vec<Claim>, StoreError>;

    /// The photo of the same part of the outlet that the visit before this one left standing.
    fn photo_of_last_visit(&self, photo: &Photo) -> Result<Option<PhotoId>, StoreError>;

    /// A verdict that was drawn for a second look.
    fn drawn(&self, verdict: VerdictId) -> Result<Option<Drawn>, StoreError>;

    /// Verdicts that still want a second look and that a person may give it, the oldest first: not their own, and never
    /// shown to them.
    fn open_draws(&self, region: Option<&str>, by: UserId, limit: u32) -> Result<Vec<Drawn>, StoreError>;

    /// How many of those there are, counted up to `most`.
    fn open_draw_count(&self, region: Option<&str>, by: UserId, most: u32) -> Result<usize, StoreError>;

    /// Whether a verdict on this photo is among those that a person may give a second look.
    fn waits_for_look(&self, photo: PhotoId, by: UserId) -> Result<bool, StoreError>;

    /// Verdicts with a second look, the latest first.
    fn looked_at(&self, region: Option<&str>, limit: u32) -> Result<Vec<Drawn>, StoreError>;

    /// Whether a person was shown a verdict.
    fn has_seen(&self, verdict: VerdictId, user: UserId) -> Result<bool, StoreError>;
}

/// Changes to reviews.
pub trait ReviewsWrite {
    /// Claims a photo, in the place of any claim before.
    fn put_claim(&mut self, claim: &Claim) -> Result<(), StoreError>;

    /// Gives a photo free.
    fn remove_claim(&mut self, photo: PhotoId) -> Result<(), StoreError>;

    /// Lets every claim of a person that binds bind until then.
    fn renew_claims(&mut self, user: UserId, now: Timestamp, until: Timestamp) -> Result<(), StoreError>;

    /// Forgets claims that lapsed before then. Says how many.
    fn forget_claims(&mut self, before: Timestamp) -> Result<usize, StoreError>;

    /// Notes a draw, or what the second reviewer said of it.
    fn put_drawn(&mut self, drawn: &Drawn) -> Result<(), StoreError>;

    /// Ends the draws of a photo that nobody has looked at.
    fn end_draws(&mut self, photo: PhotoId) -> Result<(), StoreError>;

    /// Notes that a person was shown a verdict; the first time counts.
    fn note_sight(&mut self, verdict: VerdictId, user: UserId, at: Timestamp) -> Result<(), StoreError>;
}
