//! Tasks of the person who is signed in.

use super::part;
use crate::{Attempt, CoreError, FieldTask, IdAttempt, Topic, argument};

part! {
    /// Tasks.
    Tasks
}

const TOPICS: &[Topic] = &[Topic::Tasks, Topic::Plan, Topic::Sync];

#[uniffi::export]
impl Tasks {
    /// The open tasks, those due first at the top.
    pub async fn mine(&self) -> Result<Vec<FieldTask>, CoreError> {
        self.core.list(|phone| phone.tasks().mine()).await
    }

    /// Finishes a task by the owner's word. One that asks for a photo is finished by the retake instead.
    pub async fn finish(&self, task_id: String) -> Result<Attempt, CoreError> {
        let task_id = argument::id(&task_id, "task_id")?;
        self.core.change(TOPICS, move |phone| phone.tasks().close(task_id)).await
    }

    /// Raises a task at an outlet, due on a date, `YYYY-MM-DD`.
    #[uniffi::method(default(visit_id = None))]
    pub async fn raise(
        &self,
        outlet_id: String,
        note: String,
        due_on: String,
        visit_id: Option<String>,
    ) -> Result<IdAttempt, CoreError> {
        let (outlet_id, due_on) = (argument::id(&outlet_id, "outlet_id")?, argument::date(&due_on, "due_on")?);
        let visit_id = argument::maybe_id(visit_id.as_deref(), "visit_id")?;
        self.core.change(TOPICS, move |phone| phone.tasks().raise(outlet_id, visit_id, &note, due_on)).await
    }
}
