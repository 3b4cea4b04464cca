//! A phone of the torture: one process, one phone core, killed at any moment. See `storewalk_tests::torture`.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use storewalk_tests::{
    torture::{Life, live},
    world::ACCOUNTS,
};

/// A phone that works and syncs at random until it is killed.
#[derive(Parser, Debug)]
struct Options {
    /// Folder of the phone's data.
    #[arg(long)]
    folder: PathBuf,
    /// Where the road to the server begins.
    #[arg(long)]
    url: String,
    /// Login name.
    #[arg(long)]
    login: String,
    /// Decides what its user does.
    #[arg(long)]
    seed: u64,
    /// Folder of the photos its camera takes.
    #[arg(long)]
    camera: PathBuf,
    /// Only comes into step.
    #[arg(long)]
    quiet: bool,
}

fn main() -> anyhow::Result<()> {
    let Options { folder, url, login, seed, camera, quiet } = Options::parse();
    let account =
        ACCOUNTS.into_iter().find(|account| account.login == login).context("an account of the demo world")?;
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let lived = runtime.block_on(live(Life { folder, url, account, seed, camera, is_quiet: quiet }));
    // Somebody may hold standard input open for ever.
    runtime.shutdown_background();
    lived
}
