//! What other languages need, written from the phone's library and kept in the repository.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::{run::say, size::target_dir};

/// What is written, below `bindings/`.
const WRITTEN: [&str; 4] = ["kotlin/generated", "swift/generated", "python/storewalk/_generated", "ffi/api.snap"];

/// Writes them, or with `check` compares what would be written with what is there.
pub(crate) fn write(shell: &Shell, check: bool) -> Result<()> {
    let library = built(shell)?;
    let kept = shell.current_dir().join("bindings");
    if !check {
        return generate(shell, &library, &kept);
    }
    let scratch = shell.create_temp_dir()?;
    generate(shell, &library, scratch.path())?;
    let stale = differing(&files(&kept)?, &files(scratch.path())?);
    if !stale.is_empty() {
        bail!("not what `cargo xtask bindings` writes: {}", stale.join(", "));
    }
    say("the bindings are what the library exports");
    Ok(())
}

/// The phone's library as it is built for tests, with its symbols.
pub(crate) fn built(shell: &Shell) -> Result<PathBuf> {
    cmd!(shell, "cargo build --package storewalk-ffi").run()?;
    let library = format!("{}storewalk_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Ok(target_dir(shell).join("debug").join(library))
}

fn generate(shell: &Shell, library: &Path, root: &Path) -> Result<()> {
    Ok(cmd!(shell, "cargo run --quiet --package storewalk-bindgen -- all {library} {root}").run()?)
}

/// The written files by path from the root; hidden ones and what Python and the linker leave are nobody's.
fn files(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = WRITTEN.iter().map(|place| root.join(place)).filter(|place| place.exists()).collect();
    while let Some(place) = open.pop() {
        if place.is_dir() {
            let entries = fs::read_dir(&place)?.collect::<std::io::Result<Vec<_>>>()?;
            open.extend(entries.into_iter().map(|entry| entry.path()).filter(|path| !is_left_over(path)));
        } else {
            let name = place.strip_prefix(root).context("it lies below the root")?.to_owned();
            found.insert(name, fs::read(&place)?);
        }
    }
    Ok(found)
}

fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name == "__pycache__" || [".so", ".dylib", ".dll"].iter().any(|end| name.ends_with(end))
}

fn differing(kept: &BTreeMap<PathBuf, Vec<u8>>, fresh: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut names: Vec<&PathBuf> = kept.keys().chain(fresh.keys()).collect();
    names.sort();
    names.dedup();
    let stale = names.into_iter().filter(|name| kept.get(*name) != fresh.get(*name));
    stale.map(|name| name.display().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        files.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_file_that_is_old_missing_or_too_many_is_named() {
        let kept = tree(&[("a", "1"), ("b", "1"), ("gone", "1")]);
        let fresh = tree(&[("a", "1"), ("b", "2"), ("new", "1")]);
        assert_eq!(differing(&kept, &fresh), ["b", "gone", "new"]);
        assert!(differing(&kept, &kept).is_empty());
    }
}
