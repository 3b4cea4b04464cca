//! The sync core alone, behind a door of its own: what `cargo xtask size` holds against the goal for its size.
//!
//! The local database, signing in, one use case that writes into the outbox, every step of bringing phone and server
//! together, its state, receipts and parcels. Rows of every kind are in it, and the rules of every command, for commands
//! that wait are tried again on what has arrived; what nothing here leads to, such as pictures, plans and prices, is not.

use std::{path::Path, sync::Arc};

use storewalk_client::{ClientError, Config, HostKey, Phone};
use tokio::runtime::Runtime;

/// Why something did not come about.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum Fault {
    /// The core's own words.
    #[error(transparent)]
    Core(#[from] ClientError),
    /// No threads.
    #[error(transparent)]
    Threads(#[from] std::io::Error),
}

/// A phone and its threads. Calls block: what is measured here is size.
#[derive(uniffi::Object)]
pub struct SyncCore {
    phone: Phone,
    runtime: Runtime,
}

#[uniffi::export]
impl SyncCore {
    /// Opens the database in a folder, under a key of 32 bytes if there is one.
    #[uniffi::constructor]
    pub fn open(folder: String, server_url: String, key: Option<Vec<u8>>) -> Result<Arc<Self>, Fault> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let key = key.and_then(|bytes| HostKey::from_bytes(&bytes));
        let phone = Phone::open(Config { key, ..Config::new(folder, server_url) })?.phone;
        Ok(Arc::new(Self { phone, runtime }))
    }

    /// Signs in.
    pub fn sign_in(&self, login: &str, password: &str) -> Result<(), Fault> {
        self.runtime.block_on(self.phone.sign_in(login, password))?;
        Ok(())
    }

    /// Signs out.
    pub fn sign_out(&self) -> Result<(), Fault> {
        Ok(self.runtime.block_on(self.phone.sign_out())?)
    }

    /// Brings phone and server together; whether they are in step.
    pub fn sync(&self) -> Result<bool, Fault> {
        Ok(self.runtime.block_on(self.phone.sync())?.complete)
    }

    /// Waits for news.
    pub fn follow(&self) -> Result<(), Fault> {
        Ok(self.runtime.block_on(self.phone.follow())?)
    }

    /// There is a network again.
    pub fn network_returned(&self) -> Result<(), Fault> {
        Ok(self.phone.network_returned()?)
    }

    /// How many commands wait.
    pub fn waiting(&self) -> Result<u64, Fault> {
        Ok(self.phone.status()?.unsent_commands)
    }

    /// Looks at every row; how many there are to fetch again.
    pub fn scan(&self) -> Result<String, Fault> {
        Ok(format!("{:?}", self.phone.scan()?))
    }

    /// Closes the first task that is open; whether there was one and the rules had nothing against it.
    pub fn close_task(&self) -> Result<bool, Fault> {
        let Some(task) = self.phone.tasks().mine()?.into_iter().next() else { return Ok(false) };
        Ok(self.phone.tasks().close(task.id)?.done().is_some())
    }

    /// What was captured here, in words.
    pub fn ledger(&self, most: u32) -> Result<Vec<String>, Fault> {
        Ok(self.phone.ledger(most)?.into_iter().map(|entry| format!("{entry:?}")).collect())
    }

    /// How receipts go.
    pub fn receipts(&self) -> Result<String, Fault> {
        Ok(format!("{:?}", self.phone.receipt_health()?))
    }

    /// Packs what is unsent into a file.
    pub fn pack(&self, folder: &str) -> Result<String, Fault> {
        Ok(format!("{:?}", self.phone.courier().pack(Path::new(folder))?))
    }

    /// Hands carried parcels in.
    pub fn deliver(&self) -> Result<String, Fault> {
        Ok(format!("{:?}", self.runtime.block_on(self.phone.courier().deliver())?))
    }

    /// Ends the core.
    pub fn shutdown(&self) {
        self.phone.shutdown();
    }
}

uniffi::setup_scaffolding!();
