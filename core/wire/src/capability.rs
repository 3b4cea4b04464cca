//! Versions and limits both sides know.

/// The protocol's version. A phone sends its own; a server states which it serves: [`crate::ProtocolWindow`].
pub const PROTOCOL: u32 = 1;

/// What this release can do beyond the first protocol; sent with every sync so that either side can hold back.
pub const CAPABILITIES: &[&str] = &["pages", "receipts", "zstd", "segments", "checksums"];

/// The content coding of an answer that is a zstd frame over the JSON of the request as its dictionary: it repeats the
/// request's ids and words. Asked for in `accept-encoding`; a server that does not know it answers in `zstd`.
pub const ANSWER_CODING: &str = "zstd-request";

/// Most commands in one request.
pub const MAX_BATCH_COMMANDS: usize = 500;

/// Largest request body in bytes, before and after decompression.
pub const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Most rows in one response.
pub const MAX_PAGE_ROWS: usize = 5_000;
