//! Problems as a person reads them, and how a use case answers.

use serde::Serialize;
use storewalk_domain::{
    problem::Problem,
    sync::Outcome,
    text::{Language, Localized},
};

use crate::Recorded;

/// One thing that stands in the way, with what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProblemView {
    /// Stable code.
    pub code: String,
    /// Where: the field, item or line; empty when it is the whole.
    pub at: String,
    /// What happened.
    pub sentence: Localized,
    /// What to do next.
    pub next_step: Localized,
}

impl From<&Problem> for ProblemView {
    fn from(problem: &Problem) -> Self {
        let sentence = Localized::new(problem.sentence(Language::ZhHans), problem.sentence(Language::En));
        let next_step = Localized::new(problem.next_step(Language::ZhHans), problem.next_step(Language::En));
        Self { code: problem.code.as_str().to_owned(), at: problem.at.clone(), sentence, next_step }
    }
}

/// Problems as a person reads them.
pub(crate) fn problem_views(problems: &[Problem]) -> Vec<ProblemView> {
    problems.iter().map(ProblemView::from).collect()
}

/// How a use case ended: done, or refused with the reasons. Failures of the phone itself are errors instead.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Attempt<T> {
    /// Done.
    Done(T),
    /// Not done, and nothing was half done; why. Never empty.
    Refused(Vec<ProblemView>),
}

impl<T> Attempt<T> {
    /// What was done, if it was.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Refused(_) => None,
        }
    }

    /// The codes of what stood in the way; empty when it was done.
    pub fn codes(&self) -> Vec<&str> {
        match self {
            Self::Done(_) => Vec::new(),
            Self::Refused(problems) => problems.iter().map(|problem| problem.code.as_str()).collect(),
        }
    }

    /// Refused for one reason.
    pub(crate) fn refused(problem: &Problem) -> Self {
        Self::Refused(vec![problem.into()])
    }

    /// The same answer with another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Attempt<U> {
        match self {
            Self::Done(value) => Attempt::Done(change(value)),
            Self::Refused(problems) => Attempt::Refused(problems),
        }
    }
}

impl From<Recorded> for Attempt<Outcome> {
    fn from(recorded: Recorded) -> Self {
        match recorded {
            Recorded::Done { outcome, .. } => Self::Done(outcome),
            Recorded::Refused(problems) => Self::Refused(problem_views(&problems)),
        }
    }
}
