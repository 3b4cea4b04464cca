//! The visit itself.
//!
//! States: `in_progress` → `completed`; or `skipped`, with a reason, without ever having begun.

use serde::{Deserialize, Serialize};

use crate::{
    geo::{FenceVerdict, Fix},
    ids::{CallPlanId, CountyId, OutletId, TemplateId, TerritoryId, UserId, VisitId},
    outlet::HandoverLabel,
    score::StoreScore,
    time::{BusinessDate, Timestamp},
    trusted::TrustedSpan,
};

/// How far a visit has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum VisitStatus {
    /// The rep is in the outlet.
    InProgress,
    /// Checked out.
    Completed,
    /// Planned, and left out for a reason.
    Skipped,
}

/// One call at one outlet.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Visit {
    /// Identity, minted on the phone.
    pub id: VisitId,
    /// Where.
    pub outlet_id: OutletId,
    /// The outlet's county at check-in.
    pub county_id: CountyId,
    /// Whose phone holds it; the outlet's territory.
    pub territory_id: TerritoryId,
    /// Who visits.
    pub rep_id: UserId,
    /// The outlet's calendar date of the check-in.
    pub visited_on: BusinessDate,
    /// The plan it fulfils; `None` for an unplanned visit.
    pub plan_id: Option<CallPlanId>,
    /// The checklist version it keeps to its end.
    pub template_id: Option<TemplateId>,
    /// State.
    pub status: VisitStatus,
    /// Arrival; `None` for a skipped visit.
    pub check_in: Option<CheckIn>,
    /// Departure.
    pub check_out: Option<CheckOut>,
    /// Goals chosen at step 1, ticked at step 11.
    pub goals: Vec<Goal>,
    /// When each step was begun.
    pub steps: Vec<StepMark>,
    /// Why it was skipped, by handbook code.
    pub skip_reason: Option<String>,
    /// Figures as of check-out, kept up to date by later verdicts.
    pub summary: Option<Summary>,
    /// Whether it was made by a rep to whom the outlet no longer belonged, and who is credited; `None` as a rule.
    #[serde(default)]
    pub handover: Option<HandoverLabel>,
    /// The other visits to the same planned call from other devices; `None` while none is known.
    #[serde(default)]
    pub duplicate: Option<Duplicate>,
    /// What was out of the ordinary; `None` when nothing was.
    #[serde(default)]
    pub remarks: Option<Remarks>,
}

impl Visit {
    /// Whose figures the visit counts in.
    pub fn credited_to(&self) -> UserId {
        self.handover.map_or(self.rep_id, |handover| handover.credited_to)
    }

    /// Whether another visit counts in its place: figures pass over it, everything captured in it stays.
    pub fn is_duplicate(&self) -> bool {
        self.duplicate.as_ref().is_some_and(|duplicate| duplicate.of.is_some())
    }
}

/// Where a visit stands among those to the same planned call from several devices of a rep.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Duplicate {
    /// The visit that counts in its place; `None` for the one that counts.
    pub of: Option<VisitId>,
    /// Who chose; `None` while the rule has chosen: the first check-in counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<UserId>,
    /// When it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
}

/// What a reviewer should know about a visit: it was taken in all the same.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Remarks {
    /// It came on a checklist that had been replaced for longer than the organisation waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_form: Option<LateForm>,
    /// What the server found missing at check-out, as `item`, `item[instance]` or a photo zone: the phone was not asked
    /// for it, or did not ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
}

/// A checklist that was out of date when the visit arrived.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LateForm {
    /// The version the visit was made on.
    pub version: u32,
    /// The version that had taken its place.
    pub replaced_by: u32,
    /// Since when.
    pub replaced_at: Timestamp,
}

/// Arrival.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct CheckIn {
    /// Best estimate of the time.
    pub at: Timestamp,
    /// What the phone's clock said.
    pub device_at: Timestamp,
    /// The satellite fix; `None` when there was none.
    pub fix: Option<Fix>,
    /// Distance from the outlet in metres; `None` when it cannot be said.
    pub distance_m: Option<f64>,
    /// What that says.
    pub verdict: FenceVerdict,
    /// Between which instants it really was; `None` in visits of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<TrustedSpan>,
    /// The number of the device; `None` in visits of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<u32>,
}

/// Departure.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct CheckOut {
    /// Best estimate of the time.
    pub at: Timestamp,
    /// What the phone's clock said.
    pub device_at: Timestamp,
    /// The satellite fix; `None` when there was none.
    pub fix: Option<Fix>,
    /// Between which instants it really was; `None` in visits of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<TrustedSpan>,
}

/// A goal of the visit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Goal {
    /// Handbook code.
    pub code: String,
    /// Whether it was reached; `None` until step 11.
    pub is_attained: Option<bool>,
}

/// When a step was begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StepMark {
    /// 1 to 11.
    pub step: u8,
    /// Best estimate of the time.
    pub at: Timestamp,
}

/// What came out of a visit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// Must-stock products found on the shelf.
    pub on_shelf: u32,
    /// Must-stock products that apply to the outlet.
    pub must_stock: u32,
    /// The store score with its explanation.
    pub score: StoreScore,
    /// Photos taken, replaced ones not counted.
    pub photos: u32,
    /// Tasks raised.
    pub tasks_raised: u32,
    /// Minutes between check-in and check-out.
    pub minutes: i64,
}
