//! How much ships: the stripped server binary and the stripped phone library, built for release on this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::run::say;

/// Builds both and prints their sizes.
pub(crate) fn report(shell: &Shell) -> Result<()> {
    cmd!(shell, "cargo build --release --package storewalk-server --package storewalk-ffi").run()?;
    let built = target_dir(shell).join("release");
    let library = format!("{}storewalk_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let server = format!("storewalk{}", std::env::consts::EXE_SUFFIX);
    for (what, file) in [("server", server), ("phone library", library)] {
        let (as_built, stripped) = measured(shell, &built.join(&file))?;
        say(&format!("{what:<14} {file:<24} {} stripped, {} as built", megabytes(stripped), megabytes(as_built)));
    }
    Ok(())
}

/// The file's length as built and without its symbols.
fn measured(shell: &Shell, file: &Path) -> Result<(u64, u64)> {
    let scratch = shell.create_temp_dir()?;
    let stripped = scratch.path().join("stripped");
    shell.copy_file(file, &stripped)?;
    cmd!(shell, "strip {stripped}").quiet().run().context("strip the copy")?;
    Ok((length(file)?, length(&stripped)?))
}

fn length(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file).with_context(|| format!("look at {}", file.display()))?.len())
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir(shell: &Shell) -> PathBuf {
    match shell.var_os("CARGO_TARGET_DIR") {
        Some(dir) => shell.current_dir().join(dir),
        None => shell.current_dir().join("target"),
    }
}

/// Bytes as megabytes with two digits, rounded down: `3.41 MB (3412345 bytes)`.
fn megabytes(bytes: u64) -> String {
    format!("{}.{:02} MB ({bytes} bytes)", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}
