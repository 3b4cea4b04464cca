//! The compiler. No file at the top level pins it (the visible top level is fixed); this lane and `.ci/run` do.
//! See `core/docs/adr/0010-toolchain-pin.md`.

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::run::{Ended, Run, say};

/// The version that lints and formats are judged by.
const PINNED: &str = "1.95.0";

/// Finds the pinned compiler, or says how to get it, and adds rustfmt and clippy where rustup can.
pub(crate) fn check(run: &Run) -> Result<Ended> {
    if version(run)? != PINNED {
        use_pinned(run)?;
    }
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if cmd!(run.shell, "cargo {command} --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
            cmd!(run.shell, "rustup component add {component}")
                .run()
                .with_context(|| format!("add {component}; install it beside your compiler"))?;
        }
    }
    say(&cmd!(run.shell, "cargo --version").quiet().read()?);
    Ok(Ended::Done)
}

/// The active compiler's version, `1.95.0` of `rustc 1.95.0 (… )`.
fn version(run: &Run) -> Result<String> {
    let line = cmd!(run.shell, "rustc --version").quiet().read().context("ask rustc for its version")?;
    line.split_whitespace().nth(1).map(str::to_owned).with_context(|| format!("read a version in {line:?}"))
}

/// Switches the lanes that follow to the pinned compiler, through rustup.
fn use_pinned(run: &Run) -> Result<()> {
    let active = version(run)?;
    if cmd!(run.shell, "rustup --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        bail!("the compiler is {active}, Storewalk is tested with {PINNED}; install that version or rustup");
    }
    let installed = cmd!(run.shell, "rustup toolchain list").quiet().read()?;
    if !installed.lines().any(|line| line.starts_with(PINNED)) {
        cmd!(run.shell, "rustup toolchain install {PINNED} --profile minimal -c clippy -c rustfmt").run()?;
    }
    run.shell.set_var("RUSTUP_TOOLCHAIN", PINNED);
    // `cargo run` put the active compiler's own folder in front of the path; only rustup's choice may count.
    if version(run)? != PINNED {
        bail!("the compiler is {active} even with rustup told to use {PINNED}; run `cargo +{PINNED} xtask test`");
    }
    say(&format!("the compiler at hand is {active}; the lanes use {PINNED}"));
    Ok(())
}
