//! What a refused command was about, in words.

use crate::console::words::Words;

/// A command's kind in words; the kind itself when this release does not know it.
pub(crate) fn kind_text(kind: &str, words: &Words) -> String {
    words.get(&format!("kind.{}", kind.replace('.', "_"))).unwrap_or(kind).to_owned()
}
