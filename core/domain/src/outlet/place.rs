//! Shops and where they lie.

use serde::{Deserialize, Serialize};

use crate::{
    geo::Position,
    ids::{CountyId, OutletId, TerritoryId},
    text::Localized,
    time::Zone,
};

/// A county (区县).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct County {
    /// Identity.
    pub id: CountyId,
    /// Short code, unique in the region.
    pub code: String,
    /// Name.
    pub name: Localized,
    /// The region it belongs to, by code.
    pub region_code: String,
}

/// The outlets one rep is responsible for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Territory {
    /// Identity; also names the bucket its rows travel in.
    pub id: TerritoryId,
    /// Short code.
    pub code: String,
    /// Name.
    pub name: Localized,
    /// The region it belongs to, by code.
    pub region_code: String,
}

/// How much an outlet matters; decides its must-stock list and how often it is visited.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
pub enum OutletClass {
    /// Most important.
    A,
    /// Middle.
    B,
    /// Township and small shops.
    C,
}

impl OutletClass {
    /// The letter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }

    /// The class of a letter, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::A, Self::B, Self::C].into_iter().find(|class| class.as_str().eq_ignore_ascii_case(name.trim()))
    }
}

/// A shop.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Outlet {
    /// Identity.
    pub id: OutletId,
    /// Code the organisation knows it by (`S0101`); the external key of imports.
    pub code: String,
    /// Name over the door.
    pub name: String,
    /// Class.
    pub class: OutletClass,
    /// County.
    pub county_id: CountyId,
    /// Territory; decides whose phone holds it.
    pub territory_id: TerritoryId,
    /// GS1 Global Location Number, check digit verified; `None` where the shop has none.
    pub gln: Option<String>,
    /// Postal address.
    pub address: String,
    /// Where it is; `None` until somebody has been there.
    pub position: Option<Position>,
    /// Radius in metres within which a check-in counts as verified.
    pub fence_m: u32,
    /// Who decides about purchases (`陈经理`); empty when unknown.
    pub decision_maker: String,
    /// Telephone; empty when unknown.
    pub phone: String,
    /// Time zone of its calendar.
    pub zone: Zone,
    /// Whether it is still visited.
    pub is_active: bool,
    /// When it is open, as people say it (`周一至周日 9:00-21:00`); `None` when unknown.
    #[serde(default)]
    pub opening_hours: Option<String>,
    /// Whom to ask for (`店员小周 138…`); `None` when unknown.
    #[serde(default)]
    pub contact: Option<String>,
}
