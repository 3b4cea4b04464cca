//! The task and the alert themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AlertId, CountyId, OutletId, PhotoId, TaskId, TerritoryId, UserId, VisitId},
    time::{BusinessDate, Timestamp},
};

/// What a task is about; its wording is in the handbook.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Must-stock products are missing.
    AssortmentGap,
    /// A shelf price is below the minimum.
    PriceBelowMinimum,
    /// A shelf price is far above the suggested one.
    PriceFarAbove,
    /// A rejected photo is to be taken again.
    PhotoRetake,
    /// Something was found broken or left open; carried to the next visit.
    OpenPoint,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::AssortmentGap, Self::PriceBelowMinimum, Self::PriceFarAbove, Self::PhotoRetake, Self::OpenPoint];

    /// The name used in JSON, SQL and the handbook.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AssortmentGap => "assortment_gap",
            Self::PriceBelowMinimum => "price_below_minimum",
            Self::PriceFarAbove => "price_far_above",
            Self::PhotoRetake => "photo_retake",
            Self::OpenPoint => "open_point",
        }
    }
}

/// State of a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// To be done.
    Open,
    /// Done.
    Done,
    /// No longer needed.
    Cancelled,
}

/// What closes a task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The owner's word.
    Word,
    /// A new photo.
    Photo,
}

/// Something somebody has to do by a date.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Identity.
    pub id: TaskId,
    /// Where.
    pub outlet_id: OutletId,
    /// Whose phone holds it; the outlet's territory.
    pub territory_id: TerritoryId,
    /// What it is about.
    pub kind: TaskKind,
    /// Figures and names for its wording.
    pub params: BTreeMap<String, String>,
    /// What a person wrote; may be empty.
    pub note: String,
    /// Who has to do it.
    pub owner_id: UserId,
    /// The visit it came from.
    pub visit_id: Option<VisitId>,
    /// The photo it is about.
    pub photo_id: Option<PhotoId>,
    /// By when.
    pub due_on: BusinessDate,
    /// What closes it.
    pub proof: Proof,
    /// State.
    pub status: TaskStatus,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// What an alert is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Shelf prices of one product differ a lot within a county.
    PriceSpread,
}

impl AlertKind {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::PriceSpread];

    /// The name used in JSON, SQL and the handbook.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PriceSpread => "price_spread",
        }
    }
}

/// Something a supervisor should look at. It travels to supervisors only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// Identity.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// The region it concerns, by code; also names its bucket.
    pub region_code: String,
    /// The county it concerns.
    pub county_id: CountyId,
    /// Figures and names for its wording.
    pub params: BTreeMap<String, String>,
    /// When it was raised.
    pub raised_at: Timestamp,
}
