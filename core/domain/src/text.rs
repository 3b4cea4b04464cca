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
    fn rare_characters_count_as_one_and_control_characters_are_refused() {
        assert_eq!(check_text("𠮷㐂🙂", 3), Ok(()));
        for text in ["", "  ", "𠮷㐂🙂。", "a\u{0}", "a\u{7}"] {
            assert_eq!(check_text(text, 3).map_err(|problem| problem.code), Err(ProblemCode::TextInvalid), "{text:?}");
        }
    }
}
