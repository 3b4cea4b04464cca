//! `storewalk`: see [`storewalk_server::cli`].

use std::{io::Write, process::ExitCode};

use clap::Parser;
use storewalk_server::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Each error of ours carries its cause in its own words.
            writeln!(std::io::stderr(), "storewalk could not {error}").ok();
            ExitCode::FAILURE
        }
    }
}
