//! Deciders.
use crate::sync::*;

/// Stub.
pub fn decide_raise(_: &dyn State, _: &RaiseTask, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_close(_: &dyn State, _: &CloseTask, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}
