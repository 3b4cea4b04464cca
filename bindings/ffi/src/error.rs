//! The one error that crosses, and the only table that makes it.
//!
//! Few variants, each calling for another reaction of the app; the exact cause is in [`Details::code`], the words for a
//! person are beside it in both languages.

use storewalk_client::ClientError;

use crate::{Problem, Text};

/// What happened, by name and in words.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Details {
    /// Stable code; what logs and support speak of.
    pub code: String,
    /// What happened, for a person.
    pub what: Text,
    /// What the person can do next.
    pub next_step: Text,
}

/// Why a call did not do what it promises.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, uniffi::Error)]
pub enum CoreError {
    /// There is no way to the server now; work goes on without it.
    #[error("reach the server: {}", .details.code)]
    Offline {
        /// What happened.
        details: Box<Details>,
    },
    /// The server asks to wait.
    #[error("be served now")]
    Busy {
        /// What happened.
        details: Box<Details>,
        /// Milliseconds to wait; unknown when it did not say.
        retry_after_ms: Option<u64>,
    },
    /// Somebody has to sign in; what was captured stays.
    #[error("go on without signing in: {}", .details.code)]
    SignedOut {
        /// What happened.
        details: Box<Details>,
    },
    /// The rules or the server object.
    #[error("have it accepted: {}", .details.code)]
    Rejected {
        /// What happened.
        details: Box<Details>,
        /// What stands in the way, one by one; may be empty.
        problems: Vec<Problem>,
    },
    /// There is no such thing on this phone.
    #[error("find it")]
    NotFound {
        /// What happened.
        details: Box<Details>,
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
    /// The phone's storage cannot take or give this; nothing was half done.
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
        let (Self::Offline { details }
        | Self::Busy { details, .. }
        | Self::SignedOut { details }
        | Self::Rejected { details, .. }
        | Self::NotFound { details }
        | Self::Unsent { details, .. }
        | Self::Storage { details }
        | Self::Closed { details }
        | Self::Internal { details }) = self;
        &details.code
    }
}

impl From<ClientError> for CoreError {
    fn from(error: ClientError) -> Self {
        let details = Box::new(Details {
            code: error.code().to_owned(),
            what: error.sentence().into(),
            next_step: error.next_step().into(),
        });
        match error {
            ClientError::Offline | ClientError::Timeout | ClientError::NotTheServer => Self::Offline { details },
            ClientError::Busy { retry_after_ms } => Self::Busy { details, retry_after_ms },
            ClientError::SignedOut { .. } => Self::SignedOut { details },
            ClientError::Refused(body) => Self::Rejected { details, problems: Problem::all(&body.problems) },
            ClientError::Parcel(_)
            | ClientError::NoCourier
            | ClientError::CannotPark
            | ClientError::ParkedUnreadable => Self::Rejected { details, problems: Vec::new() },
            ClientError::Rejected(problems) => Self::Rejected { details, problems: Problem::all(&problems) },
            ClientError::NotFound { .. } => Self::NotFound { details },
            ClientError::Unsent { commands, photos, drafts } => Self::Unsent { details, commands, photos, drafts },
            ClientError::Storage { .. } | ClientError::File(_) => Self::Storage { details },
            ClientError::Closed => Self::Closed { details },
            ClientError::Internal(_) => Self::Internal { details },
        }
    }
}
