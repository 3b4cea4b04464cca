//! The blind second look: somebody else judges a sample of the judged photos without knowing the verdict, so that it shows
//! how far reviewers agree. It changes nothing about the photo.
//!
//! States of a draw: open → looked at. A verdict that is withdrawn before anybody looked ends its draw.

use crate::{
    handbook::HandbookList,
    ids::{PhotoId, UserId, VerdictId},
    photo::{Verdict, VerdictDecision},
    problem::{Problem, ProblemCode},
    review::is_sampled,
    sync::{State, StateError, Stop, require_code},
    task::MAX_NOTE_CHARS,
    text::check_text,
    time::Timestamp,
};

/// A verdict that is to be judged a second time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// The verdict.
    pub verdict_id: VerdictId,
    /// Its photo.
    pub photo_id: PhotoId,
    /// Who gave it.
    pub first_by: UserId,
    /// What it says.
    pub first: VerdictDecision,
    /// When it was drawn.
    pub drawn_at: Timestamp,
    /// What the second reviewer said; `None` while nobody has looked.
    pub second: Option<SecondLook>,
}

/// What a second reviewer said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecondLook {
    /// Who.
    pub by: UserId,
    /// Approved or rejected.
    pub decision: VerdictDecision,
    /// Why, by handbook code; always there for a rejection.
    pub reason: Option<String>,
    /// A word; may be empty.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// The draw of a verdict, if the sample of `percent` with `seed` holds its photo. A withdrawal is never drawn.
pub fn other_eyes(verdict: &Verdict, percent: u8, seed: u64, now: Timestamp) -> Option<Drawn> {
    let is_judgement = verdict.decision != VerdictDecision::Withdrawn;
    (is_judgement && is_sampled(verdict.photo_id, percent, seed)).then_some(Drawn {
        verdict_id: verdict.id,
        photo_id: verdict.photo_id,
        first_by: verdict.reviewer_id,
        first: verdict.decision,
        drawn_at: now,
        second: None,
    })
}

/// Whether somebody may be the second reviewer of a draw: they did not give the verdict, have not been shown it
/// (`has_seen`), and nobody has looked yet.
pub fn may_look(drawn: &Drawn, by: UserId, has_seen: bool) -> bool {
    drawn.second.is_none() && drawn.first_by != by && !has_seen
}

/// Takes in a second look.
///
/// # Errors
/// The outer one when the state cannot be read. The inner one, never empty, when the person may not look (`second_look_not_blind`),
/// somebody has looked before, a rejection has no reason of the handbook, or the note cannot be kept.
pub fn decide_second_look(
    state: &dyn State,
    drawn: &Drawn,
    look: SecondLook,
    has_seen: bool,
) -> Result<Result<Drawn, Vec<Problem>>, StateError> {
    match checked(state, drawn, &look, has_seen) {
        Ok(()) => Ok(Ok(Drawn { second: Some(look), ..drawn.clone() })),
        Err(Stop::Refused(problems)) => Ok(Err(problems)),
        Err(Stop::State(error)) => Err(error),
    }
}

fn checked(state: &dyn State, drawn: &Drawn, look: &SecondLook, has_seen: bool) -> Result<(), Stop> {
    if drawn.second.is_some() {
        return Err(ProblemCode::PhotoAlreadyDecided.into());
    }
    if !may_look(drawn, look.by, has_seen) {
        return Err(ProblemCode::SecondLookNotBlind.into());
    }
    if !look.note.is_empty() {
        check_text(&look.note, MAX_NOTE_CHARS).map_err(|problem| problem.at("note"))?;
    }
    match (look.decision, &look.reason) {
        (VerdictDecision::Withdrawn, _) => Err(Problem::new(ProblemCode::NotFound).at("decision").into()),
        (VerdictDecision::Rejected, None) => Err(Problem::new(ProblemCode::VerdictReasonMissing).at("reason").into()),
        (_, Some(reason)) => require_code(state, HandbookList::RejectReason, reason, "reason"),
        (VerdictDecision::Approved, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{photo::PhotoStatus, visit::fixture::World};

    fn judged() -> (World, Drawn) {
        let mut world = World::new();
        let visit = world.start("S0101", None).id;
        let photos = world.finish_s0101(visit);
        world.review(photos[1], VerdictDecision::Approved);
        assert_eq!(world.photo(photos[1]).status, PhotoStatus::Approved);
        let verdict = world.state.all::<Verdict>().remove(0);
        let drawn = other_eyes(&verdict, 100, 1, world.now).expect("all are drawn");
        (world, drawn)
    }

    fn look(by: UserId, decision: VerdictDecision) -> SecondLook {
        SecondLook { by, decision, reason: None, note: String::new(), at: Timestamp(9) }
    }

    fn refusal(world: &World, drawn: &Drawn, look: SecondLook, has_seen: bool) -> ProblemCode {
        decide_second_look(&world.state, drawn, look, has_seen).expect("read").expect_err("refused")[0].code
    }

    #[test]
    fn somebody_else_who_has_not_seen_the_verdict_looks_once() {
        let (world, drawn) = judged();
        let taken = decide_second_look(&world.state, &drawn, look(World::FAR_AWAY, VerdictDecision::Approved), false);
        let taken = taken.expect("read").expect("taken");
        assert_eq!(taken.second.as_ref().map(|look| look.by), Some(World::FAR_AWAY));
        let again = look(World::LI_WEN, VerdictDecision::Approved);
        assert_eq!(refusal(&world, &taken, again, false), ProblemCode::PhotoAlreadyDecided);
    }

    #[test]
    fn whoever_judged_it_or_was_shown_the_verdict_is_not_blind() {
        let (world, drawn) = judged();
        let own = look(World::ZHAO_MIN, VerdictDecision::Approved);
        assert_eq!(refusal(&world, &drawn, own, false), ProblemCode::SecondLookNotBlind);
        let shown = look(World::FAR_AWAY, VerdictDecision::Approved);
        assert_eq!(refusal(&world, &drawn, shown, true), ProblemCode::SecondLookNotBlind);
        assert!(!may_look(&drawn, World::ZHAO_MIN, false) && may_look(&drawn, World::FAR_AWAY, false));
    }

    #[test]
    fn a_second_rejection_needs_a_reason_too() {
        let (world, drawn) = judged();
        let bare = look(World::FAR_AWAY, VerdictDecision::Rejected);
        assert_eq!(refusal(&world, &drawn, bare.clone(), false), ProblemCode::VerdictReasonMissing);
        let odd = SecondLook { reason: Some("ugly".into()), ..bare.clone() };
        assert_eq!(refusal(&world, &drawn, odd, false), ProblemCode::HandbookCodeUnknown);
        let full = SecondLook { reason: Some("empty_slot".into()), ..bare };
        assert!(decide_second_look(&world.state, &drawn, full, false).expect("read").is_ok());
    }

    #[test]
    fn a_withdrawal_is_not_drawn_nor_is_a_photo_outside_the_sample() {
        let (world, _) = judged();
        let verdict = world.state.all::<Verdict>().remove(0);
        assert_eq!(other_eyes(&verdict, 0, 1, world.now), None);
        let withdrawn = Verdict { decision: VerdictDecision::Withdrawn, ..verdict };
        assert_eq!(other_eyes(&withdrawn, 100, 1, world.now), None);
    }
}
