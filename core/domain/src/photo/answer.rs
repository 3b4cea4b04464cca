//! `photo.answer`: whoever took a photo says something about one of its signals.
//!
//! The answer is kept beside the signal and ends its counting. It may be given anew. On the server an answer is kept even
//! when the signal is not known there: the phone saw something the server cannot see.

use std::collections::BTreeMap;

use crate::{
    outlet::Role,
    photo::{MOST_ANSWER_CHARS, Photo, Signal, SignalAnswer},
    problem::{Problem, ProblemCode},
    sync::{AnswerSignal, Change, Context, Decision, State, StateError, Stop, existing, require_role, settle},
};

/// Answers `photo.answer`.
///
/// # Errors
/// When the state cannot be read.
pub fn decide_answer_signal(state: &dyn State, args: &AnswerSignal, context: &Context) -> Result<Decision, StateError> {
    settle(answer(state, args, context))
}

fn answer(state: &dyn State, args: &AnswerSignal, context: &Context) -> Result<Vec<Change>, Stop> {
    require_role(context, &[Role::Rep])?;
    let mut photo: Photo = existing(state, args.photo_id.row(), "photo_id")?;
    if photo.rep_id != context.actor.user_id {
        return Err(ProblemCode::NotPermitted.into());
    }
    let text = args.text.trim();
    if text.is_empty() || text.chars().count() > MOST_ANSWER_CHARS {
        return Err(Problem::new(ProblemCode::TextInvalid).at("text").with("limit", MOST_ANSWER_CHARS).into());
    }
    if photo.signals().all(|signal| signal.kind != args.signal) {
        if context.is_being_captured() {
            return Err(Problem::new(ProblemCode::NotFound).at("signal").into());
        }
        let (kind, seen_at) = (args.signal, context.captured_at);
        photo.note(Signal { kind, params: BTreeMap::new(), seen_at, answer: None });
    }
    let answer = SignalAnswer { text: text.to_owned(), at: context.captured_at };
    for signal in photo.signals.iter_mut().flatten().filter(|signal| signal.kind == args.signal) {
        signal.answer = Some(answer.clone());
    }
    Ok(vec![Change::put(photo)])
}
