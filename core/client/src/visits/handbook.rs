//! The field handbook as the phone holds it.

use rusqlite::Connection;
use storewalk_domain::{
    handbook::{self, HandbookEntry, HandbookList},
    task::Task,
    text::{Language, Localized},
};
use storewalk_sqlite::{SqliteError, select};

use super::ReasonView;

/// The entries in list order.
pub(crate) struct Handbook(Vec<HandbookEntry>);

impl Handbook {
    /// The organisation's handbook; the shipped one until the first sync has brought it.
    pub(crate) fn load(connection: &Connection) -> Result<Self, SqliteError> {
        let entries: Vec<HandbookEntry> = select(connection, "ORDER BY list, position, id", [])?;
        Ok(Self(if entries.is_empty() { handbook::entries() } else { entries }))
    }

    /// All entries.
    pub(crate) fn entries(&self) -> &[HandbookEntry] {
        &self.0
    }

    /// The entries of a list, in order.
    pub(crate) fn list(&self, list: HandbookList) -> impl Iterator<Item = &HandbookEntry> {
        self.0.iter().filter(move |entry| entry.list == list)
    }

    /// The entries of a list as reasons to choose from.
    pub(crate) fn reasons(&self, list: HandbookList) -> Vec<ReasonView> {
        self.list(list).map(|entry| ReasonView { code: entry.code.clone(), text: entry.text.clone() }).collect()
    }

    /// The wording of a code; the code itself when the handbook does not know it.
    pub(crate) fn text(&self, list: HandbookList, code: &str) -> Localized {
        both(|language| handbook::label(&self.0, list, code, language))
    }

    /// Title and detail of a task.
    pub(crate) fn task_wording(&self, task: &Task) -> (Localized, Localized) {
        let of = |language| handbook::task_wording(&self.0, task, language);
        let (zh, en) = (of(Language::ZhHans), of(Language::En));
        (Localized::new(zh.title, en.title), Localized::new(zh.detail, en.detail))
    }
}

/// A text from its two versions.
fn both(of: impl Fn(Language) -> String) -> Localized {
    Localized::new(of(Language::ZhHans), of(Language::En))
}
