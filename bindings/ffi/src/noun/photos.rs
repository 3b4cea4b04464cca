//! Photos: taking one in from a file, showing them, taking rejected ones again, sending their bytes.

use std::{path::PathBuf, sync::Arc};

use storewalk_client::{ClientError, Phone, Shot};
use storewalk_domain::photo::SignalKind;

use super::part;
use crate::{
    Attempt, CancelToken, CaptureAttempt, CoreError, Photo, Platform, Retake, SweepReport, Topic, UploadReport,
    argument,
};

part! {
    /// Photos.
    Photos
}

#[uniffi::export]
impl Photos {
    /// Takes a photo in from a file, which stays as it is. `replaces` names the photo that this one is a retake of;
    /// `from_gallery` says that it was not taken just now with the camera; `tilt` is how far the phone was from level, in
    /// degrees, where its sensors were asked.
    #[uniffi::method(default(replaces = None, from_gallery = false, tilt = None))]
    pub async fn capture(
        &self,
        visit_id: String,
        zone: String,
        path: String,
        replaces: Option<String>,
        from_gallery: bool,
        tilt: Option<f32>,
    ) -> Result<CaptureAttempt, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        let (replaces, tilt) = (argument::maybe_id(replaces.as_deref(), "replaces")?, argument::tilt(tilt)?);
        let (platform, folder, path) = (self.core.platform.clone(), self.core.folder(), PathBuf::from(path));
        self.core.ask(move || platform.check_room(&folder)).await?;
        let topics = &[Topic::Photos, Topic::Visits, Topic::Tasks, Topic::Sync];
        self.core
            .change(topics, move |phone| {
                let (zone, source) = (zone.as_str(), path.as_path());
                phone.photos().take_in(&Shot { visit_id, zone, source, replaces, is_from_gallery: from_gallery, tilt })
            })
            .await
    }

    /// The photos of a visit in the order they were taken, replaced ones included.
    pub async fn of_visit(&self, visit_id: String) -> Result<Vec<Photo>, CoreError> {
        let visit_id = argument::id(&visit_id, "visit_id")?;
        self.core.list(move |phone| phone.photos().list(visit_id)).await
    }

    /// Lays an original, and its stamped copy, out where the photo's record says they are, and answers with the original's
    /// place. Only encrypted data needs it: the plain copies go when the core is paused, ended or opened again.
    pub async fn reveal(&self, photo_id: String) -> Result<String, CoreError> {
        let photo_id = argument::id(&photo_id, "photo_id")?;
        self.core.read(move |phone| Ok(phone.photos().reveal(photo_id)?.to_string_lossy().into_owned())).await
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

    /// The person wants all photos sent now, whatever the network costs: holds for what waits at the moment. `upload` then
    /// sends the originals, too, that would have waited for a network that is not paid for by volume.
    pub async fn send_originals_now(&self) -> Result<(), CoreError> {
        self.core
            .change(&[Topic::Photos], |phone| {
                // Paused or ended, nothing is taken note of.
                phone.session()?;
                phone.send_originals_now();
                Ok(())
            })
            .await
    }

    /// Hands at most so many of the files that are due to the host's transport, for it to send while the app is
    /// suspended or gone; says how many it took. What is handed out is left alone for an hour, or until
    /// `transfer_ended`.
    #[uniffi::method(default(cancel = None))]
    pub async fn hand_out(&self, most: u32, cancel: Option<Arc<CancelToken>>) -> Result<u32, CoreError> {
        let platform = self.core.platform.clone();
        let most = if platform.transport.is_some() { most } else { 0 };
        self.core.travel(&[Topic::Photos], cancel, |phone| hand_out(phone, platform, most)).await
    }

    /// Takes note that the host's transport has ended with a file, well or not. `upload` then asks the server where it
    /// stands, and goes on from there.
    pub async fn transfer_ended(&self, id: String) -> Result<(), CoreError> {
        self.core.change(&[Topic::Photos], move |phone| phone.transfer_ended(&id)).await
    }

    /// Answers a signal on a photo in one's own words; an answer given before is replaced. An answered signal stays
    /// visible and is counted no more.
    pub async fn answer_signal(
        &self,
        photo_id: String,
        signal: SignalKind,
        text: String,
    ) -> Result<Attempt, CoreError> {
        let photo_id = argument::id(&photo_id, "photo_id")?;
        let topics = &[Topic::Photos, Topic::Sync];
        self.core.change(topics, move |phone| phone.photos().answer_signal(photo_id, signal, &text)).await
    }

    /// Frees the originals that the server holds for good. Thumbnails stay.
    pub async fn free_space(&self) -> Result<SweepReport, CoreError> {
        self.core.change(&[Topic::Photos], |phone| phone.photos().janitor()).await
    }
}

async fn hand_out(phone: Phone, platform: Platform, most: u32) -> Result<u32, ClientError> {
    let transfers = phone.hand_out_transfers(usize::try_from(most).unwrap_or(usize::MAX)).await?;
    // The host is asked on a thread that may wait.
    let asked = tokio::task::spawn_blocking(move || platform.enqueue(&phone, transfers)).await;
    asked.unwrap_or(Err(ClientError::Closed))
}
