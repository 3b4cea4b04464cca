//! The compiler. No file at the top level pins it (the visible top level is fixed); this lane and `.ci/run` do.
//! See `core/docs/adr/0010-toolchain-pin.md`.

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::run::{Ended, Run, say};

/// The version that lints and formats are judged by.
const PINNED: &str = "1.95.0";

/// Finds the pinned compiler, or says how to get it, and adds rustfmt and clippy where rustup can.
///
/// A newer compiler that cannot be exchanged still runs the tests; it only does not judge format and lints.
pub(crate) fn check(run: &Run) -> Result<Ended> {
    let active = version(run)?;
    if active != PINNED
        && let Err(why) = use_pinned(run, &active)
    {
        if !is_newer(&active) {
            return Err(why);
        }
        run.judges_style.set(false);
        return Ok(Ended::CannotRun(format!("{why:#}; tests run with {active}, format and lints are not judged")));
    }
    for (component, command) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if let Err(why) = provide(run, component, command) {
            run.judges_style.set(false);
            return Ok(Ended::CannotRun(format!("{why:#}; tests run, format and lints are not judged")));
        }
    }
    say(&cmd!(run.shell, "cargo --version").quiet().read()?);
    Ok(Ended::Done)
}

fn provide(run: &Run, component: &str, command: &str) -> Result<()> {
    if cmd!(run.shell, "cargo {command} --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        cmd!(run.shell, "rustup component add {component}").run().with_context(|| format!("add {component}"))?;
    }
    Ok(())
}

/// Whether the code can be built with it: its number is above the pinned one.
fn is_newer(version: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> { text.split(['.', '-']).map_while(|part| part.parse().ok()).collect() };
    numbers(version) > numbers(PINNED)
}

/// The active compiler's version, `1.95.0` of `rustc 1.95.0 (… )`.
fn version(run: &Run) -> Result<String> {
    let line = cmd!(run.shell, "rustc --version").quiet().read().context("ask rustc for its version")?;
    line.split_whitespace().nth(1).map(str::to_owned).with_context(|| format!("read a version in {line:?}"))
}

/// Switches the lanes that follow to the pinned compiler, through rustup.
fn use_pinned(run: &Run, active: &str) -> Result<()> {
    if cmd!(run.shell, "rustup --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        bail!("the compiler is {active}, this needs {PINNED} and there is no rustup to fetch it");
    }
    let installed = cmd!(run.shell, "rustup toolchain list").quiet().read()?;
    if !installed.lines().any(|line| line.starts_with(PINNED)) {
        cmd!(run.shell, "rustup toolchain install {PINNED} --profile minimal -c clippy -c rustfmt").run()?;
    }
    run.shell.set_var("RUSTUP_TOOLCHAIN", PINNED);
    // A compiler's own folder may stand in front of rustup's in the path; then rustup's choice does not count.
    if version(run)? != PINNED {
        bail!("the compiler is {active} even with rustup told to use {PINNED}; run `cargo +{PINNED} xtask test`");
    }
    say(&format!("the compiler at hand is {active}; the lanes use {PINNED}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_newer;

    #[test]
    fn a_higher_number_is_newer_digit_by_digit_and_not_letter_by_letter() {
        for version in ["1.96.0", "1.95.1", "1.100.0", "2.0.0", "1.97.0-nightly"] {
            assert!(is_newer(version), "{version}");
        }
        for version in ["1.95.0", "1.94.9", "1.9.0", "0.99.0"] {
            assert!(!is_newer(version), "{version}");
        }
    }
}
