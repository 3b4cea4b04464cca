//! Deciders.
use crate::sync::*;

/// Stub.
pub fn decide_submit(_: &dyn State, _: &SubmitOrder, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_cancel(_: &dyn State, _: &CancelOrder, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_confirm(_: &dyn State, _: &ConfirmOrder, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}

/// Stub.
pub fn decide_payment(_: &dyn State, _: &RecordPayment, _: &Context) -> Result<Decision, StateError> {
    Ok(Decision::applied(Vec::new()))
}
