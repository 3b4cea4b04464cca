//! The questions of a visit and their answers.

use storewalk_domain::checklist::AnswerKey;

use super::part;
use crate::{Answer, Attempt, CoreError, Step, Topic, Visit, argument};

part! {
    /// The questions of a visit.
    Checklists
}

const TOPICS: &[Topic] = &[Topic::Visits, Topic::Sync];

#[uniffi::export]
impl Checklists {
    /// The steps of a visit with the questions that apply now.
    pub async fn steps(&self, visit_id: String) -> Result<Vec<Step>, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        let visit: Visit = self.core.read(move |phone| phone.visits().view(visit_id)).await?;
        Ok(visit.steps)
    }

    /// Notes that a step, 1 to 11, was begun.
    pub async fn begin_step(&self, visit_id: String, step: u8) -> Result<Attempt, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        self.core.change(TOPICS, move |phone| phone.visits().begin_step(visit_id, step)).await
    }

    /// Answers a question, or answers it anew. `instance` is the product's code of a repeated question, otherwise empty;
    /// `reason` explains a "no" where the question asks for it.
    #[uniffi::method(default(instance = "", reason = None))]
    pub async fn answer(
        &self,
        visit_id: String,
        item: String,
        answer: Answer,
        instance: String,
        reason: Option<String>,
    ) -> Result<Attempt, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        let (key, value) = (AnswerKey { item, instance }, answer.try_into()?);
        self.core.change(TOPICS, move |phone| phone.visits().answer(visit_id, &key, value, reason.as_deref())).await
    }
}
