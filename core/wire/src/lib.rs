//! The protocol between phone and server: frozen types and the one trait both sides implement.
//!
//! **Promise.** A field, once released, keeps its name and meaning. New fields are optional. What a release does not
//! know it keeps or passes over, never refuses: unknown tables and columns in a pull, unknown problem codes, unknown
//! command kinds and newer shapes (refused one by one, stored whole). Work is taken in from a phone of any release; rows
//! are for phones inside the server's [`ProtocolWindow`].
//!
//! **Shape.** Intent commands up, per-bucket state logs down, photos beside: see `core/docs/adr/0003-sync-protocol.md`.
//! Bodies are JSON, compressed with zstd in both directions on `POST /sync`.

mod api;
mod capability;
mod checksum;
mod courier;
mod heal;
mod json;
mod known;
mod parcel;
mod problem;
mod receipt;
mod segment;
mod session;
mod standing;
mod sync;
mod upload;
mod window;

pub use api::{ApiError, SyncApi};
pub use capability::{ANSWER_CODING, CAPABILITIES, MAX_BATCH_BYTES, MAX_BATCH_COMMANDS, MAX_PAGE_ROWS, PROTOCOL};
pub use checksum::{Checksum, RowSum, row_checksum};
pub use courier::{
    CourierKey, MAX_PARCEL_BYTES, MAX_PARCEL_COMMAND_BYTES, MAX_PARCEL_PHOTO_BYTES, Parcel, ParcelContent, ParcelFate,
    ParcelReceipt,
};
pub use heal::{HealRequest, HealResponse, RANGES, RangeSum, range_of};
pub use json::read_json;
pub use parcel::{DeviceKey, OpenedParcel, ParcelFault, ServerKey, inspect_parcel, open_parcel, seal_parcel};
pub use problem::{ErrorCode, ProblemBody};
pub use receipt::{
    BatchReceipt, CommandDigest, PhotoReceipt, ReceiptKey, Signature, batch_text, hex, photo_text, unhex, verdict_word,
};
pub use segment::{
    MAX_SEGMENT_BYTES, SegmentError, SegmentReader, SegmentRef, SegmentRow, SegmentWriter, Snapshot, segment_name,
};
pub use session::{
    CopyOf, CopyRequest, DeviceInfo, MOST_SIGN_IN_MARKS, RefreshRequest, SessionGrant, SignInMarks, SignInRequest,
    UserInfo,
};
pub use standing::{StandingRequest, StandingResponse};
pub use sync::{
    BucketDelta, BucketSum, CommandResult, CommandVerdict, Cursor, DeviceHealth, Entry, Envelope, GoneBucket,
    SyncRequest, SyncResponse, UnsentAges,
};
pub use upload::{MAX_SMALL_PICTURE_BYTES, PhotoLink, SmallPicture, UploadRequest, UploadState, Variant};
pub use window::{OLDEST_PROTOCOL, ProtocolWindow, WindowPlace};
