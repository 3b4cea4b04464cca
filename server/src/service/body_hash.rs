//! What makes two commands the same command.
//!
//! **Invariant.** An order is known by the identity of its command, not by the number it shows: copies of one phone that
//! part from each other may each give the same order a number of their own.

use std::borrow::Cow;

use serde_json::Value;
use storewalk_wire::CommandDigest;

/// The hash by which a command is known: of everything it says, but for the number of an order.
pub(super) fn body_hash(command: &Value, schema: u32) -> [u8; 32] {
    CommandDigest::of(&unnumbered(command), schema).sha256
}

/// Whether a command is the one that was kept under a hash. Earlier releases kept the hash that receipts name, an order's
/// number within.
pub(super) fn is_same_body(kept: &[u8; 32], command: &Value, schema: u32) -> bool {
    *kept == body_hash(command, schema) || *kept == CommandDigest::of(command, schema).sha256
}

fn unnumbered(command: &Value) -> Cow<'_, Value> {
    if command.get("kind").and_then(Value::as_str) != Some("order.submit") {
        return Cow::Borrowed(command);
    }
    let mut command = command.clone();
    if let Some(args) = command.get_mut("args").and_then(Value::as_object_mut) {
        args.remove("number");
    }
    Cow::Owned(command)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_order_with_another_number_is_the_same_order_and_with_another_line_is_not() {
        let order = |number: &str, quantity: u32| json!({"kind": "order.submit", "args": {"number": number, "lines": [quantity]}});
        let kept = body_hash(&order("1-000003", 10), 1);
        assert!(is_same_body(&kept, &order("2-000001", 10), 1));
        assert!(!is_same_body(&kept, &order("1-000003", 11), 1));
        assert!(!is_same_body(&kept, &order("1-000003", 10), 2));
    }

    #[test]
    fn what_an_earlier_release_kept_is_known_again() {
        let order = json!({"kind": "order.submit", "args": {"number": "1-000003"}});
        assert!(is_same_body(&CommandDigest::of(&order, 1).sha256, &order, 1));
    }

    #[test]
    fn the_number_of_anything_else_counts() {
        let payment = |number: &str| json!({"kind": "payment.record", "args": {"number": number}});
        assert!(!is_same_body(&body_hash(&payment("7"), 1), &payment("8"), 1));
    }
}
