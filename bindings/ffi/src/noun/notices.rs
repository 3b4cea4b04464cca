//! What needs a person: refusals, orders that wait, photos the server will not have, outlets that changed hands.

use super::part;
use crate::{CoreError, Notice, Topic, argument};

part! {
    /// What needs a person.
    Notices
}

#[uniffi::export]
impl Notices {
    /// Everything, the most pressing at the top.
    pub async fn items(&self) -> Result<Vec<Notice>, CoreError> {
        self.core.list(|phone| phone.attention().items()).await
    }

    /// Puts an item away that was read. What is still in the way keeps its place.
    pub async fn dismiss(&self, id: String) -> Result<(), CoreError> {
        let id: storewalk_domain::ids::CommandId = argument::id(&id, "id")?;
        self.core.change(&[Topic::Notices], move |phone| phone.attention().dismiss(id.0)).await
    }
}
