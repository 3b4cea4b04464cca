//! The Kotlin binding: formatted, compiled and run against a real server process, on a plain JVM.
//!
//! **Map.** `tools` brings the compiler, `JUnit` and the formatter, pinned by their hashes;
//! `compile` makes jars out of sources, each again only when what it is made of has changed; `names` sees to it that apps
//! need nothing that is generated; `shrink` leaves of the binding what an app's build leaves.
//!
//! **Invariants.** What is compiled here is what Android compiles: the same generated file, the same wrapper, nothing
//! of the JVM that Android's minimum version does not have beside it. The tests load the library that was just built.
//!
//! **Non-goals.** An Android archive: that needs Android's own build and is said to be unproven where it is offered.

mod compile;
mod names;
mod shrink;
mod tools;

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::{Shell, cmd};

use self::tools::Tools;
use crate::{
    bindings, phone,
    run::{Ended, Run},
    size::target_dir,
};

/// The folder of the binding.
const HOME: &str = "bindings/kotlin";

/// Formats, compiles and runs the contract tests.
pub(crate) fn test(run: &Run) -> Result<Ended> {
    let tools = match tools::provide(run)? {
        Ok(tools) => tools,
        Err(why) => return Ok(Ended::CannotRun(why)),
    };
    format(&run.shell, &tools)?;
    names::check(&run.shell.current_dir().join(HOME))?;
    let built = build(&run.shell)?;
    let jars = compile::all(&run.shell, &tools, Path::new(HOME))?;
    let path = tools.class_path(&[&jars.tests, &jars.library, &jars.generated]);
    contract(&run.shell, &path, &built, &["--scan-class-path".to_owned(), jars.tests.display().to_string()])?;
    let shrunk = shrink::shrunk(&run.shell, &tools, Path::new(HOME), &jars)?;
    let path = tools.shrunk_class_path(&[&jars.tests, &shrunk]);
    contract(
        &run.shell,
        &path,
        &built,
        &PLAYED_SHRUNK.map(|class| format!("--select-class=storewalk.contract.{class}")),
    )?;
    Ok(Ended::Done)
}

/// What is played with the shrunk binding: records, errors, calls that suspend, and every kind of call from the core.
const PLAYED_SHRUNK: [&str; 3] = ["FieldDayTest", "HostTest", "ListenerTest"];

/// Measures what a call and a callback cost, with the library as phones have it.
pub(crate) fn bench(run: &Run) -> Result<Ended> {
    let tools = match tools::provide(run)? {
        Ok(tools) => tools,
        Err(why) => return Ok(Ended::CannotRun(why)),
    };
    phone::library(&run.shell)?;
    let jars = compile::all(&run.shell, &tools, Path::new(HOME))?;
    let path = tools.class_path(&[&jars.tests, &jars.library, &jars.generated]);
    let flags = flags(&run.shell, &target_dir(&run.shell).join("phone"));
    cmd!(run.shell, "java {flags...} -cp {path} storewalk.contract.BenchKt").quiet().run()?;
    Ok(Ended::Done)
}

/// The formatter's word on what is written by hand.
fn format(shell: &Shell, tools: &Tools) -> Result<()> {
    let formatter = tools.formatter();
    let java =
        ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"];
    let sources = ["src/**/*.kt", "*.kts"].map(|pattern| format!("{HOME}/{pattern}"));
    Ok(cmd!(shell, "java {java...} -jar {formatter} --relative {sources...}").run()?)
}

/// Builds the library and the server that the tests talk to; where they lie.
fn build(shell: &Shell) -> Result<PathBuf> {
    bindings::built(shell)?;
    cmd!(shell, "cargo build --package storewalk-tests --bin contract_server").run()?;
    Ok(target_dir(shell).join("debug"))
}

fn contract(shell: &Shell, path: &str, built: &Path, which: &[String]) -> Result<()> {
    let (flags, console) = (flags(shell, built), "org.junit.platform.console.ConsoleLauncher");
    let how = ["--details=tree", "--disable-banner", "--disable-ansi-colors", "--fail-if-no-tests"];
    // All on one class path: the tests start further JVMs with it.
    cmd!(shell, "java {flags...} -cp {path} {console} execute {which...} {how...}").quiet().run()?;
    Ok(())
}

/// What a JVM with the library needs to know.
fn flags(shell: &Shell, built: &Path) -> Vec<String> {
    let server = built.join(format!("contract_server{}", std::env::consts::EXE_SUFFIX));
    let pictures = shell.current_dir().join("tests/fixtures/photos/shelf");
    vec![
        "-ea".to_owned(),
        "-Xmx512m".to_owned(),
        "-XX:+UseSerialGC".to_owned(),
        "-Dfile.encoding=UTF-8".to_owned(),
        format!("-Djna.library.path={}", built.display()),
        format!("-Dstorewalk.contract.server={}", server.display()),
        format!("-Dstorewalk.contract.pictures={}", pictures.display()),
    ]
}
