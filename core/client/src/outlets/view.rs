//! A profile as a person reads it.

use rusqlite::Connection;
use serde::Serialize;
use storewalk_domain::{
    ids::OutletId,
    outlet::{FieldName, Outlet, Person, ProfileField},
    sync::StateExt,
    text::Localized,
    time::Timestamp,
};
use storewalk_sqlite::SqliteState;

use crate::ClientError;

/// The profile of an outlet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProfileView {
    /// The outlet.
    pub outlet_id: OutletId,
    /// Its code.
    pub code: String,
    /// Every field, in the order of the screen.
    pub fields: Vec<FieldView>,
}

/// One field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FieldView {
    /// The field.
    pub field: FieldName,
    /// What people call it.
    pub label: Localized,
    /// The value; empty for none.
    pub value: String,
    /// The values that contradict each other and wait for a supervisor; empty for nearly every field.
    pub contenders: Vec<ContenderView>,
}

/// A value that was given for a contested field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ContenderView {
    /// The value; empty for none.
    pub value: String,
    /// Whether it is the one that is shown for the time being.
    pub is_shown: bool,
    /// Who gave it, as far as the phone knows their names; empty for the value that stood before.
    pub given_by: Vec<String>,
    /// When it was given last, by the best estimate.
    pub given_at: Option<Timestamp>,
    /// The same, by the device's clock.
    pub device_at: Option<Timestamp>,
}

pub(super) fn profile(connection: &Connection, outlet_id: OutletId) -> Result<ProfileView, ClientError> {
    let state = SqliteState(connection);
    let outlet: Outlet = state.get(outlet_id.row())?.ok_or(ClientError::NotFound { what: "outlet" })?;
    let rows = super::fields_of(connection, outlet_id)?;
    let view = |field: &FieldName| {
        let row = rows.iter().find(|row| row.field == *field && row.is_contested);
        Ok(FieldView {
            field: *field,
            label: field.label(),
            value: field.read(&outlet),
            contenders: row.map(|row| contenders(state, row)).transpose()?.unwrap_or_default(),
        })
    };
    let fields = FieldName::ALL.iter().map(view).collect::<Result<_, ClientError>>()?;
    Ok(ProfileView { outlet_id, code: outlet.code, fields })
}

fn contenders(state: SqliteState<'_>, row: &ProfileField) -> Result<Vec<ContenderView>, ClientError> {
    let mut views = Vec::new();
    for (value, edits) in row.contenders() {
        let mut given_by = Vec::new();
        for edit in &edits {
            let person: Option<Person> = state.get(edit.by.row())?;
            given_by.extend(person.map(|person| person.name).filter(|name| !given_by.contains(name)));
        }
        let last = edits.last();
        views.push(ContenderView {
            is_shown: value == row.shown,
            value,
            given_by,
            given_at: last.map(|edit| edit.at),
            device_at: last.map(|edit| edit.clocks.device_at),
        });
    }
    Ok(views)
}
