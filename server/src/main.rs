//! `storewalk`: see [`storewalk_server::cli`].

use clap::Parser;
use storewalk_server::cli::{Cli, run};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run(Cli::parse()).await
}
