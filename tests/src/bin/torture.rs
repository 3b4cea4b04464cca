//! Kills real processes: `torture --kills 1000 --seed 7`.

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use storewalk_tests::{
    figures::served,
    torture::{self, Programs, run},
};

/// Plays a server and several phones as processes of their own, kills them at random, and looks for what must never
/// happen.
#[derive(Parser, Debug)]
struct Options {
    /// How many processes to kill.
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
    /// Decides deeds, weather and kills, though not when the machine runs whom.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Most minutes of killing.
    #[arg(long, default_value_t = 20)]
    minutes: u64,
    /// How many phones.
    #[arg(long, default_value_t = 6)]
    phones: usize,
    /// The server's program; this program itself plays the server when none is named.
    #[arg(long)]
    server: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    if served::if_asked()? {
        return Ok(ExitCode::SUCCESS);
    }
    let options = Options::parse();
    let myself = std::env::current_exe()?;
    let phone = myself.parent().context("a folder of programs")?.join("phone_process");
    let programs = match options.server {
        Some(server) => Programs { server, server_arguments: Vec::new(), phone },
        None => Programs { server: myself, server_arguments: vec![served::AS_SERVER.to_owned()], phone },
    };
    let summary = run(&torture::Options {
        programs,
        kills: options.kills,
        seed: options.seed,
        limit: Duration::from_secs(60 * options.minutes),
        phones: options.phones,
    })?;
    let mut out = std::io::stdout();
    writeln!(out, "{summary}")?;
    for objection in &summary.objections {
        writeln!(out, "objection: {objection}")?;
    }
    if let Some(folder) = &summary.folder {
        writeln!(out, "what the processes left: {}", folder.display())?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
