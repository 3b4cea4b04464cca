//! Tasks.

use storewalk_client::TaskView;
use storewalk_domain::text::Localized;

use super::text;

/// Something to be done.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct FieldTask {
    /// Identity.
    pub id: String,
    /// Where.
    pub outlet_id: String,
    /// The outlet's code.
    pub outlet_code: String,
    /// The outlet's name.
    pub outlet_name: String,
    /// What it is about, by code.
    pub kind: String,
    /// A few words.
    pub title: Localized,
    /// A sentence with the figures; may be empty.
    pub detail: Localized,
    /// What a person wrote; may be empty.
    pub note: String,
    /// By when, in the outlet's calendar, `YYYY-MM-DD`.
    pub due_on: String,
    /// Whether that day is over.
    pub is_overdue: bool,
    /// Whether only a new photo closes it.
    pub needs_photo: bool,
    /// Whether it is still to be done.
    pub is_open: bool,
    /// The visit it came from.
    pub visit_id: Option<String>,
    /// The photo it is about.
    pub photo_id: Option<String>,
    /// When it was raised.
    pub raised_at_ms: i64,
}

impl From<TaskView> for FieldTask {
    fn from(view: TaskView) -> Self {
        Self {
            id: view.id.to_string(),
            outlet_id: view.outlet_id.to_string(),
            outlet_code: view.outlet_code,
            outlet_name: view.outlet_name,
            kind: view.kind,
            title: view.title,
            detail: view.detail,
            note: view.note,
            due_on: view.due_on.to_string(),
            is_overdue: view.is_overdue,
            needs_photo: view.needs_photo,
            is_open: view.is_open,
            visit_id: text(view.visit_id),
            photo_id: text(view.photo_id),
            raised_at_ms: view.raised_at.0,
        }
    }
}
