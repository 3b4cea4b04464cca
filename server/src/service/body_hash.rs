//! What makes two commands the same command.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of what a command says: its schema and its JSON with sorted names, so that the order in which a phone
/// happens to write fields does not matter.
pub(super) fn body_hash(command: &Value, schema: u32) -> [u8; 32] {
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
                hash_scalar(hasher, &Value::String(name.clone()));
                hash_value(hasher, &fields[name]);
            }
            hasher.update(b"}");
        }
        Value::Array(items) => {
            hasher.update(b"[");
            for item in items {
                hash_value(hasher, item);
            }
            hasher.update(b"]");
        }
        scalar => hash_scalar(hasher, scalar),
    }
}

/// JSON text ends where it ends for strings, but not for numbers: the comma keeps `1, 2` from `12`.
fn hash_scalar(hasher: &mut Sha256, scalar: &Value) {
    hasher.update(scalar.to_string().as_bytes());
    hasher.update(b",");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_fields_does_not_matter_and_everything_else_does() {
        let hash = |value: &Value| body_hash(value, 1);
        assert_eq!(hash(&json!({ "a": 1, "b": [2] })), hash(&json!({ "b": [2], "a": 1 })));
        assert_ne!(hash(&json!({ "a": 1 })), hash(&json!({ "a": "1" })));
        assert_ne!(hash(&json!([1, 2])), hash(&json!([12])));
        assert_ne!(hash(&json!([1, 2])), hash(&json!([2, 1])));
        assert_ne!(hash(&json!({ "a": {} })), hash(&json!({ "a": [] })));
        assert_ne!(body_hash(&json!(1), 1), body_hash(&json!(1), 2));
    }
}
