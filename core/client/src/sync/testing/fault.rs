//! What goes wrong on the way to the fake server.

use storewalk_wire::{ApiError, ErrorCode, ProblemBody, ProtocolWindow};

/// What goes wrong with one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The request does not arrive.
    Offline,
    /// The request is served, the answer is lost.
    LostReply,
    /// The access token has run out.
    TokenExpired,
    /// A request with commands is refused as a whole.
    RefuseCommands(ErrorCode),
    /// Commands are left for later.
    TryLater,
}

/// What goes wrong with one call for a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SegmentFault {
    /// Nothing.
    None,
    /// The request does not arrive.
    Offline,
    /// Half of what is missing arrives.
    Half,
    /// A byte arrives wrong.
    Flipped,
    /// The server has thrown the segment away.
    Gone,
}

/// A refusal.
pub(super) fn refused(code: ErrorCode) -> ApiError {
    outside(code, None)
}

/// A refusal, with what the server serves.
pub(super) fn outside(code: ErrorCode, protocols: Option<ProtocolWindow>) -> ApiError {
    ApiError::Refused(Box::new(ProblemBody {
        kind: code.urn(),
        title: String::new(),
        status: code.status(),
        detail: String::new(),
        code,
        at: String::new(),
        next_step: String::new(),
        request_id: String::new(),
        problems: Vec::new(),
        protocols,
    }))
}
