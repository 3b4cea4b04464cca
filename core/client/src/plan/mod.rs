//! The plan of a day: which outlets are due, how far each call has come, and leaving one out for a reason.
//!
//! A day is a date of the outlet's calendar, reckoned from the trusted time, never from the phone's clock alone.

mod actor;
mod day;
mod handed_over;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod view;
#[cfg(test)]
#[path = "../../../../tests/src/world/mod.rs"]
#[expect(dead_code, unreachable_pub, unused_imports, reason = "shared with the demo, which uses more of it")]
pub(crate) mod world;

use storewalk_domain::{
    handbook::HandbookList,
    ids::{CallPlanId, VisitId},
    outlet::CallPlan,
    problem::{Problem, ProblemCode},
    sync::{SkipCall, StateExt},
    time::BusinessDate,
};
use storewalk_sqlite::SqliteState;

pub(crate) use day::plan_due_at;
pub(crate) use handed_over::{PhoneState, is_handed_over};
pub use view::{CallState, CallView, TodayView};

use crate::{Attempt, ClientError, Phone, ReasonView, visits::Handbook};
use day::Day;

impl Phone {
    /// The plan of a day.
    pub fn plan(&self) -> Plan<'_> {
        Plan::of(self)
    }
}

/// The plan of a day.
pub struct Plan<'p> {
    phone: &'p Phone,
}

impl<'p> Plan<'p> {
    pub(crate) fn of(phone: &'p Phone) -> Self {
        Self { phone }
    }

    /// The calls of today, each by the calendar of its outlet.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn today(&self) -> Result<TodayView, ClientError> {
        let (actor, now) = (self.phone.actor()?, self.phone.now().trusted());
        self.phone.read(|connection| Day::load(connection, &actor, |zone| now.date_in(zone)))
    }

    /// The calls of a date.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn on(&self, date: BusinessDate) -> Result<TodayView, ClientError> {
        let actor = self.phone.actor()?;
        self.phone.read(|connection| Day::load(connection, &actor, |_| date))
    }

    /// Leaves out a planned call, with a reason by handbook code.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be written.
    pub fn skip(&self, plan_id: CallPlanId, reason: &str) -> Result<Attempt<VisitId>, ClientError> {
        let plan: Option<CallPlan> = self.phone.read(|connection| Ok(SqliteState(connection).get(plan_id.row())?))?;
        let Some(plan) = plan else {
            return Ok(Attempt::refused(&Problem::new(ProblemCode::NotFound).at("plan_id")));
        };
        let visit_id = VisitId(self.phone.new_id());
        let command = SkipCall { visit_id, outlet_id: plan.outlet_id, plan_id, reason: reason.to_owned() };
        Ok(Attempt::from(self.phone.record(command)?).map(|_| visit_id))
    }

    /// The reasons for leaving a call out, in the handbook's order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn skip_reasons(&self) -> Result<Vec<ReasonView>, ClientError> {
        self.phone.read(|connection| Ok(Handbook::load(connection)?.reasons(HandbookList::SkipReason)))
    }
}
