//! Bringing phone and server together, and the server's receipts.

use std::sync::Arc;

use storewalk_client::Phone;
use storewalk_domain::ids::{CommandId, RowId};

use super::part;
use crate::{
    CancelToken, CoreError, LedgerEntry, Receipt, ReceiptHealth, ScanReport, SyncOutcome, SyncStatus, Topic, Traffic,
    argument,
};

part! {
    /// Bringing phone and server together.
    Sync
}

#[uniffi::export]
impl Sync {
    /// Pushes, pulls and publishes until phone and server are in step. One runs at a time; a second caller waits and gets
    /// a fresh run. Whatever comes of it, `status` names the next attempt.
    #[uniffi::method(default(cancel = None))]
    pub async fn now(&self, cancel: Option<Arc<CancelToken>>) -> Result<SyncOutcome, CoreError> {
        let bell = Arc::clone(&self.core.bell);
        let sync = |phone: Phone| async move {
            let report = phone.sync().await?;
            if report.complete && phone.lacks_task_pictures()? {
                // What came is shown before small pictures are waited for.
                bell.ring(Topic::ALL);
            }
            phone.fetch_task_pictures().await;
            Ok(report)
        };
        self.core.travel(Topic::ALL, cancel, sync).await
    }

    /// Waits until the server has news; it then is time for `now`. When the line cannot be had or ends, that is an error:
    /// follow again after the next attempt, not before.
    #[uniffi::method(default(cancel = None))]
    pub async fn follow(&self, cancel: Option<Arc<CancelToken>>) -> Result<(), CoreError> {
        self.core.travel(&[], cancel, |phone| async move { phone.follow().await }).await
    }

    /// Where syncing stands.
    pub async fn status(&self) -> Result<SyncStatus, CoreError> {
        let zone = self.core.zone;
        self.core.read(move |phone| Ok(SyncStatus::of(phone.status()?, zone))).await
    }

    /// To be called when the system says that there is a network where there was none, or another one: everything that
    /// waits because of the line is due within two seconds, and a request that is under way is made anew. A call for no
    /// reason costs that request and nothing else; it is then time for `now`.
    pub async fn network_returned(&self) -> Result<(), CoreError> {
        self.core.change(&[Topic::Photos, Topic::Sync], Phone::network_returned).await
    }

    /// What was captured on this phone, in words, with how far each has come, the newest at the top, at most so many:
    /// everything unsent, and for thirty days what was sent.
    pub async fn ledger(&self, most: u32) -> Result<Vec<LedgerEntry>, CoreError> {
        self.core.list(move |phone| phone.ledger(most)).await
    }

    /// Looks at every row the server gave; damaged ones are fetched again by the next sync.
    pub async fn scan(&self) -> Result<ScanReport, CoreError> {
        self.core.change(&[Topic::Sync], Phone::scan).await
    }

    /// The server's receipt for a command or a photo; nothing when it has given none.
    pub async fn receipt(&self, id: String) -> Result<Option<Receipt>, CoreError> {
        let id: CommandId = argument::id(&id, "id")?;
        self.core.maybe(move |phone| phone.receipt(RowId(id.0))).await
    }

    /// How receipts go.
    pub async fn receipt_health(&self) -> Result<ReceiptHealth, CoreError> {
        self.core.read(Phone::receipt_health).await
    }

    /// Bytes sent and received since the core was opened.
    pub fn traffic(&self) -> Traffic {
        self.core.phone.traffic().into()
    }
}
