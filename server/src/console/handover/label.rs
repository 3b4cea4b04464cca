//! How work stands that was made after a handover, in words.

use storewalk_domain::{outlet::HandoverLabel, sync::StateError};

use crate::console::{frame::Frame, lookup::Names};

/// "before notice; counts for 李雯 R001 (R1: …)".
pub(crate) fn label_text(label: &HandoverLabel, names: &mut Names<'_>, f: &Frame) -> Result<String, StateError> {
    let who = names.person_with_code(label.credited_to)?;
    let (standing, rule) = (f.say(&label.standing.label()).to_owned(), f.say(&label.rule.label()).to_owned());
    Ok(f.words.fill("handover.label", &[("standing", &standing), ("who", &who), ("rule", &rule)]))
}
