//! Who is signed in.

use std::sync::Arc;

use storewalk_client::Phone;

use super::part;
use crate::{CancelToken, CoreError, Person, Topic};

part! {
    /// Who is signed in.
    Session
}

#[uniffi::export]
impl Session {
    /// Signs in and enrols this phone. Whoever else was on it is parked, and comes back with their own sign-in.
    #[uniffi::method(default(cancel = None))]
    pub async fn sign_in(
        &self,
        login: String,
        password: String,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Person, CoreError> {
        self.core.travel(Topic::ALL, cancel, |phone| async move { phone.sign_in(&login, &password).await }).await
    }

    /// Signs out; refused while anything is unsent. Waits for a sync under way.
    #[uniffi::method(default(cancel = None))]
    pub async fn sign_out(&self, cancel: Option<Arc<CancelToken>>) -> Result<(), CoreError> {
        self.core.stay(Topic::ALL, cancel, |phone| async move { phone.sign_out().await }).await
    }

    /// Signs out and keeps everything, unsent work included, encrypted until the same person signs in here again.
    #[uniffi::method(default(cancel = None))]
    pub async fn sign_out_and_park(&self, cancel: Option<Arc<CancelToken>>) -> Result<(), CoreError> {
        self.core.stay(Topic::ALL, cancel, |phone| async move { phone.sign_out_and_park().await }).await
    }

    /// Who is signed in; nobody until somebody has.
    pub async fn person(&self) -> Result<Option<Person>, CoreError> {
        self.core.maybe(Phone::session).await
    }

    /// How many people's data is parked on this phone.
    pub async fn parked_people(&self) -> Result<u64, CoreError> {
        self.core.read(|phone| Ok(u64::try_from(phone.parked_people()).unwrap_or(u64::MAX))).await
    }
}
