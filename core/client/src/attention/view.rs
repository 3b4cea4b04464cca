//! An item of the list "needs attention".

use serde::Serialize;
use storewalk_domain::{text::Localized, time::Timestamp};
use uuid::Uuid;

use super::ProblemView;

/// Why something needs a person; the most pressing first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionKind {
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

/// An item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AttentionView {
    /// Why it is here.
    pub kind: AttentionKind,
    /// The command, order or photo it is about; nil for the sign-in.
    pub id: Uuid,
    /// What was meant, in a few words.
    pub what: Localized,
    /// The outlet's or dealer's name, or the order's number; empty when the phone does not know.
    pub about: String,
    /// When it was meant.
    pub at: Option<Timestamp>,
    /// What happened and what to do next.
    pub problems: Vec<ProblemView>,
    /// Whether it can be put away once it was read.
    pub is_dismissible: bool,
}
