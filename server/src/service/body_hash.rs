//! What makes two commands the same command.

use serde_json::Value;
use storewalk_wire::CommandDigest;

/// The hash by which a command is known: the same that its receipt names.
pub(super) fn body_hash(command: &Value, schema: u32) -> [u8; 32] {
    CommandDigest::of(command, schema).sha256
}
