//! `POST /sync/standing`: has anything changed since the last complete answer? A question and an answer of a few bytes,
//! whatever a person may read.
//!
//! **Meaning.** A complete answer to `POST /sync` carries in `standing` a name the server gives to all it rests on: the
//! person's buckets with their heads, what was worked through, rights and settings. A phone that stands exactly where
//! that answer left it asks by that name. A server that does not know the question does not answer it, and the phone
//! asks `POST /sync` as ever: a name says nothing to anybody but the server that gave it.

use serde::{Deserialize, Serialize};
use storewalk_domain::time::Timestamp;

/// Asks whether anything has changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StandingRequest {
    /// The name the last complete answer gave.
    pub standing: String,
    /// The phone's wall clock.
    pub device_at: Timestamp,
}

/// Says whether anything has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StandingResponse {
    /// The server's clock.
    pub server_at: Timestamp,
    /// Nothing has. If not, `POST /sync` says what.
    pub is_same: bool,
}
