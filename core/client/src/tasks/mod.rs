//! Tasks of the person who is signed in: what has to be done by when, closing one by word, raising one.
//!
//! A task that asks for a photo is closed by the retake, not here; the rules say so.

#[cfg(test)]
mod tests;
mod view;

use rusqlite::named_params;
use storewalk_domain::{
    ids::{OutletId, TaskId, VisitId},
    sync::{CloseTask, RaiseTask},
    task::Task,
    time::BusinessDate,
};
use storewalk_sqlite::{id_blob, select};

pub use view::TaskView;
pub(crate) use view::{TaskShelf, task_views};

use crate::{Attempt, ClientError, Phone};

impl Phone {
    /// Tasks.
    pub fn tasks(&self) -> Tasks<'_> {
        Tasks::of(self)
    }
}

/// Tasks.
pub struct Tasks<'p> {
    phone: &'p Phone,
}

impl<'p> Tasks<'p> {
    pub(crate) fn of(phone: &'p Phone) -> Self {
        Self { phone }
    }

    /// The open tasks of the person who is signed in, those due first at the top.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn mine(&self) -> Result<Vec<TaskView>, ClientError> {
        let (actor, now) = (self.phone.actor()?, self.phone.now().trusted());
        self.phone.read(|connection| {
            let tail = "WHERE owner_id = :owner AND status = 'open' ORDER BY due_on, raised_at, id";
            let tasks: Vec<Task> = select(connection, tail, named_params! { ":owner": id_blob(actor.user_id.row()) })?;
            task_views(connection, tasks, now)
        })
    }

    /// Closes a task by the owner's word.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be written.
    pub fn close(&self, task_id: TaskId) -> Result<Attempt<()>, ClientError> {
        Ok(Attempt::from(self.phone.record(CloseTask { task_id })?).map(|_| ()))
    }

    /// Raises a task at an outlet.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be written.
    pub fn raise(
        &self,
        outlet_id: OutletId,
        visit_id: Option<VisitId>,
        note: &str,
        due_on: BusinessDate,
    ) -> Result<Attempt<TaskId>, ClientError> {
        let task_id = TaskId(self.phone.new_id());
        let command = RaiseTask { task_id, outlet_id, visit_id, note: note.to_owned(), due_on };
        Ok(Attempt::from(self.phone.record(command)?).map(|_| task_id))
    }
}
