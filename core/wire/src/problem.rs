//! What a server says when it cannot serve a request: an RFC 9457 problem body with a stable code.

use serde::{Deserialize, Serialize};
use storewalk_domain::problem::Problem;

use crate::ProtocolWindow;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal / $status:literal),+ $(,)?) => {
        /// The stable code of a refused request.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
            /// A code of a newer server.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl ErrorCode {
            /// Every code this release can send.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as it stands in JSON and logs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ Self::Unknown => "unknown" }
            }

            /// The HTTP status it is sent with.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ Self::Unknown => 500 }
            }
        }
    };
}

error_codes! {
    /// The body or a parameter cannot be read.
    RequestMalformed = "request_malformed" / 400,
    /// The protocol version is not served; said by servers of before the two codes that follow.
    ProtocolUnsupported = "protocol_unsupported" / 400,
    /// The app is older than what the server serves: it may hand work in, and gets no rows.
    AppOutdated = "app_outdated" / 400,
    /// The app is newer than the server.
    ServerOutdated = "server_outdated" / 400,
    /// Login name or password is wrong.
    SignInFailed = "sign_in_failed" / 401,
    /// There is no token, or it is wrong, expired or revoked.
    TokenInvalid = "token_invalid" / 401,
    /// The refresh token was used before by somebody else: the session is over.
    RefreshReused = "refresh_reused" / 401,
    /// The device is not enrolled for this person, or was revoked.
    DeviceUnknown = "device_unknown" / 403,
    /// The person may not do this.
    NotPermitted = "not_permitted" / 403,
    /// There is nothing here, or not for this person.
    NotFound = "not_found" / 404,
    /// The method is not offered here.
    MethodNotAllowed = "method_not_allowed" / 405,
    /// The body came too slowly to be waited for.
    BodyTooSlow = "body_too_slow" / 408,
    /// A sequence number was used before for another command.
    SequenceReused = "sequence_reused" / 409,
    /// Another installation with this identity has signed in since: this one is a copy and needs an identity of its own.
    DeviceCopied = "device_copied" / 409,
    /// So much of this device waits already that no more can be kept.
    ParcelsWaiting = "parcels_waiting" / 409,
    /// The upload stands at another offset.
    OffsetMismatch = "offset_mismatch" / 409,
    /// The upload is gone or finished in another way.
    UploadGone = "upload_gone" / 410,
    /// A precondition header is missing or names another version.
    PreconditionFailed = "precondition_failed" / 412,
    /// The body is larger than allowed.
    BodyTooLarge = "body_too_large" / 413,
    /// The content type is not the one asked for.
    ContentType = "content_type" / 415,
    /// The range asked for begins beyond the end.
    RangeNotSatisfiable = "range_not_satisfiable" / 416,
    /// The request can be read but not be done; `problems` say why.
    Refused = "refused" / 422,
    /// The bytes are no parcel.
    ParcelUnknown = "parcel_unknown" / 400,
    /// The parcel is of a newer release.
    ParcelVersion = "parcel_version" / 400,
    /// The parcel is shorter or longer than it says.
    ParcelTruncated = "parcel_truncated" / 400,
    /// The parcel is larger than one may be.
    ParcelTooLarge = "parcel_too_large" / 413,
    /// The parcel is sealed to another server.
    ParcelOtherServer = "parcel_other_server" / 422,
    /// The parcel was changed on the way.
    ParcelTampered = "parcel_tampered" / 422,
    /// No device of this server has signed the parcel.
    ParcelSignature = "parcel_signature" / 422,
    /// The parcel is sound, but what it says cannot be read.
    ParcelUnreadable = "parcel_unreadable" / 422,
    /// The upload's bytes are not those announced.
    ChecksumMismatch = "checksum_mismatch" / 460,
    /// Somebody else is sending this upload right now.
    UploadLocked = "upload_locked" / 423,
    /// Too many requests; try again after `Retry-After`.
    TooManyRequests = "too_many_requests" / 429,
    /// The server failed; nothing was half done; try again.
    Internal = "internal" / 500,
    /// The server has no room left; try again later.
    StorageFull = "storage_full" / 507,
}

/// The body of every refused request (`application/problem+json`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProblemBody {
    /// `urn:storewalk:problem:<code>`; a name, not an address.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, for a person, in the language asked for.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// The figures of this case; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Stable code.
    pub code: ErrorCode,
    /// Where in the request: a header, parameter or body path; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// What to do next, in the language asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next_step: String,
    /// Names this request in the server's log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// What the rules object to, if it was they.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// The protocols the server serves, if the phone's is not among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocols: Option<ProtocolWindow>,
}

impl ErrorCode {
    /// The identifier of this kind of problem.
    pub fn urn(self) -> String {
        format!("urn:storewalk:problem:{}", self.as_str())
    }
}
