//! Tasks and alerts in words for a person.
//!
//! A row carries codes and figures only; the words come from the handbook, in the reader's language. A parameter that
//! exists in both languages is kept as `name_zh` and `name_en` and asked for as `{name}`.

use std::collections::BTreeMap;

use super::{HandbookEntry, HandbookList};
use crate::{
    task::{Alert, Task},
    text::{Language, fill},
};

/// What a task or an alert says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wording {
    /// A few words.
    pub title: String,
    /// A sentence with the figures; may be empty.
    pub detail: String,
}

/// The wording of a code in a list; the code itself when the handbook does not know it.
pub fn label(entries: &[HandbookEntry], list: HandbookList, code: &str, language: Language) -> String {
    find(entries, list, code).map_or_else(|| code.to_owned(), |entry| entry.text.get(language).to_owned())
}

/// What a task says. An open point says what a person wrote, or else what the checklist found.
pub fn task_wording(entries: &[HandbookEntry], task: &Task, language: Language) -> Wording {
    let mut values = in_language(&task.params, language);
    for (name, list) in [("zone", HandbookList::PhotoZone), ("reason", HandbookList::RejectReason)] {
        if let Some(code) = task.params.get(name) {
            values.insert(name.to_owned(), label(entries, list, code, language));
        }
    }
    values.insert("note".to_owned(), task.note.clone());
    if !task.note.is_empty() {
        values.insert("point".to_owned(), task.note.clone());
    }
    worded(entries, HandbookList::TaskKind, task.kind.as_str(), &values, language)
}

/// What an alert says.
pub fn alert_wording(entries: &[HandbookEntry], alert: &Alert, language: Language) -> Wording {
    let values = in_language(&alert.params, language);
    worded(entries, HandbookList::AlertKind, alert.kind.as_str(), &values, language)
}

fn find<'a>(entries: &'a [HandbookEntry], list: HandbookList, code: &str) -> Option<&'a HandbookEntry> {
    entries.iter().find(|entry| entry.list == list && entry.code == code)
}

/// The parameters as one language sees them.
fn in_language(params: &BTreeMap<String, String>, language: Language) -> BTreeMap<String, String> {
    let suffix = match language {
        Language::ZhHans => "_zh",
        Language::En => "_en",
    };
    let mut values = params.clone();
    for (name, value) in params {
        if let Some(stem) = name.strip_suffix(suffix) {
            values.insert(stem.to_owned(), value.clone());
        }
    }
    values
}

fn worded(
    entries: &[HandbookEntry],
    list: HandbookList,
    code: &str,
    values: &BTreeMap<String, String>,
    language: Language,
) -> Wording {
    let Some(entry) = find(entries, list, code) else {
        return Wording { title: code.to_owned(), detail: String::new() };
    };
    Wording { title: filled(entry.text.get(language), values), detail: filled(entry.detail.get(language), values) }
}

fn filled(template: &str, values: &BTreeMap<String, String>) -> String {
    fill(template, |name| values.get(name).map(String::as_str)).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        handbook::entries,
        ids::{OutletId, TaskId, TerritoryId, UserId},
        task::{AlertKind, Proof, TaskKind, TaskStatus},
        time::{BusinessDate, Timestamp},
    };

    fn task(kind: TaskKind, note: &str, params: &[(&str, &str)]) -> Task {
        Task {
            id: TaskId(Uuid::from_u128(1)),
            outlet_id: OutletId(Uuid::from_u128(2)),
            territory_id: TerritoryId(Uuid::from_u128(3)),
            kind,
            params: params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            note: note.to_owned(),
            owner_id: UserId(Uuid::from_u128(4)),
            visit_id: None,
            photo_id: None,
            due_on: BusinessDate::parse("2025-03-16").expect("valid date"),
            proof: Proof::Word,
            status: TaskStatus::Open,
            raised_at: Timestamp(0),
            closed_at: None,
        }
    }

    #[test]
    fn a_retake_names_zone_and_reason_in_the_readers_language() {
        let retake = task(TaskKind::PhotoRetake, "", &[("zone", "product_zone"), ("reason", "empty_slot")]);
        let english = task_wording(&entries(), &retake, Language::En);
        assert_eq!(english.detail, "The photo “Product zone” was rejected: Empty slot.");
        let chinese = task_wording(&entries(), &retake, Language::ZhHans);
        assert_eq!(chinese.detail, "“产品陈列区”的照片被退回：有空位。");
    }

    #[test]
    fn an_open_point_says_what_a_person_wrote_or_what_the_checklist_asked() {
        let written = task(TaskKind::OpenPoint, "灯箱坏了 {pct}", &[]);
        assert_eq!(task_wording(&entries(), &written, Language::En).detail, "灯箱坏了 {pct}");
        let found = [("point_zh", "灯箱是否完好？否"), ("point_en", "Is it working? No")];
        let asked = task(TaskKind::OpenPoint, "", &found);
        assert_eq!(task_wording(&entries(), &asked, Language::En).detail, "Is it working? No");
        assert_eq!(task_wording(&entries(), &asked, Language::ZhHans).detail, "灯箱是否完好？否");
        let both = task(TaskKind::OpenPoint, "已约维修", &found);
        assert_eq!(task_wording(&entries(), &both, Language::En).detail, "已约维修");
    }

    #[test]
    fn a_kind_the_handbook_does_not_word_is_still_shown() {
        let retake = task(TaskKind::PhotoRetake, "", &[]);
        assert_eq!(task_wording(&[], &retake, Language::En).title, "photo_retake");
    }

    #[test]
    fn every_kind_of_task_and_alert_has_its_wording() {
        let entries = entries();
        for kind in TaskKind::ALL {
            assert!(find(&entries, HandbookList::TaskKind, kind.as_str()).is_some(), "{kind:?}");
        }
        for kind in AlertKind::ALL {
            assert!(find(&entries, HandbookList::AlertKind, kind.as_str()).is_some(), "{kind:?}");
        }
    }
}
