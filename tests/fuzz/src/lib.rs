//! The decoders that `tests/src/fuzz` tests, built by themselves so that only what they stand on is instrumented.

#[path = "../../src/fuzz/decoders.rs"]
mod decoders;

pub use decoders::{bucket, command, heal, parcel, photo, sealed_parcel, segment, sync_request, sync_response};
