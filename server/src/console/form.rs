//! What forms have in common.

use std::fmt::Write as _;

use storewalk_domain::ids::{CommandId, derived};
use uuid::Uuid;

/// A field of a form that cannot be read; browsers of real people do not send such.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BadField(pub(crate) &'static str);

/// The id of the command a form means: the id minted with the page, and what was filled in. Sending the same form
/// twice is one command; going back, changing a field and sending again is another, never silently the first.
pub(crate) fn command_id(minted: Uuid, fields: &[&str]) -> CommandId {
    // A length before each field, so that no two fillings read the same.
    let content = fields.iter().fold(String::new(), |mut content, field| {
        // Writing to a string does not fail.
        let _ = write!(content, "{}:{field}", field.len());
        content
    });
    CommandId(derived(minted, &content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_is_the_same_command_and_a_changed_one_another() {
        let minted = Uuid::from_u128(7);
        assert_eq!(command_id(minted, &["a", "b"]), command_id(minted, &["a", "b"]));
        assert_ne!(command_id(minted, &["a", "b"]), command_id(minted, &["ab", ""]));
        assert_ne!(command_id(minted, &["a"]), command_id(Uuid::from_u128(8), &["a"]));
    }
}
