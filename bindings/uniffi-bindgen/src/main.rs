//! Writes what other languages need to call the phone's core, from the library itself.
//!
//! `storewalk-bindgen <library> <folder>` writes, below the folder: `kotlin/generated`, `swift/generated`,
//! `python/storewalk/_generated` and `ffi/api.snap`. Each folder of generated files is emptied first, so that nothing stale
//! stays. The same library gives the same bytes.
//!
//! **Invariants.** Nothing here is part of what ships: the phone's library never depends on this crate, and this crate
//! not on the library's features. What is exported is read from the library, which must not be stripped.

mod api;

use std::{fs, process::ExitCode};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use uniffi_bindgen::{
    bindings::{GenerateOptions, TargetLanguage, generate},
    macro_metadata::extract_from_library,
};

fn main() -> ExitCode {
    match run(std::env::args().skip(1).map(Utf8PathBuf::from).collect::<Vec<_>>().as_slice()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[Utf8PathBuf]) -> Result<()> {
    let [library, root] = arguments else { bail!("give the library and the folder of bindings") };
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
    let items = extract_from_library(library).with_context(|| format!("read what {library} exports"))?;
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
