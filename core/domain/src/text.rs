//! Text that a person reads: always in both languages.

use serde::{Deserialize, Serialize};

use crate::problem::{Problem, ProblemCode};

/// The languages every text exists in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Language {
    /// Simplified Chinese (BCP 47 `zh-Hans`).
    #[default]
    #[serde(rename = "zh-Hans")]
    ZhHans,
    /// English (BCP 47 `en`).
    #[serde(rename = "en")]
    En,
}

impl Language {
    /// Both languages, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::ZhHans, Self::En];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhHans => "zh-Hans",
            Self::En => "en",
        }
    }

    /// The language a BCP 47 tag asks for; any kind of Chinese is served in Simplified Chinese.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::ZhHans),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// One text in both languages. There is no way to make one with a language missing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Record))]
pub struct Localized {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Localized {
    /// A text from its two versions.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// A proper name that reads the same in both languages.
    pub fn same(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { zh: name.clone(), en: name }
    }

    /// The version in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::ZhHans => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// Replaces each `{name}` by its value in one pass, so that a brace in a value is never taken for a name. A name without
/// a value leaves nothing.
pub(crate) fn fill<'v>(template: &str, value_of: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        text.push_str(value_of(name).unwrap_or_default());
        rest = tail;
    }
    text.push_str(rest);
    text
}

/// The head of a text that came from outside, so that an answer never repeats a whole novel.
pub(crate) fn shortened(text: String, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Checks what a person wrote: not blank, at most `limit` characters, and nothing but line breaks and tabs among the
/// control characters (U+0000 cannot be kept in SQL).
///
/// # Errors
/// A problem with code `text_invalid` and the limit; the caller says where.
pub fn check_text(text: &str, limit: u32) -> Result<(), Problem> {
    let is_short = text.chars().count() <= limit as usize;
    let is_clean = text.chars().all(|letter| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t'));
    if is_short && is_clean && !text.trim().is_empty() {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::TextInvalid).with("limit", limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_in_a_value_is_no_name_and_a_name_without_a_value_leaves_nothing() {
        let value_of = |name: &str| (name == "a").then_some("{b}");
        assert_eq!(fill("{a} and {b}; {", value_of), "{b} and ; ");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("𠮷㐂🙂".into(), 3), "𠮷㐂🙂");
        assert_eq!(shortened("𠮷㐂🙂".into(), 2), "𠮷㐂…");
    }

    #[test]
    fn rare_characters_count_as_one_and_control_characters_are_refused() {
        assert_eq!(check_text("𠮷㐂🙂", 3), Ok(()));
        for text in ["", "  ", "𠮷㐂🙂。", "a\u{0}", "a\u{7}"] {
            assert_eq!(check_text(text, 3).map_err(|problem| problem.code), Err(ProblemCode::TextInvalid), "{text:?}");
        }
    }
}
