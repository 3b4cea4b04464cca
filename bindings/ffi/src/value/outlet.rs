//! Outlets and their profiles.

use storewalk_client::{ContenderView, FieldView, OutletView, ProfileView};
use storewalk_domain::{
    geo::Position,
    outlet::{FieldName, OutletClass},
    text::Localized,
};

use super::{all, ms};

/// An outlet as a visit shows it.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct Outlet {
    /// Identity.
    pub id: String,
    /// Code.
    pub code: String,
    /// Name over the door.
    pub name: String,
    /// Class.
    pub outlet_class: OutletClass,
    /// County; empty when the phone does not know it.
    pub county: Localized,
    /// Postal address.
    pub address: String,
    /// GS1 Global Location Number.
    pub gln: Option<String>,
    /// Where it is.
    pub position: Option<Position>,
    /// Radius in metres within which a check-in counts as verified.
    pub fence_m: u32,
    /// Who decides about purchases; empty when unknown.
    pub decision_maker: String,
    /// Telephone; empty when unknown.
    pub phone: String,
    /// Whether it was handed over: nothing new is taken in.
    pub is_handed_over: bool,
}

impl From<OutletView> for Outlet {
    fn from(view: OutletView) -> Self {
        Self {
            id: view.id.to_string(),
            code: view.code,
            name: view.name,
            outlet_class: view.class,
            county: view.county,
            address: view.address,
            gln: view.gln,
            position: view.position,
            fence_m: view.fence_m,
            decision_maker: view.decision_maker,
            phone: view.phone,
            is_handed_over: view.is_handed_over,
        }
    }
}

/// The profile of an outlet.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Profile {
    /// The outlet.
    pub outlet_id: String,
    /// Its code.
    pub code: String,
    /// Every field, in the order of the screen.
    pub fields: Vec<ProfileField>,
}

/// One field of a profile.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct ProfileField {
    /// The field.
    pub field: FieldName,
    /// What people call it.
    pub label: Localized,
    /// The value; empty for none.
    pub value: String,
    /// The values that contradict each other and wait for a supervisor; empty for nearly every field.
    pub contenders: Vec<Contender>,
}

/// A value that was given for a contested field.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Contender {
    /// The value; empty for none.
    pub value: String,
    /// Whether it is the one that is shown for the time being.
    pub is_shown: bool,
    /// Who gave it, as far as the phone knows their names.
    pub given_by: Vec<String>,
    /// When it was given last, by the best estimate.
    pub given_at_ms: Option<i64>,
    /// The same, by the device's clock.
    pub device_at_ms: Option<i64>,
}

/// A field and the value it should have.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Correction {
    /// The field.
    pub field: FieldName,
    /// The value; empty for none.
    pub value: String,
}

impl From<ProfileView> for Profile {
    fn from(view: ProfileView) -> Self {
        Self { outlet_id: view.outlet_id.to_string(), code: view.code, fields: all(view.fields) }
    }
}

impl From<FieldView> for ProfileField {
    fn from(view: FieldView) -> Self {
        Self { field: view.field, label: view.label, value: view.value, contenders: all(view.contenders) }
    }
}

impl From<ContenderView> for Contender {
    fn from(view: ContenderView) -> Self {
        Self {
            value: view.value,
            is_shown: view.is_shown,
            given_by: view.given_by,
            given_at_ms: ms(view.given_at),
            device_at_ms: ms(view.device_at),
        }
    }
}
