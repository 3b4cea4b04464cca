//! What goes wrong on the way to the fake server.

use storewalk_wire::ErrorCode;

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
