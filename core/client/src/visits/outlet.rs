//! An outlet as a person reads it.

use serde::Serialize;
use storewalk_domain::{
    geo::Position,
    ids::OutletId,
    outlet::{County, Outlet, OutletClass},
    sync::StateExt,
    text::Localized,
};
use storewalk_sqlite::SqliteState;

use crate::{ClientError, plan::is_handed_over};

/// Profile of an outlet.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OutletView {
    /// Identity.
    pub id: OutletId,
    /// Code.
    pub code: String,
    /// Name over the door.
    pub name: String,
    /// Class.
    pub class: OutletClass,
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
    /// Whether the outlet was handed over and is only still here for what is unsent or under way: nothing new is taken
    /// in.
    pub is_handed_over: bool,
}

impl OutletView {
    pub(super) fn of(state: SqliteState<'_>, outlet: &Outlet) -> Result<Self, ClientError> {
        let county: Option<County> = state.get(outlet.county_id.row())?;
        Ok(Self {
            id: outlet.id,
            code: outlet.code.clone(),
            name: outlet.name.clone(),
            class: outlet.class,
            county: county.map_or_else(|| Localized::same(""), |county| county.name),
            address: outlet.address.clone(),
            gln: outlet.gln.clone(),
            position: outlet.position,
            fence_m: outlet.fence_m,
            decision_maker: outlet.decision_maker.clone(),
            phone: outlet.phone.clone(),
            is_handed_over: is_handed_over(state.0, outlet.id)?,
        })
    }
}
