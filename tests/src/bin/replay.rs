//! `cargo xtask replay`: replays a wholesaler's real order lines through phone cores and a server.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use storewalk_tests::replay::{FILE, Options, run};

/// Replays real order lines and compares every invoice with an independent sum.
#[derive(Debug, Parser)]
struct Args {
    /// The file with the order lines.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Only so many dealers.
    #[arg(long)]
    dealers: Option<usize>,
    /// Phones at work at the same time.
    #[arg(long, default_value_t = 4)]
    at_once: usize,
    /// Where to list the rejected lines.
    #[arg(long, default_value = "target/replay/rejected.csv")]
    rejected: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let file = args.file.unwrap_or_else(|| root.join(FILE));
    if !file.exists() {
        say(&format!("skipped: {} is not here", file.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let rejected = root.join(&args.rejected);
    let options = Options {
        file,
        dealers: args.dealers,
        at_once: args.at_once,
        rejected: Some(rejected.clone()),
        progress: Arc::new(say),
    };
    let report = run(options).await?;
    say(&report.to_string());
    say(&format!("rejected lines, one by one: {}", rejected.display()));
    Ok(if report.is_exact() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says a line; a reader that went away is no reason to stop.
fn say(line: &str) {
    let mut out = std::io::stdout();
    drop(writeln!(out, "{line}"));
    if out.is_terminal() {
        drop(out.flush());
    }
}
