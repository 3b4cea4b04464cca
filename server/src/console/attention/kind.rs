//! What a refused command was about, in words.

use storewalk_domain::sync::kind_words;

use crate::console::words::Words;

/// A command's kind in words; the kind itself when this release does not know it.
pub(crate) fn kind_text(kind: &str, words: &Words) -> String {
    kind_words(kind).get(words.language()).to_owned()
}
