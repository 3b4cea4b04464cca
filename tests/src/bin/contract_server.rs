//! The server that the contract tests of the bindings talk to. See `storewalk_tests::contract`.

use std::path::PathBuf;

use clap::Parser;
use storewalk_tests::contract;

/// Serves the demo world until standard input ends; orders come on standard input, one a line.
#[derive(Parser, Debug)]
struct Options {
    /// Folder of the server's data; a temporary one unless named.
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let dir = Options::parse().dir.unwrap_or_else(|| temporary.path().to_owned());
    contract::serve(&dir).await
}
