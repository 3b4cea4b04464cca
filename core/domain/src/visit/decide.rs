//! Deciders.
use crate::sync::*;

/// Stub.
pub fn decide_start(_: &dyn State, _: &StartVisit, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_choose_goals(_: &dyn State, _: &ChooseGoals, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_begin_step(_: &dyn State, _: &BeginStep, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_answer(_: &dyn State, _: &RecordAnswer, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_assess_goals(_: &dyn State, _: &AssessGoals, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_finish(_: &dyn State, _: &FinishVisit, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_skip(_: &dyn State, _: &SkipCall, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}
