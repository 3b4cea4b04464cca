//! What needs a person.

use storewalk_client::{AttentionKind, AttentionView};
use storewalk_domain::text::Localized;

use super::{Problem, all, ms};

/// Why something needs a person; the most pressing first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum NoticeKind {
    /// The password is needed before anything can be sent.
    SignIn,
    /// The server refused a command.
    Refused,
    /// The server did something else than was meant, and asks.
    Changed,
    /// Something is done, and waits.
    Held,
    /// A command that is still to be sent no longer fits what the phone knows; it is sent all the same.
    Flagged,
    /// The server will not have the bytes of a photo, or they are gone from the phone.
    Upload,
    /// A supervisor has settled a refused command.
    Settled,
    /// An outlet or a territory was handed over, from the person or to them.
    HandedOver,
}

/// One thing that needs a person.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Notice {
    /// Why it is here.
    pub kind: NoticeKind,
    /// The command, order or photo it is about.
    pub id: String,
    /// What was meant, in a few words.
    pub what: Localized,
    /// The outlet's or dealer's name, or the order's number; empty when the phone does not know.
    pub about: String,
    /// When it was meant.
    pub at_ms: Option<i64>,
    /// What happened and what to do next.
    pub problems: Vec<Problem>,
    /// Whether it can be put away once it was read.
    pub is_dismissible: bool,
}

impl From<AttentionView> for Notice {
    fn from(view: AttentionView) -> Self {
        Self {
            kind: view.kind.into(),
            id: view.id.to_string(),
            what: view.what,
            about: view.about,
            at_ms: ms(view.at),
            problems: all(view.problems),
            is_dismissible: view.is_dismissible,
        }
    }
}

impl From<AttentionKind> for NoticeKind {
    fn from(kind: AttentionKind) -> Self {
        match kind {
            AttentionKind::SignIn => Self::SignIn,
            AttentionKind::Refused => Self::Refused,
            AttentionKind::Changed => Self::Changed,
            AttentionKind::Held => Self::Held,
            AttentionKind::Flagged => Self::Flagged,
            AttentionKind::Upload => Self::Upload,
            AttentionKind::Settled => Self::Settled,
            AttentionKind::HandedOver => Self::HandedOver,
        }
    }
}
