//! The profile of an outlet in a person's hand: read it, correct it, see where corrections contradict each other.

#[cfg(test)]
mod tests;
mod view;

use rusqlite::named_params;
use storewalk_domain::{
    ids::OutletId,
    outlet::{FieldName, Outlet, ProfileField},
    sync::{EditOutlet, FieldChange, SettleConflict, StateExt},
};
use storewalk_sqlite::{SqliteState, id_blob, select};

pub use view::{ContenderView, FieldView, ProfileView};

use crate::{Attempt, ClientError, Phone};

impl Phone {
    /// Profiles of outlets.
    pub fn outlets(&self) -> Outlets<'_> {
        Outlets { phone: self }
    }
}

/// Profiles of outlets.
pub struct Outlets<'p> {
    phone: &'p Phone,
}

impl Outlets<'_> {
    /// The profile of an outlet, every field with its value and, where corrections contradict, with theirs.
    ///
    /// # Errors
    /// When there is no such outlet or the database cannot be read.
    pub fn profile(&self, outlet_id: OutletId) -> Result<ProfileView, ClientError> {
        self.phone.read(|connection| view::profile(connection, outlet_id))
    }

    /// Corrects fields of a profile; a value is text, empty for none. What each field shows at this moment is taken for
    /// what the person saw.
    ///
    /// # Errors
    /// When nobody is signed in, there is no such outlet or the storage fails.
    pub fn edit(&self, outlet_id: OutletId, values: &[(FieldName, &str)]) -> Result<Attempt<ProfileView>, ClientError> {
        let recorded = self.phone.record_in(|transaction| {
            let outlet: Option<Outlet> = SqliteState(transaction).get(outlet_id.row())?;
            let outlet = outlet.ok_or(ClientError::NotFound { what: "outlet" })?;
            let change = |(field, to): &(FieldName, &str)| FieldChange {
                field: *field,
                from: field.read(&outlet),
                to: (*to).into(),
            };
            Ok(EditOutlet { outlet_id, changes: values.iter().map(change).collect() }.into())
        })?;
        self.shown(outlet_id, Attempt::from(recorded).map(|_| ()))
    }

    /// Decides which value of a field counts; for supervisors.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn settle(
        &self,
        outlet_id: OutletId,
        field: FieldName,
        value: &str,
    ) -> Result<Attempt<ProfileView>, ClientError> {
        let recorded = self.phone.record(SettleConflict { outlet_id, field, value: value.to_owned() })?;
        self.shown(outlet_id, Attempt::from(recorded).map(|_| ()))
    }

    /// The outlets of which a field is contested, by id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn contested(&self) -> Result<Vec<OutletId>, ClientError> {
        self.phone.read(|connection| {
            let rows: Vec<ProfileField> = select(connection, "WHERE is_contested = 1 ORDER BY outlet_id, id", [])?;
            let mut outlets: Vec<OutletId> = rows.into_iter().map(|row| row.outlet_id).collect();
            outlets.dedup();
            Ok(outlets)
        })
    }

    fn shown(&self, outlet_id: OutletId, attempt: Attempt<()>) -> Result<Attempt<ProfileView>, ClientError> {
        match attempt {
            Attempt::Done(()) => self.profile(outlet_id).map(Attempt::Done),
            Attempt::Refused(problems) => Ok(Attempt::Refused(problems)),
        }
    }
}

fn fields_of(connection: &rusqlite::Connection, outlet_id: OutletId) -> Result<Vec<ProfileField>, ClientError> {
    let params = named_params! { ":outlet": id_blob(outlet_id.row()) };
    Ok(select(connection, "WHERE outlet_id = :outlet ORDER BY id", params)?)
}
