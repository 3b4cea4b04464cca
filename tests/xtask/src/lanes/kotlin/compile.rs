//! Jars out of sources, each made again only when what it is made of has changed.
//!
//! Three of them, each on top of the one before: the generated code, which is large and rarely changes; what is written
//! by hand; the tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use xshell::{Shell, cmd};

use super::tools::{self, Tools};
use crate::run::say;

/// Bytecode that Android's tools and every Java from 17 on read.
const TARGET: &str = "17";

/// The compiled binding.
pub(super) struct Jars {
    /// What UniFFI wrote.
    pub(super) generated: PathBuf,
    /// What is written by hand above it.
    pub(super) library: PathBuf,
    /// The contract tests.
    pub(super) tests: PathBuf,
}

/// Compiles what has changed.
pub(super) fn all(shell: &Shell, tools: &Tools, home: &Path) -> Result<Jars> {
    let home = shell.current_dir().join(home);
    let strict: &[&str] = &["-Werror", "-Xexplicit-api=strict", "-progressive"];
    let generated = one(shell, tools, "generated", &home.join("generated"), &[], &["-nowarn"])?;
    let library = one(shell, tools, "library", &home.join("src/main"), &[&generated], strict)?;
    let friends = format!("-Xfriend-paths={},{}", library.display(), generated.display());
    let tests = &[library.as_path(), generated.as_path()];
    let tests = one(shell, tools, "tests", &home.join("src/test"), tests, &["-Werror", &friends])?;
    Ok(Jars { generated, library, tests })
}

fn one(shell: &Shell, tools: &Tools, name: &str, sources: &Path, below: &[&Path], flags: &[&str]) -> Result<PathBuf> {
    let files = sources_in(sources)?;
    ensure!(!files.is_empty(), "there is no Kotlin in {}", sources.display());
    let jar = tools.shelf().join(format!("{name}-{}.jar", key(&files, below, flags)?));
    if jar.is_file() {
        return Ok(jar);
    }
    say(&format!("compiling {} files of {name}", files.len()));
    fs::create_dir_all(tools.shelf())?;
    forget(&tools.shelf(), name)?;
    // Under another name first, so that a broken-off compilation is never taken for a finished one.
    let unfinished = tools.shelf().join(format!("unfinished-{name}.jar"));
    let java = ["-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    let path = tools.class_path(below);
    let settings = ["-no-stdlib", "-no-reflect", "-jvm-target", TARGET, "-module-name", &format!("storewalk-{name}")];
    let lib = tools.lib();
    let compiler = [
        "kotlin-compiler",
        "kotlin-stdlib",
        "kotlin-script-runtime",
        "kotlin-reflect",
        "kotlin-daemon",
        "kotlinx-coroutines-core-jvm",
        "annotations-13.0",
    ];
    let compiler: Vec<String> = compiler.map(|name| lib.join(format!("{name}.jar")).display().to_string()).into();
    let compiler = compiler.join(if cfg!(windows) { ";" } else { ":" });
    let main = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";
    cmd!(shell, "java {java...} -cp {compiler} {main} {settings...} {flags...} -cp {path} -d {unfinished} {files...}")
        .quiet()
        .run()
        .with_context(|| format!("compile {}", sources.display()))?;
    fs::rename(unfinished, &jar)?;
    Ok(jar)
}

/// Every Kotlin file below a folder, in order of path.
pub(super) fn sources_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources_in(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "kt") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A name for what comes out: the same only for the same sources, flags, tools and jars below.
fn key(files: &[PathBuf], below: &[&Path], flags: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(Tools::fingerprint());
    hash.update(TARGET);
    for flag in flags {
        hash.update(flag);
    }
    for jar in below {
        // The name of a jar holds the hash of what it was made of.
        hash.update(jar.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
    }
    for file in files {
        let text = fs::read(file)?;
        hash.update(file.display().to_string());
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    Ok(tools::hex(&hash.finalize()[..12]))
}

/// Removes the jars of earlier sources.
fn forget(shelf: &Path, name: &str) -> Result<()> {
    for entry in fs::read_dir(shelf)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&format!("{name}-")) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
