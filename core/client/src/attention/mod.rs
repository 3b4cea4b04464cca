//! What needs a person: refused commands, orders that wait, work that no longer fits, photos the server will not have,
//! a password that is asked for again, outlets that changed hands.
//!
//! **Invariants.** Every item says what happened and what to do next in both languages. Nothing leaves the list by
//! itself but what has settled itself; a refusal stays until a person has put it away, and the record of it stays
//! even then.

mod handovers;
mod problem;
mod queue;
#[cfg(test)]
mod tests;
mod view;
mod words;

use storewalk_domain::ids::RowId;
use storewalk_sqlite::id_blob;
use uuid::Uuid;

pub(crate) use problem::problem_views;
pub use problem::{Attempt, ProblemView};
pub(crate) use queue::subject;
pub use view::{AttentionKind, AttentionView};

use crate::{ClientError, Phone};

impl Phone {
    /// What needs a person.
    pub fn attention(&self) -> Attention<'_> {
        Attention { phone: self }
    }
}

/// What needs a person.
pub struct Attention<'p> {
    phone: &'p Phone,
}

impl Attention<'_> {
    /// Everything that needs a person, the most pressing at the top, of each kind the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn items(&self) -> Result<Vec<AttentionView>, ClientError> {
        let now = self.phone.now().trusted();
        self.phone.read(|connection| queue::items(connection, now))
    }

    /// Puts an item away that a person has read. What is still in the way keeps its place: a password that is needed,
    /// bytes that do not arrive, an order that waits.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn dismiss(&self, id: Uuid) -> Result<(), ClientError> {
        let now = self.phone.now().trusted();
        self.phone.write(|transaction| {
            let sql = "INSERT OR IGNORE INTO attention_dismissed (id, dismissed_at) VALUES (:id, :now)";
            transaction.execute(sql, rusqlite::named_params! { ":id": id_blob(RowId(id)), ":now": now.0 })?;
            Ok(())
        })
    }
}
