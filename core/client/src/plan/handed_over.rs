//! What this phone still holds of outlets that are no longer its person's.
//!
//! **States of an outlet.** Held by a bucket → handed over: every bucket has let it go, but work on it is unsent, or a
//! visit there is still under way → gone. While it is handed over it can be read, and what was begun can be finished;
//! nothing new is taken in there.

use rusqlite::{Connection, named_params};
use storewalk_domain::{
    ids::{OutletId, RowId},
    sync::{Find, Notice, Row, State, StateError, Sum, Table, Theirs, Totals},
};
use storewalk_sqlite::{SqliteState, id_blob};

use crate::ClientError;

/// The phone's rows, and what it knows of handovers.
pub(crate) struct PhoneState<'c>(pub(crate) &'c Connection);

impl State for PhoneState<'_> {
    fn load(&self, table: Table, id: RowId) -> Result<Option<Row>, StateError> {
        SqliteState(self.0).load(table, id)
    }

    fn find(&self, question: Find) -> Result<Vec<Row>, StateError> {
        SqliteState(self.0).find(question)
    }

    fn sum(&self, of: Sum) -> Result<Totals, StateError> {
        SqliteState(self.0).sum(of)
    }

    fn notice(&self, of: Theirs) -> Result<Notice, StateError> {
        match of {
            Theirs::Outlet(outlet) if is_handed_over(self.0, outlet).map_err(state_error)? => Ok(Notice::Aware),
            Theirs::Outlet(_) | Theirs::Dealer(_) => Ok(Notice::Never),
        }
    }
}

fn state_error(error: ClientError) -> StateError {
    StateError(Box::new(error))
}

/// Whether an outlet is handed over and only still here for what is unsent or under way. After a recovery, before the
/// first complete pull, nothing is known of that.
pub(crate) fn is_handed_over(connection: &Connection, outlet: OutletId) -> Result<bool, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM parted WHERE tbl = 'outlets' AND row_id = :id AND EXISTS (SELECT 1 FROM cursors)",
    )?;
    Ok(statement.exists(named_params! { ":id": id_blob(outlet.row()) })?)
}
