//! A supervisor's decisions about photos, made on a phone. Whether a person may decide, the rules say.

use storewalk_domain::{
    ids::VerdictId,
    photo::{Pin, VerdictDecision},
    sync::ReviewPhoto,
};

use super::part;
use crate::{Attempt, CoreError, Topic, argument};

part! {
    /// A supervisor's decisions about photos.
    Review
}

/// A decision about a photo.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct ReviewDraft {
    /// The photo.
    pub photo_id: String,
    /// The decision.
    pub decision: VerdictDecision,
    /// Why, by code; needed for a rejection.
    #[uniffi(default = None)]
    pub reason: Option<String>,
    /// A word to the rep.
    #[uniffi(default = "")]
    pub note: String,
    /// Where on the picture.
    #[uniffi(default = None)]
    pub pin: Option<Pin>,
    /// A photo that shows how it should look.
    #[uniffi(default = None)]
    pub reference_photo_id: Option<String>,
    /// By when the retake is due, `YYYY-MM-DD`; two days later when a rejection names none.
    #[uniffi(default = None)]
    pub due_on: Option<String>,
}

#[uniffi::export]
impl Review {
    /// Decides about a photo.
    pub async fn decide(&self, draft: ReviewDraft) -> Result<Attempt, CoreError> {
        let (photo_id, pin) = (argument::id(&draft.photo_id, "photo_id")?, argument::pin(draft.pin)?);
        let reference_photo_id = argument::maybe_id(draft.reference_photo_id.as_deref(), "reference_photo_id")?;
        let due_on = draft.due_on.map(|date| argument::date(&date, "due_on")).transpose()?;
        let ReviewDraft { decision, reason, note, .. } = draft;
        let topics = &[Topic::Photos, Topic::Visits, Topic::Tasks, Topic::Sync];
        self.core
            .change(topics, move |phone| {
                let verdict_id = VerdictId(phone.new_id());
                phone.record(ReviewPhoto {
                    verdict_id,
                    photo_id,
                    decision,
                    reason,
                    note,
                    pin,
                    reference_photo_id,
                    due_on,
                })
            })
            .await
    }
}
