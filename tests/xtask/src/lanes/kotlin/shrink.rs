//! The binding as an app's build leaves it: shrunk, optimised and renamed by the rules that come along with the library.
//!
//! R8 itself is in Google's own repository alone. `ProGuard` reads the same rules and does the same to what they leave free,
//! so what JNA looks up by name and the rules forget is missing here as it would be in an app. What only R8 does to a jar
//! is not shown by this.
//!
//! The part of the app is played by the tests: all that is public in the package `storewalk` keeps its name, and nothing
//! else does unless the rules say so.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::{compile::Jars, tools::Tools};
use crate::run::say;

/// What apps get along with the library.
const RULES: &str = "consumer-rules.pro";

/// What the JVM brings and the binding names.
const MODULES: [&str; 3] = ["java.base", "java.desktop", "java.logging"];

/// Shrinks what apps are given; the one jar that comes out of it.
pub(super) fn shrunk(shell: &Shell, tools: &Tools, home: &Path, jars: &Jars) -> Result<PathBuf> {
    let (out, rules) = (tools.shelf().join("shrunk.jar"), tools.shelf().join("shrink.pro"));
    fs::write(&rules, settings(shell, tools, home, jars, &out)?).context("write the rules")?;
    say("shrinking the binding as an app's build does");
    let path = tools.shrinker();
    let java = ["-Xmx1g", "-XX:+UseSerialGC"];
    cmd!(shell, "java {java...} -cp {path} proguard.ProGuard @{rules}").quiet().ignore_stdout().run()?;
    ensure!(out.is_file(), "the shrinker made nothing");
    Ok(out)
}

fn settings(shell: &Shell, tools: &Tools, home: &Path, jars: &Jars, out: &Path) -> Result<String> {
    let rules = shell.current_dir().join(home).join(RULES);
    let mut lines: Vec<String> = [&jars.generated, &jars.library, &tools.jna()]
        .map(|jar| format!("-injars {}(!META-INF/**)", quoted(jar)))
        .into();
    lines.push(format!("-outjars {}", quoted(out)));
    lines.extend(
        modules(shell)?.iter().map(|file| format!("-libraryjars {}(!**.jar;!module-info.class)", quoted(file))),
    );
    lines.extend(tools.below().iter().map(|jar| format!("-libraryjars {}", quoted(jar))));
    lines.push("-keep public class storewalk.* { public *; }".to_owned());
    lines.push("-dontnote".to_owned());
    lines.push(format!("-include {}", quoted(&rules)));
    Ok(lines.join("\n"))
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

/// The JVM's own classes.
fn modules(shell: &Shell) -> Result<Vec<PathBuf>> {
    let said = cmd!(shell, "java -XshowSettings:properties -version").quiet().read_stderr()?;
    let home = said.lines().find_map(|line| line.trim().strip_prefix("java.home = ")).context("find Java's folder")?;
    let folder = Path::new(home).join("jmods");
    ensure!(folder.is_dir(), "there is no {}; install the JDK", folder.display());
    Ok(MODULES.map(|name| folder.join(format!("{name}.jmod"))).into())
}
