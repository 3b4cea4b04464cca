//! Writes what other languages need to call the phone's core, from the library itself.
//!
//! `all <library> <folder>` writes, below the folder: `kotlin/generated`, `swift/generated`, `python/storewalk/_generated`
//! and `ffi/api.snap`. Each folder of generated files is emptied first, so that nothing stale stays. `generate` writes
//! Python's alone; it is how maturin asks when it makes a wheel. The same library gives the same bytes.
//!
//! **Invariants.** Nothing here is part of what ships: the phone's library never depends on this crate, and this crate
//! not on the library's features. What is exported is read from the library, which must not be stripped.

mod api;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, Subcommand};
use uniffi_bindgen::{
    bindings::{GenerateOptions, TargetLanguage, generate},
    macro_metadata::extract_from_library,
};

/// Writes bindings of the phone's core.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    work: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Writes everything that is kept in the repository.
    All {
        /// The library, not stripped.
        library: Utf8PathBuf,
        /// The folder of bindings.
        root: Utf8PathBuf,
    },
    /// Writes the modules of one language, for a packager.
    Generate {
        /// Only `python` is packaged this way.
        #[arg(long)]
        language: String,
        /// Where to write.
        #[arg(long)]
        out_dir: Utf8PathBuf,
        /// The library, not stripped.
        #[arg(long)]
        library: Utf8PathBuf,
        /// Passed over: each crate has its own settings.
        #[arg(long)]
        config: Option<Utf8PathBuf>,
        /// Passed over: nothing is ever formatted here.
        #[arg(long)]
        no_format: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(work: Work) -> Result<()> {
    match work {
        Work::All { library, root } => write_all(&library, &root),
        Work::Generate { language, out_dir, library, .. } if language == "python" => {
            write_language(&library, TargetLanguage::Python, &out_dir)
        }
        Work::Generate { language, .. } => bail!("{language} is not packaged this way; ask for `all`"),
    }
}

fn write_all(library: &Utf8Path, root: &Utf8Path) -> Result<()> {
    // First, so that nothing is emptied for a library that cannot be read.
    let items = extract_from_library(library).with_context(|| format!("read what {library} exports"))?;
    let languages = [
        (TargetLanguage::Kotlin, "kotlin/generated"),
        (TargetLanguage::Swift, "swift/generated"),
        (TargetLanguage::Python, "python/storewalk/_generated"),
    ];
    for (language, place) in languages {
        write_language(library, language, &root.join(place))?;
    }
    // Python finds relative modules only in a package.
    let package = "\"\"\"Written by `cargo xtask bindings`; import `storewalk` instead.\"\"\"\n";
    fs::write(root.join("python/storewalk/_generated/__init__.py"), package)?;
    fs::create_dir_all(root.join("ffi"))?;
    fs::write(root.join("ffi/api.snap"), api::listing(&items)).context("write the list of exports")
}

fn write_language(library: &Utf8Path, language: TargetLanguage, out_dir: &Utf8Path) -> Result<()> {
    if out_dir.exists() {
        fs::remove_dir_all(out_dir).with_context(|| format!("empty {out_dir}"))?;
    }
    fs::create_dir_all(out_dir)?;
    let options = GenerateOptions {
        languages: vec![language],
        source: library.to_owned(),
        out_dir: out_dir.to_owned(),
        // Formatters differ from machine to machine; the generator's own layout does not.
        format: false,
        ..GenerateOptions::default()
    };
    generate(options).with_context(|| format!("generate {out_dir}"))?;
    tidy(out_dir)
}

/// Takes blanks off the ends of lines, which the generators leave, so that the files pass the repository's own checks.
fn tidy(folder: &Utf8Path) -> Result<()> {
    for entry in folder.read_dir_utf8()? {
        let path = entry?.into_path();
        if path.is_dir() {
            tidy(&path)?;
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        fs::write(&path, format!("{}\n", lines.join("\n").trim_end()))?;
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a tool of the command line tells its user why it failed")]
fn complain(what: &str) {
    eprintln!("error: {what}");
}
