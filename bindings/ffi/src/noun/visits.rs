//! Calls at outlets: the brief before the door, arriving, goals, leaving, the report of the day.

use storewalk_domain::geo::Fix;

use super::part;
use crate::{Attempt, Brief, CoreError, DayReport, FinishAttempt, StartAttempt, Topic, Visit, argument};

part! {
    /// Calls at outlets.
    Visits
}

/// What a visit changes.
const TOPICS: &[Topic] = &[Topic::Visits, Topic::Plan, Topic::Sync];

#[uniffi::export]
impl Visits {
    /// What to know before entering an outlet.
    pub async fn brief(&self, outlet_id: String) -> Result<Brief, CoreError> {
        let outlet_id = argument::id(&outlet_id, "outlet_id")?;
        self.core.read(move |phone| phone.visits().brief(outlet_id)).await
    }

    /// Arrives at an outlet; where no fix is given, the host is asked.
    #[uniffi::method(default(fix = None))]
    pub async fn start(&self, outlet_id: String, fix: Option<Fix>) -> Result<StartAttempt, CoreError> {
        let (outlet_id, fix) = (argument::id(&outlet_id, "outlet_id")?, argument::fix(fix)?);
        let platform = self.core.platform.clone();
        self.core.change(TOPICS, move |phone| phone.visits().start(outlet_id, platform.whereabouts(fix))).await
    }

    /// The visit that is under way, if one is.
    pub async fn open(&self) -> Result<Option<Visit>, CoreError> {
        self.core.maybe(|phone| phone.visits().open()).await
    }

    /// A visit with everything its screens show.
    pub async fn view(&self, visit_id: String) -> Result<Visit, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        self.core.read(move |phone| phone.visits().view(visit_id)).await
    }

    /// Chooses one to three goals by code, or changes the choice.
    pub async fn choose_goals(&self, visit_id: String, goals: Vec<String>) -> Result<Attempt, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        self.core.change(TOPICS, move |phone| phone.visits().choose_goals(visit_id, &borrowed(&goals))).await
    }

    /// Says which of the chosen goals were reached.
    pub async fn assess_goals(&self, visit_id: String, attained: Vec<String>) -> Result<Attempt, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        self.core.change(TOPICS, move |phone| phone.visits().assess_goals(visit_id, &borrowed(&attained))).await
    }

    /// Leaves the outlet; where no fix is given, the host is asked. Refused with everything that is missing.
    #[uniffi::method(default(fix = None))]
    pub async fn finish(&self, visit_id: String, fix: Option<Fix>) -> Result<FinishAttempt, CoreError> {
        let (visit_id, fix) = (argument::id(&visit_id, "visit_id")?, argument::fix(fix)?);
        let platform = self.core.platform.clone();
        let topics = &[Topic::Visits, Topic::Plan, Topic::Tasks, Topic::Sync];
        self.core.change(topics, move |phone| phone.visits().finish(visit_id, platform.whereabouts(fix))).await
    }

    /// Chooses which of several visits to one planned call counts.
    pub async fn settle_duplicate(&self, keep: String) -> Result<Attempt, CoreError> {
        let keep = argument::id(&keep, "keep")?;
        self.core.change(TOPICS, move |phone| phone.visits().settle_duplicate(keep)).await
    }

    /// The report of a day, `YYYY-MM-DD`, of the person who is signed in.
    pub async fn day_report(&self, date: String) -> Result<DayReport, CoreError> {
        let date = argument::date(&date, "date")?;
        self.core.read(move |phone| phone.visits().day_report(date)).await
    }
}

fn borrowed(codes: &[String]) -> Vec<&str> {
    codes.iter().map(String::as_str).collect()
}
