//! What requests mean: no HTTP, no SQL text.

pub mod changes;
mod execute;

pub use execute::execute;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of what a command says: its schema and its JSON with sorted names, so that the order in which a phone
/// happens to write fields does not matter.
pub(crate) fn body_hash(command: &Value, schema: u32) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(schema.to_be_bytes());
    hash_value(&mut hasher, command);
    hasher.finalize().into()
}

fn hash_value(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            hasher.update(b"{");
            for name in names {
                hash_value(hasher, &Value::String(name.clone()));
                hasher.update(b":");
                hash_value(hasher, &fields[name]);
            }
            hasher.update(b"}");
        }
        Value::Array(items) => {
            hasher.update(b"[");
            for item in items {
                hash_value(hasher, item);
                hasher.update(b",");
            }
            hasher.update(b"]");
        }
        scalar => hasher.update(scalar.to_string().as_bytes()),
    }
}
