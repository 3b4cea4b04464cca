//! What stands in the way, in words.

use storewalk_client::ProblemView;
use storewalk_domain::{problem, text::Localized};

/// One thing that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Problem {
    /// Stable code.
    pub code: String,
    /// Where: the field, item or line; empty when it is the whole.
    pub at: String,
    /// What happened.
    pub what: Localized,
    /// What to do next.
    pub next_step: Localized,
}

impl From<ProblemView> for Problem {
    fn from(view: ProblemView) -> Self {
        Self { code: view.code, at: view.at, what: view.sentence, next_step: view.next_step }
    }
}

/// Problems of the rules, in words.
pub(crate) fn problems_of(problems: &[problem::Problem]) -> Vec<Problem> {
    problems.iter().map(|problem| ProblemView::from(problem).into()).collect()
}
