//! Data that ships: it parses, and says the same things in both languages.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repository::{Kept, files, none_of};

#[test]
fn every_json_file_parses() {
    let broken: Vec<_> = files()
        .iter()
        .filter(|file| file.extension() == "json")
        .filter_map(|file| {
            let text = file.text().unwrap_or_default();
            let error = serde_json::from_str::<Value>(&text).err()?;
            Some(format!("{}: {error}", file.path))
        })
        .collect();
    none_of(&broken, "these do not parse:");
}

#[test]
fn whatever_is_worded_in_one_language_is_worded_in_the_other() {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.extension() == "json" && file.path.contains("/handbook/")) {
        let Ok(value) = serde_json::from_str::<Value>(&file.text().unwrap_or_default()) else { continue };
        missing_wordings(&value, &file.path, &mut findings);
    }
    none_of(&findings, "the handbook speaks Chinese and English; these places speak only one:");
}

/// Walks the value; an object that has `zh` must have a filled `en` beside it, and the other way round.
fn missing_wordings(value: &Value, place: &str, findings: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let is_filled = |key: &str| fields.get(key).is_some_and(|text| text.as_str().is_none_or(|t| !t.is_empty()));
            if (fields.contains_key("zh") || fields.contains_key("en")) && !(is_filled("zh") && is_filled("en")) {
                findings.push(place.to_owned());
            }
            for (key, inner) in fields {
                missing_wordings(inner, &format!("{place} {key}"), findings);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                missing_wordings(item, &format!("{place} [{position}]"), findings);
            }
        }
        _ => {}
    }
}

#[test]
fn the_console_has_the_same_sentences_in_both_languages() {
    let locales: Vec<_> = files().into_iter().filter(is_locale).collect();
    let keys: Vec<(String, BTreeSet<String>)> = locales
        .iter()
        .map(|file| {
            let value: Value = serde_json::from_str(&file.text().unwrap_or_default()).unwrap_or_default();
            let mut keys = BTreeSet::new();
            collect_keys(&value, "", &mut keys);
            (file.path.clone(), keys)
        })
        .collect();
    let mut findings = Vec::new();
    for (path, mine) in &keys {
        for (other_path, others) in &keys {
            findings.extend(mine.difference(others).map(|key| format!("{other_path} lacks {key} of {path}")));
        }
    }
    none_of(&findings, "a sentence is missing in one language:");
}

fn is_locale(file: &Kept) -> bool {
    file.path.starts_with("server/") && file.path.contains("/locales/") && file.extension() == "json"
}

fn collect_keys(value: &Value, prefix: &str, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                collect_keys(inner, &format!("{prefix}/{key}"), keys);
            }
        }
        _ => {
            keys.insert(prefix.to_owned());
        }
    }
}
