//! `cargo demo`: a field day in the demo world, every figure checked, then a look around the console.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use storewalk_tests::{
    demo::{self, Ledger, Stage},
    world,
};

/// Plays a field day and checks its figures.
#[derive(Parser)]
struct Arguments {
    /// End after the day, with status 0 only if every figure matched.
    #[arg(long)]
    exit: bool,
    /// Where the console listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The server's side; started by the demo itself.
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        listen: SocketAddr,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if let Some(Part::Serve { dir, listen }) = arguments.part {
        demo::serve(&dir, listen).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut ledger = Ledger::default();
    ledger.line("Storewalk 巡店: one field day of 启明 Qiming in 江城, 2025-03-14");
    let mut stage = Stage::set(&std::env::current_exe()?, &arguments.listen).await?;
    demo::play(&mut stage, &mut ledger).await?;
    if let Some(memory) = stage.server_peak_memory() {
        ledger.line(&format!("\nThe server never held more than {memory} of memory."));
    }
    let all_matched = ledger.close(demo::FIGURES);
    if !arguments.exit {
        invite(&ledger, &stage);
        tokio::select! {
            () = interrupted() => {}
            ended = stage.wait() => ended?,
        }
    }
    Ok(if all_matched { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn invite(ledger: &Ledger, stage: &Stage) {
    ledger.line(&format!("\nThe console stays open at {}/console/ until you press Ctrl-C.", stage.url()));
    ledger.line("Sign in there as the supervisor; the others sign in on phones:");
    for account in world::ACCOUNTS {
        ledger.line(&format!(
            "   {:<10} {:<6} {:<11} password {}",
            account.login,
            account.name,
            account.role.as_str(),
            world::PASSWORD
        ));
    }
}

async fn interrupted() {
    // Without a handler the process ends anyway, only less politely.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
