//! The Python package: its wheel, and its contract tests against a real server process.
//!
//! An environment with the pinned tools is made once for each pin and lies where `cache` keeps what is fetched; the wheel,
//! and the package as it installs, lie in `.cache/python` of this checkout.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use xshell::cmd;

use crate::{
    cache, phone,
    run::{Ended, Run, say},
    size::target_dir,
};

/// What is installed from the package index, and what that needs itself. `tuspy` is a tus client of other people's, which
/// the server has to get on with.
const TOOLS: [&str; 4] = ["maturin==1.16.0", "pytest==9.2.0", "mypy==1.18.2", "tuspy==1.1.0"];

/// The oldest Python the package runs on.
const OLDEST: (u32, u32) = (3, 10);

/// Makes the wheel, installs it and runs the contract.
pub(crate) fn contract(run: &Run) -> Result<Ended> {
    let Some(made) = wheel(run, "dev")? else {
        return Ok(no_python());
    };
    let installed = install(run, &made)?;
    let python = made.python;
    check_types(run, &python, &installed)?;
    let _package = run.shell.push_env("PYTHONPATH", &installed);
    cmd!(run.shell, "cargo build --package storewalk-tests --bin contract_server").run()?;
    let server = target_dir(&run.shell).join("debug/contract_server");
    let _server = run.shell.push_env("STOREWALK_CONTRACT_SERVER", server);
    // Away from the sources, so that the installed package is the one that is tested.
    let tests = run.shell.current_dir().join("bindings/python/tests");
    let _there = run.shell.push_dir(&tests);
    cmd!(run.shell, "{python} -B -m pytest -q -p no:cacheprovider .").run()?;
    Ok(Ended::Done)
}

/// The type checker's word on the package as it was installed, and on callers of it.
fn check_types(run: &Run, python: &Path, installed: &Path) -> Result<()> {
    let (shell, cache) = (&run.shell, own(run).join("types"));
    let (_package, _cache) = (shell.push_env("MYPYPATH", installed), shell.push_env("MYPY_CACHE_DIR", cache));
    let settings = "bindings/python/pyproject.toml";
    cmd!(shell, "{python} -m mypy --config-file {settings} --package storewalk").run()?;
    Ok(cmd!(shell, "{python} -m mypy --config-file {settings} bindings/python/tests/typed.py").run()?)
}

/// Prints what calls into the core and out of it cost from Python, with the library as phones have it.
pub(crate) fn bench(run: &Run) -> Result<Ended> {
    let Some(made) = wheel(run, "dev")? else {
        return Ok(no_python());
    };
    let installed = install(run, &made)?;
    phone::library(&run.shell)?;
    let library = format!("{}storewalk_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let built = target_dir(&run.shell).join("phone").join(&library);
    run.shell.copy_file(built, installed.join("storewalk/_generated").join(library))?;
    let (python, _package) = (made.python, run.shell.push_env("PYTHONPATH", installed));
    cmd!(run.shell, "{python} -B bindings/python/tests/bench.py").quiet().run()?;
    Ok(Ended::Done)
}

/// Installs the wheel into a folder of its own; that folder.
fn install(run: &Run, made: &Made) -> Result<PathBuf> {
    let (installed, Made { python, wheel }) = (own(run).join("installed"), made);
    run.shell.remove_path(&installed)?;
    cmd!(run.shell, "{python} -m pip install --quiet --no-deps --no-index --target {installed} {wheel}").run()?;
    Ok(installed)
}

/// An environment and what was made with it.
struct Made {
    python: PathBuf,
    wheel: PathBuf,
}

/// Makes the wheel that people install, with the library as phones have it.
pub(crate) fn ship(run: &Run) -> Result<Ended> {
    let _sqlite = phone::sqlite(&run.shell)?;
    let Some(made) = wheel(run, "phone")? else { return Ok(no_python()) };
    say(&made.wheel.display().to_string());
    Ok(Ended::Done)
}

fn no_python() -> Ended {
    Ended::CannotRun("no python3 of at least 3.10 with venv; install python3-venv".to_owned())
}

/// Makes the wheel; nothing when there is no Python to make it with.
fn wheel(run: &Run, profile: &str) -> Result<Option<Made>> {
    let Some(python) = environment(run)? else { return Ok(None) };
    let out = own(run).join("wheels");
    run.shell.remove_path(&out)?;
    let target = target_dir(&run.shell);
    let _path = run.shell.push_env("PATH", with_generator(run)?);
    let _there = run.shell.push_dir(run.shell.current_dir().join("bindings/python"));
    cmd!(run.shell, "{python} -m maturin build --quiet --profile {profile} --out {out} --target-dir {target}").run()?;
    let made = run.shell.read_dir(&out)?;
    let wheel = made.into_iter().find(|file| file.extension().is_some_and(|end| end == "whl"));
    Ok(Some(Made { python, wheel: wheel.context("maturin made no wheel")? }))
}

/// The path with our generator in front, under the name by which maturin asks for one.
fn with_generator(run: &Run) -> Result<OsString> {
    cmd!(run.shell, "cargo build --package storewalk-bindgen").run()?;
    let tools = own(run).join("tools");
    run.shell.create_dir(&tools)?;
    run.shell.copy_file(target_dir(&run.shell).join("debug/storewalk-bindgen"), tools.join("uniffi-bindgen"))?;
    let path = run.shell.var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::iter::once(tools).chain(std::env::split_paths(&path)))?)
}

/// What is made here.
fn own(run: &Run) -> PathBuf {
    cache::own(run).join("python")
}

/// The environment with the tools, made when there is none for these pins.
fn environment(run: &Run) -> Result<Option<PathBuf>> {
    if !is_fit(run) {
        return Ok(None);
    }
    let folder = cache::fetched(run)?.join("python").join(TOOLS.join("-").replace("==", "-"));
    let _lock = cache::lock(run, "python")?;
    let (python, ready) = (folder.join("bin/python"), folder.join("ready"));
    if !ready.exists() {
        run.shell.remove_path(&folder)?;
        run.shell.create_dir(&folder)?;
        if cmd!(run.shell, "python3 -m venv {folder}").ignore_stdout().run().is_err() {
            return Ok(None);
        }
        cmd!(run.shell, "{python} -m pip install --quiet --disable-pip-version-check").args(TOOLS).run()?;
        run.shell.write_file(&ready, "")?;
    }
    Ok(Some(python))
}

fn is_fit(run: &Run) -> bool {
    let (major, minor) = OLDEST;
    let question = format!("import sys, venv; sys.exit(sys.version_info < ({major}, {minor}))");
    cmd!(run.shell, "python3 -c {question}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}
