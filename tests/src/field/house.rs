//! The server of a test.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use storewalk_domain::{
    ids::{CommandId, UserId},
    sync::{Row, Table},
};
use storewalk_server::{
    AppState, Config,
    clock::RandomIds,
    serve_on,
    store::{StoreError, StoredCommand},
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::DayClock;

/// A server that listens on a free port of this machine.
pub struct House {
    /// Its parts.
    pub state: AppState,
    /// Where it listens.
    pub url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl House {
    /// Starts the server of a folder.
    ///
    /// # Errors
    /// When folder or port cannot be used.
    pub async fn start(folder: &Path, clock: &Arc<DayClock>) -> anyhow::Result<Self> {
        let mut config = Config::default();
        config.storage.data_dir = folder.to_owned();
        (config.auth.argon2_memory_kib, config.auth.argon2_passes) = (8, 1);
        let state = AppState::open_with(config, Arc::clone(clock) as _, Arc::new(RandomIds))?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(serve_on(listener, state.clone(), async move { drop(stopped.await) }));
        Ok(Self { state, url, stop, serving })
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// When it ended before, or not in order.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send(()).ok().context("it still serves")?;
        Ok(self.serving.await??)
    }

    /// A command as it is kept.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stored(&self, user: UserId, command: CommandId) -> Result<Option<StoredCommand>, StoreError> {
        self.state.store.read(move |snapshot| snapshot.command_of(user, command)).await
    }

    /// Every row of a table.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rows(&self, table: Table) -> Result<Vec<Row>, StoreError> {
        self.state.store.read(move |snapshot| snapshot.rows_of(table)).await
    }
}
