//! What was out of the ordinary with a visit.

use storewalk_domain::{checklist as domain, visit};

use crate::Answer;

/// What the server noted when a visit arrived.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Remarks {
    /// It came on a checklist that had been replaced for longer than the organisation waits.
    pub late_form: Option<LateForm>,
    /// What was found missing at check-out, as `item`, `item[instance]` or a photo zone: the phone did not ask for it.
    pub gaps: Vec<String>,
}

/// A checklist that was out of date when the visit arrived.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct LateForm {
    /// The version the visit was made on.
    pub version: u32,
    /// The version that had taken its place.
    pub replaced_by: u32,
    /// Since when, in milliseconds since 1970 UTC.
    pub replaced_at_ms: i64,
}

/// An answer that another device gave before it knew that the visit was closed. It stands beside the visit and does not
/// count.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct LateAnswer {
    /// The question.
    pub item: String,
    /// The product's code of a repeated question, otherwise empty.
    pub instance: String,
    /// What was answered.
    pub answer: Answer,
    /// The reason behind a "no", by handbook code.
    pub reason: Option<String>,
    /// When, by the best estimate.
    pub answered_at_ms: i64,
}

impl From<visit::Remarks> for Remarks {
    fn from(remarks: visit::Remarks) -> Self {
        Self { late_form: remarks.late_form.map(LateForm::from), gaps: remarks.gaps }
    }
}

impl From<visit::LateForm> for LateForm {
    fn from(form: visit::LateForm) -> Self {
        Self { version: form.version, replaced_by: form.replaced_by, replaced_at_ms: form.replaced_at.0 }
    }
}

impl From<domain::Answer> for LateAnswer {
    fn from(answer: domain::Answer) -> Self {
        Self {
            item: answer.item,
            instance: answer.instance,
            answer: answer.value.into(),
            reason: answer.reason,
            answered_at_ms: answer.answered_at.0,
        }
    }
}
