//! Photos: taking one in from a file, showing them, taking rejected ones again, sending their bytes.

use std::{path::PathBuf, sync::Arc};

use super::part;
use crate::{CancelToken, CaptureAttempt, CoreError, Photo, Retake, SweepReport, Topic, UploadReport, argument};

part! {
    /// Photos.
    Photos
}

#[uniffi::export]
impl Photos {
    /// Takes a photo in from a file, which stays as it is. `replaces` names the photo that this one is a retake of.
    #[uniffi::method(default(replaces = None))]
    pub async fn capture(
        &self,
        visit_id: String,
        zone: String,
        path: String,
        replaces: Option<String>,
    ) -> Result<CaptureAttempt, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        let replaces = argument::maybe_id(replaces.as_deref(), "replaces")?;
        let (platform, folder, path) = (self.core.platform.clone(), self.core.folder(), PathBuf::from(path));
        self.core.ask(move || platform.check_room(&folder)).await?;
        let topics = &[Topic::Photos, Topic::Visits, Topic::Tasks, Topic::Sync];
        self.core.change(topics, move |phone| phone.photos().capture(visit_id, &zone, &path, replaces)).await
    }

    /// The photos of a visit in the order they were taken, replaced ones included.
    pub async fn of_visit(&self, visit_id: String) -> Result<Vec<Photo>, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        self.core.list(move |phone| phone.photos().list(visit_id)).await
    }

    /// The photos that have to be taken again, those due first at the top.
    pub async fn rejected(&self) -> Result<Vec<Retake>, CoreError> {
        self.core.list(|phone| phone.photos().rejected()).await
    }

    /// Sends the bytes that are due until none is left or the network fails, which is in the report. Beside any sync,
    /// never in its way.
    #[uniffi::method(default(cancel = None))]
    pub async fn upload(&self, cancel: Option<Arc<CancelToken>>) -> Result<UploadReport, CoreError> {
        let topics = &[Topic::Photos, Topic::Notices, Topic::Sync];
        self.core.travel(topics, cancel, |phone| async move { phone.upload_photos().await }).await
    }

    /// Frees the originals that the server holds for good. Thumbnails stay.
    pub async fn free_space(&self) -> Result<SweepReport, CoreError> {
        self.core.change(&[Topic::Photos], |phone| phone.photos().janitor()).await
    }
}
