//! The reasons for which a photo may be rejected, as every page offers them.

use storewalk_domain::handbook::{HandbookEntry, HandbookList};

use crate::console::{frame::Frame, lookup::Names};

/// A reason.
pub(crate) struct ReasonView {
    /// Handbook code.
    pub(crate) code: String,
    /// What it is called.
    pub(crate) name: String,
    /// What it means.
    pub(crate) detail: String,
    /// The key that chooses it.
    pub(crate) digit: Option<usize>,
}

/// Every reason, in the handbook's order; the first nine have keys.
pub(crate) fn reasons(names: &Names<'_>, f: &Frame) -> Vec<ReasonView> {
    let view = |(number, entry): (usize, &HandbookEntry)| ReasonView {
        code: entry.code.clone(),
        name: f.say(&entry.text).to_owned(),
        detail: f.say(&entry.detail).to_owned(),
        digit: Some(number).filter(|number| *number <= 9),
    };
    (1..).zip(names.entries(HandbookList::RejectReason)).map(view).collect()
}
