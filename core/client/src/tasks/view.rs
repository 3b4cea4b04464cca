//! A task as a person reads it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;
use storewalk_domain::{
    ids::{OutletId, PhotoId, TaskId, VisitId},
    outlet::Outlet,
    sync::StateExt,
    task::{Proof, Task, TaskStatus},
    text::Localized,
    time::{BusinessDate, Timestamp},
};
use storewalk_sqlite::SqliteState;

use crate::{ClientError, visits::Handbook};

/// Something to be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TaskView {
    /// Identity.
    pub id: TaskId,
    /// Where.
    pub outlet_id: OutletId,
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
    /// By when, in the outlet's calendar.
    pub due_on: BusinessDate,
    /// Whether that day is over.
    pub is_overdue: bool,
    /// Whether only a new photo closes it.
    pub needs_photo: bool,
    /// Whether it is still to be done.
    pub is_open: bool,
    /// The visit it came from.
    pub visit_id: Option<VisitId>,
    /// The photo it is about.
    pub photo_id: Option<PhotoId>,
    /// When it was raised.
    pub raised_at: Timestamp,
}

/// What the wording of tasks needs beside the tasks; outlets are read once each.
pub(crate) struct TaskShelf<'c> {
    state: SqliteState<'c>,
    handbook: Handbook,
    outlets: BTreeMap<OutletId, Option<Outlet>>,
    now: Timestamp,
}

impl<'c> TaskShelf<'c> {
    pub(crate) fn load(connection: &'c Connection, now: Timestamp) -> Result<Self, ClientError> {
        let handbook = Handbook::load(connection)?;
        Ok(Self { state: SqliteState(connection), handbook, outlets: BTreeMap::new(), now })
    }

    pub(crate) fn view(&mut self, task: Task) -> Result<TaskView, ClientError> {
        if !self.outlets.contains_key(&task.outlet_id) {
            let outlet = self.state.get(task.outlet_id.row())?;
            self.outlets.insert(task.outlet_id, outlet);
        }
        let outlet = self.outlets.get(&task.outlet_id).and_then(Option::as_ref);
        let (title, detail) = self.handbook.task_wording(&task);
        let is_open = task.status == TaskStatus::Open;
        Ok(TaskView {
            id: task.id,
            outlet_id: task.outlet_id,
            outlet_code: outlet.map(|outlet| outlet.code.clone()).unwrap_or_default(),
            outlet_name: outlet.map(|outlet| outlet.name.clone()).unwrap_or_default(),
            kind: task.kind.as_str().to_owned(),
            title,
            detail,
            is_overdue: is_open && outlet.is_some_and(|outlet| task.due_on < self.now.date_in(outlet.zone)),
            note: task.note,
            due_on: task.due_on,
            needs_photo: task.proof == Proof::Photo,
            is_open,
            visit_id: task.visit_id,
            photo_id: task.photo_id,
            raised_at: task.raised_at,
        })
    }
}

/// Tasks as a person reads them, in the order given.
pub(crate) fn task_views(
    connection: &Connection,
    tasks: Vec<Task>,
    now: Timestamp,
) -> Result<Vec<TaskView>, ClientError> {
    let mut shelf = TaskShelf::load(connection, now)?;
    tasks.into_iter().map(|task| shelf.view(task)).collect()
}
