//! Profiles of outlets: read them, correct them, settle what contradicts.

use storewalk_domain::outlet::FieldName;

use super::part;
use crate::{CoreError, Correction, Profile, ProfileAttempt, Topic, argument};

part! {
    /// Profiles of outlets.
    Outlets
}

const TOPICS: &[Topic] = &[Topic::Outlets, Topic::Plan, Topic::Visits, Topic::Sync];

#[uniffi::export]
impl Outlets {
    /// The profile of an outlet, every field with its value and with those that contradict it.
    pub async fn profile(&self, outlet_id: String) -> Result<Profile, CoreError> {
        let outlet_id = argument::id(&outlet_id, "outlet_id")?;
        self.core.read(move |phone| phone.outlets().profile(outlet_id)).await
    }

    /// Corrects fields; a value is text, empty for none.
    pub async fn edit(&self, outlet_id: String, corrections: Vec<Correction>) -> Result<ProfileAttempt, CoreError> {
        let outlet_id = argument::id(&outlet_id, "outlet_id")?;
        self.core.change(TOPICS, move |phone| phone.outlets().edit(outlet_id, &borrowed(&corrections))).await
    }

    /// Decides which value of a field counts; for supervisors.
    pub async fn settle(
        &self,
        outlet_id: String,
        field: FieldName,
        value: String,
    ) -> Result<ProfileAttempt, CoreError> {
        let outlet_id = argument::id(&outlet_id, "outlet_id")?;
        self.core.change(TOPICS, move |phone| phone.outlets().settle(outlet_id, field, &value)).await
    }

    /// The outlets of which a field is contested.
    pub async fn contested(&self) -> Result<Vec<String>, CoreError> {
        self.core.list(|phone| Ok(phone.outlets().contested()?.iter().map(ToString::to_string).collect())).await
    }
}

fn borrowed(corrections: &[Correction]) -> Vec<(FieldName, &str)> {
    corrections.iter().map(|correction| (correction.field, correction.value.as_str())).collect()
}
