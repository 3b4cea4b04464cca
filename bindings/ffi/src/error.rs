//! The one error that crosses, and the only table that makes it.
//!
//! Few variants, each calling for another reaction of the app; the exact cause is in [`Details::code`], the words for a
//! person are beside it in both languages. No text has to be parsed.

use storewalk_client::{ClientError, ErrorView};
use storewalk_domain::text::Localized;

use crate::{Problem, value::problems_of};

/// What happened, by name and in words.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Details {
    /// Stable code; what logs and support speak of.
    pub code: String,
    /// What happened, for a person.
    pub what: Localized,
    /// What the person can do next.
    pub next_step: Localized,
}

impl From<ErrorView> for Details {
    fn from(view: ErrorView) -> Self {
        Self { code: view.code, what: view.sentence, next_step: view.next_step }
    }
}

/// Why a call did not do what it promises.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum CoreError {
    /// There is no way to the server now, or it asks to wait; work goes on without it.
    #[error("reach the server: {}", .details.code)]
    Unreachable {
        /// What happened.
        details: Box<Details>,
        /// Milliseconds the server asks to wait; unknown when it did not say.
        retry_after_ms: Option<u64>,
    },
    /// Somebody has to sign in; what was captured stays.
    #[error("go on without signing in: {}", .details.code)]
    SignedOut {
        /// What happened.
        details: Box<Details>,
    },
    /// The rules, the server or this core object to what was asked; asking the same again changes nothing.
    #[error("have it accepted: {}", .details.code)]
    Rejected {
        /// What happened.
        details: Box<Details>,
        /// What stands in the way, one by one; may be empty.
        problems: Vec<Problem>,
    },
    /// It would leave work unsent.
    #[error("leave {commands} commands, {photos} photos and {drafts} drafts unsent")]
    Unsent {
        /// What happened.
        details: Box<Details>,
        /// Commands not yet acknowledged.
        commands: u64,
        /// Photos not yet received.
        photos: u64,
        /// Order drafts that another person's sign-in would throw away.
        drafts: u64,
    },
    /// The phone's storage, or the key to it, cannot be used; nothing was half done.
    #[error("use the phone's storage: {}", .details.code)]
    Storage {
        /// What happened.
        details: Box<Details>,
    },
    /// The core is paused or shut down.
    #[error("work while the core is closed")]
    Closed {
        /// What happened.
        details: Box<Details>,
    },
    /// The caller's token was cancelled.
    #[error("go on after being cancelled")]
    Cancelled {
        /// What happened.
        details: Box<Details>,
    },
    /// A fault of ours.
    #[error("keep to the program's own rules")]
    Internal {
        /// What happened.
        details: Box<Details>,
    },
}

impl CoreError {
    /// The stable code.
    pub fn code(&self) -> &str {
        &self.details().code
    }

    fn details(&self) -> &Details {
        let (Self::Unreachable { details, .. }
        | Self::SignedOut { details }
        | Self::Rejected { details, .. }
        | Self::Unsent { details, .. }
        | Self::Storage { details }
        | Self::Closed { details }
        | Self::Cancelled { details }
        | Self::Internal { details }) = self;
        details
    }

    /// The caller's token was cancelled.
    pub(crate) fn cancelled() -> Self {
        Self::Cancelled { details: words("cancelled") }
    }

    /// An argument cannot be what it is meant to be; `at` names it.
    pub(crate) fn argument(at: &str) -> Self {
        let details = words("argument_invalid");
        let Details { code, what, next_step } = (*details).clone();
        Self::Rejected { details, problems: vec![Problem { code, at: at.to_owned(), what, next_step }] }
    }

    /// The phone's storage, or its key, cannot be used for a reason of this code.
    pub(crate) fn storage(code: &str) -> Self {
        Self::Storage { details: words(code) }
    }

    /// There is no network, says the platform.
    pub(crate) fn offline() -> Self {
        ClientError::Offline.into()
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "every variant holds them in a box")]
fn words(code: &str) -> Box<Details> {
    Box::new(ErrorView::of_code(code).into())
}

impl From<ClientError> for CoreError {
    fn from(error: ClientError) -> Self {
        let details = words(error.code());
        match error {
            ClientError::Offline | ClientError::Timeout | ClientError::NotTheServer => {
                Self::Unreachable { details, retry_after_ms: None }
            }
            ClientError::Busy { retry_after_ms } => Self::Unreachable { details, retry_after_ms },
            ClientError::SignedOut { .. } => Self::SignedOut { details },
            ClientError::Refused(body) => Self::Rejected { details, problems: problems_of(&body.problems) },
            ClientError::Rejected(problems) => Self::Rejected { details, problems: problems_of(&problems) },
            ClientError::NotFound { .. }
            | ClientError::Parcel(_)
            | ClientError::NoCourier
            | ClientError::CannotPark
            | ClientError::ParkedUnreadable => Self::Rejected { details, problems: Vec::new() },
            ClientError::Unsent { commands, photos, drafts } => Self::Unsent { details, commands, photos, drafts },
            ClientError::Storage { .. } | ClientError::File(_) | ClientError::Key(_) => Self::Storage { details },
            ClientError::Closed => Self::Closed { details },
            ClientError::Internal(_) => Self::Internal { details },
        }
    }
}
