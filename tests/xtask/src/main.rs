//! Every action on this repository, under one name each: `cargo xtask <command>`.
//!
//! **Map.** `command` names the commands; `run` is one run of lanes with its clock and its summary; `lanes` are the
//! steps that `test` takes, one file each where one needs more than a line; `bindings` writes what other languages need; `cache` is where what they fetch lies;
//! `debian` is programs of another release in a folder; `phone` builds the library as phones have it; `size` measures
//! what ships.
//!
//! **Invariants.** A lane is done, failed, or says in one line why it cannot run; under `CI=true` the last counts as
//! failed. Nothing here is needed to build or use Storewalk.

mod bindings;
mod cache;
mod command;
mod debian;
mod lanes;
mod phone;
mod plants;
mod run;
mod size;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use xshell::{Shell, cmd};

use crate::{
    command::{Args, Command},
    run::Run,
};

fn main() -> ExitCode {
    match perform(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Result<()> {
    let shell = repository()?;
    match command {
        Command::Test { lanes } => Run::new(shell, command::is_ci()).only(&lanes::named(&lanes)?),
        Command::Ci => {
            shell.set_var("CI", "true");
            Run::new(shell, true).all()
        }
        Command::Lint => Run::new(shell, command::is_ci()).only(&[lanes::TOOLCHAIN, lanes::FORMAT, lanes::LINT]),
        Command::Doc => Run::new(shell, command::is_ci()).only(&[lanes::TOOLCHAIN, lanes::DOC]),
        Command::Rules => Ok(cmd!(shell, "cargo test --package storewalk-tests --test rules").run()?),
        Command::Fmt => Ok(cmd!(shell, "cargo fmt --all").run()?),
        Command::Size { profile, phone_only } => size::report(&shell, &profile, phone_only),
        Command::Figures { rest } => figures(&shell, &rest),
        Command::Overhead => Run::new(shell, command::is_ci()).only(lanes::OVERHEAD),
        Command::Mobile => Run::new(shell, command::is_ci()).only(&[lanes::MOBILE]),
        Command::Replay { rest } => {
            Ok(cmd!(shell, "cargo run --package storewalk-tests --bin replay -- {rest...}").run()?)
        }
        Command::Simulate { rest } => {
            Ok(cmd!(shell, "cargo run --release --package storewalk-tests --bin simulate -- {rest...}").run()?)
        }
        Command::Load { rest } => {
            Ok(cmd!(shell, "cargo run --profile figures --package storewalk-tests --bin load -- {rest...}").run()?)
        }
        Command::Torture { rest } => torture(&shell, &rest),
        Command::Bindings { check } => bindings::write(&shell, check),
        // Whoever asks for a wheel wants no other end than a wheel.
        Command::Wheel => Run::new(shell, true).only(&[lanes::WHEEL]),
        Command::Plants { names } => plants::play(&shell, &names),
        Command::Demo { rest } => Ok(cmd!(shell, "cargo demo -- {rest...}").run()?),
    }
}

/// Measures the phone core. Only the figures that speak of it ask for encryption: the others are of the SQLite that ships
/// with the server.
fn figures(shell: &Shell, rest: &[String]) -> Result<()> {
    let features = if rest.iter().any(|word| word == "encryption" || word == "opening") { "encryption" } else { "" };
    let run = cmd!(shell, "cargo run --profile figures --package storewalk-tests --features {features} --bin figures");
    Ok(run.arg("--").args(rest).run()?)
}

/// Builds the programs that are killed, then kills them: the server that ships and a phone around the core that ships.
/// Not for release: overflow and debug assertions are faults worth finding here.
fn torture(shell: &Shell, rest: &[String]) -> Result<()> {
    cmd!(shell, "cargo build --package storewalk-server --package storewalk-tests --bins").run()?;
    let built = size::target_dir(shell).join("debug");
    let (torture, server) = (built.join("torture"), built.join("storewalk"));
    Ok(cmd!(shell, "{torture} --server {server} {rest...}").run()?)
}

/// A shell that stands in the repository's root, wherever the command was given.
fn repository() -> Result<Shell> {
    let shell = Shell::new()?;
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let root = std::path::Path::new(&here).ancestors().nth(2).context("find the repository above tests/xtask")?;
    shell.change_dir(root);
    Ok(shell)
}
