//! What can go wrong on the phone, in the few kinds that call for different remedies.
//!
//! **Invariants.** Business outcomes are [`Problem`]s in `Ok` values wherever a use case offers a choice; they appear
//! here only as [`ClientError::Rejected`]. Every error has a stable [`ClientError::code`] and sentences in both
//! languages. No error carries a name, a text or a token of a person.

use storewalk_domain::{problem::Problem, sync::StateError, text::Localized};
use storewalk_sqlite::{FaultKind, SqliteError};
use storewalk_wire::{ApiError, ErrorCode, ParcelFault, ProblemBody};

use crate::{KeyFault, text};

/// A failed call of the phone core.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server could not be reached.
    #[error("reach the server")]
    Offline,
    /// The server did not answer in time.
    #[error("get an answer in time")]
    Timeout,
    /// Something else answered: a captive portal, a proxy, half a body.
    #[error("recognise the answer as the server's")]
    NotTheServer,
    /// The server asks to wait.
    #[error("be served now")]
    Busy {
        /// Milliseconds the server asks to wait; `None` when it did not say.
        retry_after_ms: Option<u64>,
    },
    /// Nobody is signed in, or the server asks for the password again. What was captured stays.
    #[error("go on without signing in: {reason}")]
    SignedOut {
        /// The server's code, or `nobody` when there is no session.
        reason: String,
    },
    /// The server refused the request.
    #[error("have the request accepted: {}", .0.code.as_str())]
    Refused(Box<ProblemBody>),
    /// The rules object.
    #[error("have the rules agree")]
    Rejected(Vec<Problem>),
    /// There is no such row on this phone.
    #[error("find the {what}")]
    NotFound {
        /// What was looked for, in one word.
        what: &'static str,
    },
    /// Signing out, or signing in as somebody else, would leave work unsent.
    #[error("leave {commands} commands, {photos} photos and {drafts} drafts unsent")]
    Unsent {
        /// Commands the server has not acknowledged.
        commands: u64,
        /// Photos whose bytes it has not received.
        photos: u64,
        /// Order drafts that another person's sign-in would throw away.
        drafts: u64,
    },
    /// The database cannot take or give this; nothing was half done.
    #[error("use the phone's storage: {source}")]
    Storage {
        /// Which remedy it calls for.
        kind: FaultKind,
        /// What the database said.
        source: SqliteError,
    },
    /// A file beside the database cannot be read or written.
    #[error("use a file: {0}")]
    File(#[from] std::io::Error),
    /// The data is sealed, and what the host gave does not open it; nothing was touched.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// A file is no parcel that can be carried, or a parcel could not be packed.
    #[error(transparent)]
    Parcel(ParcelFault),
    /// The server has given no key to park this person's data under.
    #[error("have a key to park the data under")]
    CannotPark,
    /// The key the server gave does not open what is parked for this person; it stays where it is.
    #[error("open what is parked on this phone")]
    ParkedUnreadable,
    /// No server has told this phone what to seal parcels to.
    #[error("know the key to seal a parcel to")]
    NoCourier,
    /// The core is paused or shut down.
    #[error("work while the core is closed")]
    Closed,
    /// A fault of ours.
    #[error("keep to the program's own rules: {0}")]
    Internal(String),
}

impl ClientError {
    /// The stable code: what logs, status and support speak of.
    pub fn code(&self) -> &str {
        match self {
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::NotTheServer => "not_the_server",
            Self::Busy { .. } => "busy",
            Self::SignedOut { .. } => "signed_out",
            Self::Refused(body) => body.code.as_str(),
            Self::Rejected(_) => "rejected",
            Self::NotFound { .. } => "not_found",
            Self::Unsent { .. } => "unsent",
            Self::Storage { kind, .. } => match kind {
                FaultKind::Full => "storage_full",
                FaultKind::Damaged => "storage_damaged",
                FaultKind::Busy => "storage_busy",
                FaultKind::Unavailable => "storage_unavailable",
                FaultKind::Newer => "storage_newer",
                FaultKind::Other => "storage_fault",
            },
            Self::File(error) if error.kind() == std::io::ErrorKind::StorageFull => "storage_full",
            Self::File(_) => "file_fault",
            Self::Key(fault) => fault.code(),
            Self::Parcel(fault) => fault.code(),
            Self::CannotPark => "cannot_park",
            Self::ParkedUnreadable => "parked_unreadable",
            Self::NoCourier => "courier_unknown",
            Self::Closed => "closed",
            Self::Internal(_) => "internal",
        }
    }

    /// What happened, in words for a person.
    pub fn sentence(&self) -> Localized {
        text::of_code(self.code()).what
    }

    /// What the person can do next.
    pub fn next_step(&self) -> Localized {
        text::of_code(self.code()).next
    }

    /// What SQLite would say of a file whose damage only the core can see.
    pub(crate) fn damaged(what: String) -> Self {
        let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        rusqlite::Error::SqliteFailure(damage, Some(what)).into()
    }

    /// Whether the database file is damaged.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Storage { kind: FaultKind::Damaged, .. })
    }

    /// Whether the server refused the access token.
    pub(crate) fn is_token_invalid(&self) -> bool {
        matches!(self, Self::Refused(body) if body.code == ErrorCode::TokenInvalid)
    }

    /// Whether the phone's storage is at fault, so that going on would only repeat it.
    pub(crate) fn is_storage(&self) -> bool {
        matches!(self, Self::Storage { .. } | Self::File(_) | Self::Key(_) | Self::Closed)
    }
}

impl From<SqliteError> for ClientError {
    fn from(source: SqliteError) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, InvalidColumnType, Utf8Error};
        let kind = match &source {
            // The tables are strict and only this core writes them: a value of another kind is damage.
            SqliteError::Sql(Utf8Error(..) | FromSqlConversionFailure(..) | InvalidColumnType(..)) => {
                FaultKind::Damaged
            }
            other => other.kind(),
        };
        Self::Storage { kind, source }
    }
}

impl From<rusqlite::Error> for ClientError {
    fn from(source: rusqlite::Error) -> Self {
        SqliteError::from(source).into()
    }
}

impl From<StateError> for ClientError {
    fn from(error: StateError) -> Self {
        match error.0.downcast::<SqliteError>() {
            Ok(source) => (*source).into(),
            Err(other) => Self::Internal(other.to_string()),
        }
    }
}

impl From<serde_json::Error> for ClientError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("JSON: {error}"))
    }
}

impl From<ApiError> for ClientError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Offline => Self::Offline,
            ApiError::Timeout => Self::Timeout,
            ApiError::NotTheServer(what) => {
                tracing::info!(what, "something answered that is not the server");
                Self::NotTheServer
            }
            ApiError::Refused(body) => Self::Refused(body),
            ApiError::Busy { retry_after_ms } => Self::Busy { retry_after_ms },
        }
    }
}
