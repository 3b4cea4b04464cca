//! The plan of a day.

use super::part;
use crate::{CoreError, IdAttempt, Reason, Today, Topic, argument};

part! {
    /// The plan of a day.
    Plan
}

#[uniffi::export]
impl Plan {
    /// The calls of today, each by the calendar of its outlet.
    pub async fn today(&self) -> Result<Today, CoreError> {
        self.core.read(|phone| phone.plan().today()).await
    }

    /// The calls of a date, `YYYY-MM-DD`.
    pub async fn on(&self, date: String) -> Result<Today, CoreError> {
        let date = argument::date(&date, "date")?;
        self.core.read(move |phone| phone.plan().on(date)).await
    }

    /// Leaves out a planned call, with a reason by code; the answer names the visit that records it.
    pub async fn skip(&self, plan_id: String, reason: String) -> Result<IdAttempt, CoreError> {
        let plan_id = argument::id(&plan_id, "plan_id")?;
        let topics = &[Topic::Plan, Topic::Visits, Topic::Sync];
        self.core.change(topics, move |phone| phone.plan().skip(plan_id, &reason)).await
    }

    /// The reasons for leaving a call out.
    pub async fn skip_reasons(&self) -> Result<Vec<Reason>, CoreError> {
        self.core.list(|phone| phone.plan().skip_reasons()).await
    }
}
