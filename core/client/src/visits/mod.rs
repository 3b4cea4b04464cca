//! A visit on the phone: the brief before the door, the eleven steps, the check-out, the report of the day.
//!
//! **Invariants.** Every answer is a command on disk before it shows; killing the app loses at most the keystroke in
//! flight, and [`Visits::open`] finds the visit again. What may be done is decided by the shared rules, never here.

mod brief;
mod handbook;
mod outlet;
mod question;
mod report;
mod sheet;
#[cfg(test)]
mod tests;
mod view;

use storewalk_domain::{
    checklist::{AnswerKey, AnswerValue, ChecklistTemplate},
    geo::{FenceVerdict, Fix},
    ids::{CallPlanId, OutletId, TemplateId, VisitId},
    outlet::Outlet,
    problem::{Problem, ProblemCode},
    sync::{
        AssessGoals, BeginStep, ChooseGoals, Command, FinishVisit, RecordAnswer, SettleDuplicate, StartVisit, StateExt,
    },
    time::{BusinessDate, Timestamp},
    visit::{DayReport, Visit},
};
use storewalk_sqlite::{SqliteState, id_blob, select};

pub use brief::{LastVisitView, MustStockView, VisitBrief};
pub(crate) use handbook::Handbook;
pub use outlet::OutletView;
pub use question::{PriceFindingView, PriceLight, QuestionView, ReasonView, SectionView};
pub use view::{CheckInView, FinishedVisit, GoalView, StartedVisit, StepView, VisitView, ZoneView};

use crate::{Attempt, ClientError, Phone, plan::plan_due_at};

/// How beginning a visit ended.
pub type StartResult = Attempt<StartedVisit>;

impl Phone {
    /// Visits.
    pub fn visits(&self) -> Visits<'_> {
        Visits { phone: self }
    }
}

/// Visits.
pub struct Visits<'p> {
    phone: &'p Phone,
}

impl Visits<'_> {
    /// What to know before entering an outlet.
    ///
    /// # Errors
    /// When there is no such outlet or the database cannot be read.
    pub fn brief(&self, outlet_id: OutletId) -> Result<VisitBrief, ClientError> {
        let now = self.phone.now().trusted();
        self.phone.read(|connection| brief::load(connection, outlet_id, now))
    }

    /// Arrives at an outlet. The checklist is the newest that is valid now; the plan is today's, where there is one.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn start(&self, outlet_id: OutletId, fix: Option<Fix>) -> Result<StartResult, ClientError> {
        let now = self.phone.now().trusted();
        let (template_id, plan_id) = match self.phone.read(|connection| preparation(connection, outlet_id, now))? {
            Ok(found) => found,
            Err(problem) => return Ok(Attempt::refused(&problem)),
        };
        let visit_id = VisitId(self.phone.new_id());
        let command = StartVisit { visit_id, outlet_id, plan_id, template_id, fix };
        match self.done(command)? {
            Attempt::Refused(problems) => Ok(Attempt::Refused(problems)),
            Attempt::Done(()) => {
                let visit = self.row(visit_id)?;
                let check_in = visit.check_in.as_ref();
                Ok(Attempt::Done(StartedVisit {
                    visit_id,
                    is_planned: visit.plan_id.is_some(),
                    distance_m: check_in.and_then(|check_in| check_in.distance_m),
                    verdict: check_in.map_or(FenceVerdict::Unverified, |check_in| check_in.verdict),
                }))
            }
        }
    }

    /// The visit that is under way, if one is.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn open(&self) -> Result<Option<VisitView>, ClientError> {
        let (actor, policies) = (self.phone.actor()?, self.phone.policies()?);
        let shown = self.phone.shown();
        self.phone.read(|connection| {
            let params = rusqlite::named_params! { ":rep": id_blob(actor.user_id.row()) };
            let tail = "WHERE rep_id = :rep AND status = 'in_progress' ORDER BY id DESC LIMIT 1";
            let found: Vec<Visit> = select(connection, tail, params)?;
            found.into_iter().next().map(|visit| sheet::view(connection, visit, &policies, &shown)).transpose()
        })
    }

    /// A visit with its steps, questions, photos, what is missing and what it would score.
    ///
    /// # Errors
    /// When there is no such visit, nobody is signed in or the database cannot be read.
    pub fn view(&self, visit_id: VisitId) -> Result<VisitView, ClientError> {
        let (visit, policies) = (self.row(visit_id)?, self.phone.policies()?);
        let shown = self.phone.shown();
        self.phone.read(|connection| sheet::view(connection, visit, &policies, &shown))
    }

    /// Chooses the goals of the visit (one to three), or changes the choice.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn choose_goals(&self, visit_id: VisitId, goals: &[&str]) -> Result<Attempt<()>, ClientError> {
        self.done(ChooseGoals { visit_id, goals: owned(goals) })
    }

    /// Notes that a step was begun.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn begin_step(&self, visit_id: VisitId, step: u8) -> Result<Attempt<()>, ClientError> {
        self.done(BeginStep { visit_id, step })
    }

    /// Answers a question, or answers it anew; `reason` explains a "no" where the question asks for it.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn answer(
        &self,
        visit_id: VisitId,
        key: &AnswerKey,
        value: AnswerValue,
        reason: Option<&str>,
    ) -> Result<Attempt<()>, ClientError> {
        let reason = reason.map(str::to_owned);
        let (item, instance) = (key.item.clone(), key.instance.clone());
        self.done(RecordAnswer { visit_id, item, instance, value, reason })
    }

    /// Says which of the chosen goals were reached.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn assess_goals(&self, visit_id: VisitId, attained: &[&str]) -> Result<Attempt<()>, ClientError> {
        self.done(AssessGoals { visit_id, attained: owned(attained) })
    }

    /// Leaves the outlet. Refused with everything that is missing while the visit is not complete.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn finish(&self, visit_id: VisitId, fix: Option<Fix>) -> Result<Attempt<FinishedVisit>, ClientError> {
        match self.done(FinishVisit { visit_id, fix })? {
            Attempt::Refused(problems) => Ok(Attempt::Refused(problems)),
            Attempt::Done(()) => {
                let now = self.phone.now().trusted();
                self.phone.read(|connection| view::finished(connection, visit_id, now)).map(Attempt::Done)
            }
        }
    }

    /// Chooses which of several visits to one planned call counts; [`VisitView::same_call`] names the others.
    ///
    /// # Errors
    /// When nobody is signed in or the storage fails.
    pub fn settle_duplicate(&self, keep: VisitId) -> Result<Attempt<()>, ClientError> {
        self.done(SettleDuplicate { keep })
    }

    /// The report of a day of the person who is signed in.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn day_report(&self, date: BusinessDate) -> Result<DayReport, ClientError> {
        let actor = self.phone.actor()?;
        self.phone.read(|connection| report::load(connection, &actor, date))
    }

    fn done(&self, command: impl Into<Command>) -> Result<Attempt<()>, ClientError> {
        Ok(Attempt::from(self.phone.record(command)?).map(|_| ()))
    }

    fn row(&self, id: VisitId) -> Result<Visit, ClientError> {
        let found: Option<Visit> = self.phone.read(|connection| Ok(SqliteState(connection).get(id.row())?))?;
        found.ok_or(ClientError::NotFound { what: "visit" })
    }
}

/// The checklist and the plan of a visit that begins now.
fn preparation(
    connection: &rusqlite::Connection,
    outlet_id: OutletId,
    now: Timestamp,
) -> Result<Result<(TemplateId, Option<CallPlanId>), Problem>, ClientError> {
    let outlet: Option<Outlet> = SqliteState(connection).get(outlet_id.row())?;
    let Some(outlet) = outlet else { return Ok(Err(Problem::new(ProblemCode::NotFound).at("outlet_id"))) };
    let params = rusqlite::named_params! { ":now": now.0 };
    let tail = "WHERE valid_from <= :now ORDER BY valid_from DESC, version DESC, id LIMIT 1";
    let templates: Vec<ChecklistTemplate> = select(connection, tail, params)?;
    let Some(template) = templates.into_iter().next() else {
        return Ok(Err(Problem::new(ProblemCode::NotFound).at("template_id")));
    };
    Ok(Ok((template.id, plan_due_at(connection, &outlet, now)?)))
}

fn owned(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}
