//! The object a shell holds: one phone core for the life of the process.

use std::sync::Arc;

use storewalk_client::{Config, Phone};

use crate::{CoreError, Person, Recovery, Status, SyncOutcome, Today, runtime::Runtime};

/// The phone as the shell introduces it.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct Device {
    /// `android`, `ios` or `python`.
    pub platform: String,
    /// What the owner calls it.
    pub name: String,
    /// Version of the app.
    pub app_version: String,
}

/// The phone's core.
///
/// States: `open → pause ⇄ resume → shutdown`. Paused and shut down, calls answer with `Closed`.
#[derive(uniffi::Object)]
pub struct Storewalk {
    phone: Phone,
    recovery: Option<Recovery>,
    runtime: Runtime,
}

#[uniffi::export]
impl Storewalk {
    /// Opens the core in a folder that the app keeps for it, making the database when there is none and repairing a
    /// damaged one; `recovery` then says what was saved.
    #[uniffi::constructor]
    pub async fn open(dir: String, server_url: String, device: Device) -> Result<Arc<Self>, CoreError> {
        let runtime = Runtime::start()?;
        let mut config = Config::new(dir, server_url);
        (config.platform, config.device_name) = (device.platform, device.name);
        config.app_version = device.app_version;
        let opened = runtime.run_blocking(|| Phone::open(config)).await?;
        Ok(Arc::new(Self { phone: opened.phone, recovery: opened.recovery.map(Recovery::from), runtime }))
    }

    /// What was brought back from a damaged database when the core was opened; nothing when all was well.
    pub fn recovery(&self) -> Option<Recovery> {
        self.recovery.clone()
    }

    /// Signs in and enrols this phone.
    pub async fn sign_in(&self, login: String, password: String) -> Result<Person, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run(async move { phone.sign_in(&login, &password).await }).await.map(Person::from)
    }

    /// Signs out; refused while anything is unsent.
    pub async fn sign_out(&self) -> Result<(), CoreError> {
        let phone = self.phone.clone();
        self.runtime.run(async move { phone.sign_out().await }).await
    }

    /// Who is signed in.
    pub async fn person(&self) -> Result<Option<Person>, CoreError> {
        let phone = self.phone.clone();
        Ok(self.runtime.run_blocking(move || phone.session()).await?.map(Person::from))
    }

    /// The plan of today.
    pub async fn today(&self) -> Result<Today, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run_blocking(move || phone.plan().today()).await.map(Today::from)
    }

    /// Pushes, pulls and publishes until phone and server are in step.
    pub async fn sync_now(&self) -> Result<SyncOutcome, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run(async move { phone.sync().await }).await.map(SyncOutcome::from)
    }

    /// Where syncing stands.
    pub async fn status(&self) -> Result<Status, CoreError> {
        let phone = self.phone.clone();
        self.runtime.run_blocking(move || phone.status()).await.map(Status::from)
    }

    /// Lets the database go before the system suspends the app. Waits for the work in hand.
    pub async fn pause(&self) -> Result<(), CoreError> {
        let phone = self.phone.clone();
        self.runtime
            .run_blocking(move || {
                phone.pause();
                Ok(())
            })
            .await
    }

    /// Takes the database again.
    pub async fn resume(&self) -> Result<(), CoreError> {
        let phone = self.phone.clone();
        self.runtime.run_blocking(move || phone.resume()).await
    }

    /// Ends the core. When it returns, no thread of ours runs; call it off the main thread, as the last act.
    pub fn shutdown(&self) {
        self.phone.shutdown();
        self.runtime.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use super::*;

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime for the test").block_on(work)
    }

    /// An address that was free a moment ago and is left free.
    fn nobody_listens() -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("it is bound"))
    }

    fn opened(dir: &tempfile::TempDir) -> Arc<Storewalk> {
        let device = Device { platform: "python".into(), name: "bench".into(), app_version: "0".into() };
        let dir = dir.path().to_string_lossy().into_owned();
        wait(Storewalk::open(dir, nobody_listens(), device)).expect("a fresh folder can be used")
    }

    #[test]
    fn a_fresh_core_works_without_a_server_and_says_what_it_lacks() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let core = opened(&dir);
        assert_eq!(wait(core.person()), Ok(None));
        assert_eq!(core.recovery(), None);
        let status = wait(core.status()).expect("the status needs nobody");
        assert!(status.needs_sign_in && status.unsent_commands == 0);
        let refused = wait(core.today()).expect_err("nobody has a plan yet");
        assert_eq!(refused.code(), "signed_out");
        core.shutdown();
    }

    #[test]
    fn without_a_network_signing_in_says_offline_in_both_languages() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let core = opened(&dir);
        let Err(CoreError::Offline { details }) = wait(core.sign_in("liwen".into(), "x".into())) else {
            panic!("nothing listens there");
        };
        assert!(!details.what.zh.is_empty() && !details.next_step.en.is_empty());
        core.shutdown();
    }

    #[test]
    fn paused_it_answers_closed_and_resumed_it_works() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let core = opened(&dir);
        wait(core.pause()).expect("it can always be paused");
        assert_eq!(wait(core.status()).expect_err("the database is closed").code(), "closed");
        wait(core.resume()).expect("the folder is still there");
        assert!(wait(core.status()).is_ok());
        core.shutdown();
    }

    #[test]
    fn after_shutdown_every_call_answers_closed_and_a_second_shutdown_does_no_harm() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let core = opened(&dir);
        core.shutdown();
        core.shutdown();
        assert_eq!(wait(core.status()).expect_err("it is over").code(), "closed");
        assert_eq!(wait(core.resume()).expect_err("it is over").code(), "closed");
    }
}
