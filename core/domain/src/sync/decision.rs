//! What a decision says.

use crate::{
    ids::RowId,
    problem::Problem,
    sync::{Row, Table},
};

/// One effect on one row.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// The row is now this.
    Put(Box<Row>),
    /// The row is gone.
    Remove {
        /// Its table.
        table: Table,
        /// Its identity.
        id: RowId,
    },
}

impl Change {
    /// The row is now this.
    pub fn put(row: impl Into<Row>) -> Self {
        Self::Put(Box::new(row.into()))
    }
}

/// How an accepted command ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// As meant.
    Applied,
    /// Taken in, and waiting; why.
    Held(Problem),
    /// Taken in, but not as meant; what differs.
    Changed(Problem),
}

/// What an accepted command does.
#[derive(Clone, PartialEq, Debug)]
pub struct Effects {
    /// Changes in the order they must be made.
    pub changes: Vec<Change>,
    /// How it ended.
    pub outcome: Outcome,
}

/// The answer to a command.
#[derive(Clone, PartialEq, Debug)]
pub enum Decision {
    /// It may be done, and this follows.
    Accepted(Effects),
    /// It may not; why. Never empty.
    Refused(Vec<Problem>),
}

impl Decision {
    /// Accepted as meant, with these changes.
    pub fn applied(changes: Vec<Change>) -> Self {
        Self::Accepted(Effects { changes, outcome: Outcome::Applied })
    }

    /// Refused for one reason.
    pub fn refused(problem: Problem) -> Self {
        Self::Refused(vec![problem])
    }
}
