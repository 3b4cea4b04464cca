//! What a visit still lacks before it may be closed.

use crate::{
    checklist::Question,
    handbook::{HandbookEntry, HandbookList},
    photo::Photo,
    problem::{Problem, ProblemCode},
};

/// One problem for each required question without an answer and each required photo zone without a photo, in the order
/// of the questions, then of the zones; empty when the visit is complete.
pub fn missing(questions: &[Question<'_>], photos: &[Photo], handbook: &[HandbookEntry]) -> Vec<Problem> {
    let answers = questions
        .iter()
        .filter(|question| question.is_gap())
        .map(|question| Problem::new(ProblemCode::AnswerMissing).at(question.key.to_string()));
    let shots = required_zones(handbook)
        .into_iter()
        .filter(|zone| !photos.iter().any(|photo| photo.zone == zone.code))
        .map(|zone| Problem::new(ProblemCode::PhotoMissing).at(&zone.code));
    answers.chain(shots).collect()
}

/// The photo zones every visit must show, in shot order.
pub fn required_zones(handbook: &[HandbookEntry]) -> Vec<&HandbookEntry> {
    let is_required = |entry: &&HandbookEntry| entry.list == HandbookList::PhotoZone && entry.is_required;
    let mut zones: Vec<_> = handbook.iter().filter(is_required).collect();
    zones.sort_by_key(|zone| zone.position);
    zones
}
