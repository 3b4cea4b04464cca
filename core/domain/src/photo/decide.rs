//! Deciders.
use crate::sync::*;

/// Stub.
pub fn decide_attach(_: &dyn State, _: &AttachPhoto, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_review(_: &dyn State, _: &ReviewPhoto, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}
