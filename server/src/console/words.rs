//! What the console says, in both languages.
//!
//! **Purpose.** One flat file of texts per language, a key for each text. **Invariants.** Both files have the same
//! keys, and every key that a page names exists; tests hold this. **Non-goals.** The words of the trade (steps, zones,
//! reasons, problems) come from the handbook, which the organisation may change.

use std::{collections::BTreeMap, sync::LazyLock};

use storewalk_domain::text::Language;

/// The texts of one language.
#[derive(Debug)]
pub(crate) struct Words {
    language: Language,
    texts: BTreeMap<String, String>,
}

static CHINESE: LazyLock<Words> = LazyLock::new(|| Words::read(Language::ZhHans, include_str!("locales/zh-Hans.json")));
static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(Language::En, include_str!("locales/en.json")));

impl Words {
    /// The texts of a language.
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::ZhHans => &CHINESE,
            Language::En => &ENGLISH,
        }
    }

    fn read(language: Language, text: &str) -> Self {
        let texts = serde_json::from_str(text).expect("the shipped texts are tested to be valid");
        Self { language, texts }
    }

    /// The language.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The text of a key; the key itself when there is none.
    pub(crate) fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// The text of a key with `{name}` replaced by values.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut rest = self.t(key);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            text.push_str(before);
            text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = tail;
        }
        text.push_str(rest);
        text
    }

    /// The text for a number of things: `key.one` or `key.other`, with `{n}` replaced by the number.
    pub(crate) fn count(&self, key: &str, n: usize) -> String {
        let form = if n == 1 { "one" } else { "other" };
        self.fill(&format!("{key}.{form}"), &[("n", &n.to_string())])
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_places_for_values() {
        let places = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
        };
        let (chinese, english) = (&CHINESE.texts, &ENGLISH.texts);
        let keys = |texts: &BTreeMap<String, String>| texts.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(chinese), keys(english));
        for (key, text) in english {
            assert!(!text.trim().is_empty() && !chinese[key].trim().is_empty(), "{key} is empty");
            // A count of one may be written out in one language and not in the other.
            if key.strip_suffix(".one").is_none() {
                assert_eq!(places(text), places(&chinese[key]), "{key}");
            }
        }
    }

    #[test]
    fn every_key_a_page_names_exists_and_every_text_is_used() {
        let named = keys_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/console")));
        let texts = &ENGLISH.texts;
        for key in &named {
            let is_count = texts.contains_key(&format!("{key}.one")) && texts.contains_key(&format!("{key}.other"));
            assert!(texts.contains_key(key) || is_count, "no text for `{key}`");
        }
        for key in texts.keys() {
            let stem = key.strip_suffix(".one").or_else(|| key.strip_suffix(".other")).unwrap_or(key);
            assert!(named.contains(key) || named.contains(stem), "nothing shows `{key}`");
        }
    }

    /// Everything between double quotes in sources and pages that looks like a key.
    fn keys_in(folder: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()) {
            if entry.ends_with("fixtures") || entry.ends_with("tests") {
                continue;
            }
            if entry.is_dir() {
                found.extend(keys_in(&entry));
                continue;
            }
            let is_source = entry.extension().is_some_and(|kind| kind == "rs" || kind == "html");
            if is_source && !entry.ends_with("words.rs") {
                let source = fs::read_to_string(&entry).expect("source");
                let source = source.split("#[cfg(test)]").next().unwrap_or_default();
                found.extend(source.split('"').filter(|text| looks_like_a_key(text)).map(str::to_owned));
            }
        }
        found
    }

    fn looks_like_a_key(text: &str) -> bool {
        let is_part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_lowercase())
                && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        };
        let is_file = text.rsplit('.').next().is_some_and(|end| ["html", "css", "js", "svg", "json"].contains(&end));
        text.contains('.') && !is_file && text.split('.').all(is_part)
    }

    #[test]
    fn a_brace_in_a_value_is_not_taken_for_a_place() {
        let filled = ENGLISH.fill("visit.title", &[("outlet", "{n} shop")]);
        assert!(filled.contains("{n} shop"), "{filled}");
    }
}
