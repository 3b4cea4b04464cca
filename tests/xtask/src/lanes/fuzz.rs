//! The decoders under `cargo fuzz`: guided by coverage, over the corpus, for so many runs each.
//!
//! Without a sanitizer the compiler at hand is enough: what guides is a pass of LLVM that stable compilers have, too; the
//! decoders are safe code, so what is found is a panic, an overflow or a broken promise. The tool is installed once into
//! the cache. What is tried and what is found lies there as well; only the corpus is part of the repository.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::{
    run::{Ended, Run, say},
    size::target_dir,
};

/// The tool, at this version.
const TOOL: &str = "0.13.2";

/// What is played, and how many inputs of each: half a minute for all of them.
const TARGETS: [(&str, u32); 8] = [
    ("bucket", 200_000),
    ("command", 40_000),
    ("sync_request", 20_000),
    ("sync_response", 20_000),
    ("heal", 40_000),
    ("segment", 20_000),
    ("parcel", 20_000),
    ("photo", 4_000),
];

/// Longest input in bytes; what breaks a reader of lengths and nestings needs no more.
const MOST_BYTES: u32 = 4_096;

/// Longest time for one input in seconds.
const MOST_SECONDS: u32 = 20;

/// Most memory for one input in MiB.
const MOST_MIB: u32 = 512;

/// Builds every target and plays it.
pub(crate) fn play(run: &Run) -> Result<Ended> {
    if cmd!(run.shell, "c++ --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        return Ok(Ended::CannotRun("no C++ compiler for what guides the runs; install g++".to_owned()));
    }
    let tool = installed(run)?;
    let target = target_dir(&run.shell).join("fuzz");
    cmd!(run.shell, "{tool} build --fuzz-dir tests/fuzz --sanitizer none --target-dir {target}").run()?;
    let built = target.join(host(run)?).join("release");
    let scratch = cache(run).join("scratch");
    run.shell.remove_path(&scratch)?;
    for (name, runs) in TARGETS {
        let (tried, found) = (scratch.join(name), scratch.join("found"));
        run.shell.create_dir(&tried)?;
        run.shell.create_dir(&found)?;
        let (program, prefix) = (built.join(name), found.join(format!("{name}-")));
        let limits = [
            format!("-runs={runs}"),
            format!("-max_len={MOST_BYTES}"),
            format!("-timeout={MOST_SECONDS}"),
            format!("-rss_limit_mb={MOST_MIB}"),
            format!("-artifact_prefix={}", prefix.display()),
            // The same inputs in every run; what is new is for the long runs of people.
            "-seed=1".to_owned(),
        ];
        // New inputs go to the first folder, the second is only read.
        let played = cmd!(run.shell, "{program} {limits...} {tried} tests/fuzz/corpus/{name}").quiet().ignore_status();
        let output = played.output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            say(&told);
            bail!("{name}: an input breaks it; it lies in {}", found.display());
        }
        let last = told.lines().rfind(|line| line.contains("cov:")).unwrap_or_default().trim();
        say(&format!("{name}: {last}"));
    }
    Ok(Ended::Done)
}

fn cache(run: &Run) -> PathBuf {
    run.shell.current_dir().join(".cache/fuzz")
}

/// The tool, installed when it is not there at this version.
fn installed(run: &Run) -> Result<PathBuf> {
    let root = cache(run).join(format!("cargo-fuzz-{TOOL}"));
    let tool = root.join("bin/cargo-fuzz");
    if !tool.exists() {
        let target = target_dir(&run.shell).join("tools");
        cmd!(run.shell, "cargo install cargo-fuzz --version {TOOL} --locked --root {root} --target-dir {target}")
            .run()?;
    }
    Ok(tool)
}

/// What this machine is called.
fn host(run: &Run) -> Result<String> {
    let told = cmd!(run.shell, "rustc --version --verbose").quiet().read()?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}
