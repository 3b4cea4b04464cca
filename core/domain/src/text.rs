//! Text that a person reads: always in both languages.

use serde::{Deserialize, Serialize};

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
