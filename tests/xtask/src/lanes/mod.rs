//! The lanes of `cargo xtask test`, in their order: cheap ones first, each reusing what the one before has built.

mod browser;
mod fuzz;
mod kotlin;
#[cfg(unix)]
mod mobile;
mod python;
mod s3;
mod swift;
mod toolchain;

use anyhow::{Result, bail};
use xshell::cmd;

use crate::run::{Ended, Run};

/// One step of a run.
#[derive(Clone, Copy)]
pub(crate) struct Lane {
    /// What the summary calls it.
    pub(crate) name: &'static str,
    /// What holds when it has passed.
    pub(crate) promise: &'static str,
    /// Whether its failure makes the rest pointless.
    pub(crate) others_need_it: bool,
    /// Does it.
    pub(crate) run: fn(&Run) -> Result<Ended>,
}

/// Everything, in order.
pub(crate) const ALL: &[Lane] =
    &[TOOLCHAIN, BROWSER, FORMAT, LINT, DOC, TEST, FUZZ, S3, BINDINGS, PYTHON, KOTLIN, SWIFT, MOBILE, DEMO];

/// The lanes of these names in their usual order; all of them when none is named.
pub(crate) fn named(names: &[String]) -> Result<Vec<Lane>> {
    if let Some(unknown) = names.iter().find(|name| !ALL.iter().any(|lane| lane.name == name.as_str())) {
        let known: Vec<_> = ALL.iter().map(|lane| lane.name).collect();
        bail!("there is no lane {unknown}; there are {}", known.join(", "));
    }
    Ok(ALL.iter().filter(|lane| names.is_empty() || names.iter().any(|name| name == lane.name)).copied().collect())
}

/// The compiler and its tools.
pub(crate) const TOOLCHAIN: Lane = Lane {
    name: "toolchain",
    promise: "the compiler is the pinned one, with rustfmt and clippy",
    others_need_it: true,
    run: toolchain::check,
};

/// What the console's tests drive.
pub(crate) const BROWSER: Lane = Lane {
    name: "browser",
    promise: "Chromium, its driver and a Chinese font stand ready for the console's tests",
    others_need_it: false,
    run: browser::provide,
};

/// Photos in a bucket.
pub(crate) const S3: Lane = Lane {
    name: "s3",
    promise: "photos lie in a bucket of a real S3-compatible store as they do in a folder",
    others_need_it: false,
    run: s3::buckets,
};

/// Source format.
pub(crate) const FORMAT: Lane =
    Lane { name: "format", promise: "the source is formatted", others_need_it: false, run: format };

/// Lints, warnings refused.
pub(crate) const LINT: Lane =
    Lane { name: "lint", promise: "clippy has nothing to say", others_need_it: false, run: lint };

/// Reference pages, warnings refused.
pub(crate) const DOC: Lane = Lane {
    name: "doc",
    promise: "everything public is documented and every link resolves",
    others_need_it: false,
    run: doc,
};

/// All tests of all crates.
pub(crate) const TEST: Lane =
    Lane { name: "test", promise: "every test of every crate passes", others_need_it: false, run: test };

/// The decoders, guided by coverage.
pub(crate) const FUZZ: Lane = Lane {
    name: "fuzz",
    promise: "no decoder of what comes from outside breaks, guided by coverage over its corpus",
    others_need_it: false,
    run: fuzz::play,
};

/// The Swift package.
pub(crate) const SWIFT: Lane = Lane {
    name: "swift",
    promise: "the Swift package keeps the contract of the bindings",
    others_need_it: false,
    run: swift::contract,
};

/// What is written for other languages.
pub(crate) const BINDINGS: Lane = Lane {
    name: "bindings",
    promise: "what is kept for Kotlin, Swift and Python is what the library exports",
    others_need_it: false,
    run: bindings,
};

/// The systems that apps ship on.
pub(crate) const MOBILE: Lane = Lane {
    name: "mobile",
    promise: "core and facade pass the compiler's checks for Android and iOS",
    others_need_it: false,
    run: mobile,
};

/// The contract, in Python.
pub(crate) const PYTHON: Lane = Lane {
    name: "python",
    promise: "the wheel installs, and the core keeps its contract when called from Python",
    others_need_it: false,
    run: python::contract,
};

/// Figures, no test: not among those that `test` runs.
pub(crate) const OVERHEAD: &[Lane] = &[FLOOR, PYTHON_OVERHEAD, KOTLIN_OVERHEAD, SWIFT_OVERHEAD];

/// The Python package as it is installed.
pub(crate) const WHEEL: Lane =
    Lane { name: "wheel", promise: "the wheel is made as people install it", others_need_it: false, run: python::ship };

const FLOOR: Lane = Lane {
    name: "floor",
    promise: "what the same calls cost without a door between is printed",
    others_need_it: false,
    run: floor,
};

const PYTHON_OVERHEAD: Lane = Lane {
    name: "python",
    promise: "what a call and a callback cost from Python is printed",
    others_need_it: false,
    run: python::bench,
};

const SWIFT_OVERHEAD: Lane = Lane {
    name: "swift",
    promise: "what a call and a callback cost from Swift is printed",
    others_need_it: false,
    run: swift::figures,
};

/// The Kotlin binding, against a real server.
pub(crate) const KOTLIN: Lane = Lane {
    name: "kotlin",
    promise: "the Kotlin binding compiles and keeps its contract, on a JVM and against a real server",
    others_need_it: false,
    run: kotlin::test,
};

const KOTLIN_OVERHEAD: Lane = Lane {
    name: "kotlin",
    promise: "what a call and a callback cost from Kotlin is printed",
    others_need_it: false,
    run: kotlin::bench,
};

/// The field day, figure by figure.
pub(crate) const DEMO: Lane = Lane {
    name: "demo",
    promise: "every figure of the field day is the expected one",
    others_need_it: false,
    run: demo,
};

fn format(run: &Run) -> Result<Ended> {
    judged(run, || cmd!(run.shell, "cargo fmt --all --check").run())
}

fn lint(run: &Run) -> Result<Ended> {
    judged(run, || cmd!(run.shell, "cargo clippy --workspace --all-targets -- -D warnings").run())
}

fn doc(run: &Run) -> Result<Ended> {
    let _flags = run.shell.push_env("RUSTDOCFLAGS", "-D warnings");
    judged(run, || cmd!(run.shell, "cargo doc --workspace --no-deps").run())
}

/// Format, lints and warnings differ between compilers; only the pinned one's word counts.
fn judged(run: &Run, work: impl FnOnce() -> xshell::Result<()>) -> Result<Ended> {
    if !run.judges_style.get() {
        return Ok(Ended::CannotRun("this compiler does not judge it".to_owned()));
    }
    work()?;
    Ok(Ended::Done)
}

fn test(run: &Run) -> Result<Ended> {
    cmd!(run.shell, "cargo test --workspace --no-fail-fast").run()?;
    Ok(Ended::Done)
}

fn floor(run: &Run) -> Result<Ended> {
    let _sqlite = crate::phone::sqlite(&run.shell)?;
    cmd!(run.shell, "cargo run --profile phone --package storewalk-ffi --example calls").run()?;
    Ok(Ended::Done)
}

fn bindings(run: &Run) -> Result<Ended> {
    crate::bindings::write(&run.shell, true)?;
    Ok(Ended::Done)
}

#[cfg(unix)]
fn mobile(run: &Run) -> Result<Ended> {
    mobile::check(run)
}

#[cfg(not(unix))]
fn mobile(_: &Run) -> Result<Ended> {
    Ok(Ended::CannotRun("the stand-in for a C compiler is a script for Unix".to_owned()))
}

fn demo(run: &Run) -> Result<Ended> {
    cmd!(run.shell, "cargo demo -- --exit").run()?;
    Ok(Ended::Done)
}
