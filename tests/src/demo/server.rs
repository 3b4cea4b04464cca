//! The server's side of the demo: a process of its own that listens on a free port and lets the demo set its clock.
//!
//! Standard output: one line with the address once it serves. Standard input: `clock <ms>` sets the clock; the end of
//! input ends the server.

use std::{io::Write, net::SocketAddr, path::Path, sync::Arc};

use anyhow::Context;
use storewalk_domain::time::Timestamp;
use storewalk_server::{AppState, Config, clock::RandomIds, serve_on};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
};

use super::clock::SetClock;
use crate::{field::load_world, world};

/// Serves the demo world from `dir` until standard input ends.
///
/// # Errors
/// When the folder or the socket cannot be used.
pub async fn serve(dir: &Path, listen: SocketAddr) -> anyhow::Result<()> {
    let clock = Arc::new(SetClock::at(world::at("2025-03-14T07:00")));
    let state = open(dir, clock.clone()).await?;
    let listener = TcpListener::bind(listen).await.context("listen")?;
    let mut out = std::io::stdout();
    writeln!(out, "http://{}", listener.local_addr()?)?;
    out.flush()?;
    serve_on(listener, state, obey(clock)).await.context("serve")
}

/// Opens the data in `dir` and loads the demo world and its accounts into it.
///
/// # Errors
/// When the folder cannot be used.
pub(crate) async fn open(dir: &Path, clock: Arc<SetClock>) -> anyhow::Result<AppState> {
    let mut config = Config::default();
    config.storage.data_dir = dir.to_path_buf();
    let state = AppState::open_with(config, clock, Arc::new(RandomIds)).context("open the server's data")?;
    load_world(&state).await?;
    Ok(state)
}

/// Sets the clock as told; resolves when there is nobody left to tell.
async fn obey(clock: Arc<SetClock>) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let told = line.strip_prefix("clock ").and_then(|ms| ms.trim().parse().ok());
        if let Some(ms) = told {
            clock.set(Timestamp(ms));
        }
    }
}
