//! Programs of another Debian release in a folder of their own: what this machine's release does not have.
//!
//! **States.** A folder is being made (`….partial`, nobody reads it) or complete (renamed to its last name). Who makes
//! it holds a lock; whoever was interrupted leaves a partial folder that the next one throws away. A folder is made for
//! one recipe: another recipe, another name, and the folder of the old one goes, so that there is never more than one.
//!
//! **Invariants.** Packages come through this machine's own apt (its mirror, its proxies) and are checked against
//! Debian's keys. They are only unpacked: no script of a package runs, nothing of this machine changes, nobody has to
//! be root. Programs run in a mount and process namespace of their own, which sees a handful of device nodes and goes
//! with the last of its processes.
//!
//! **Non-goals.** Keeping a guest out or in: this is no sandbox, and the network is this machine's.

mod enter;
mod fetch;

use std::{fs, path::Path};

use anyhow::{Context, Result};
use xshell::cmd;

pub(crate) use enter::Root;

use crate::{
    cache,
    run::{Run, say},
};

/// What a folder is made of.
pub(crate) struct Recipe {
    /// Short name of the folder.
    pub(crate) name: &'static str,
    /// The release that the packages are taken from.
    pub(crate) suite: &'static str,
    /// What is asked for, `name` or `name=version*`; what these need comes along.
    pub(crate) packages: &'static [&'static str],
    /// Patterns of files that are not unpacked.
    pub(crate) leave_out: &'static [&'static str],
    /// A program that must run in the finished folder, and its argument.
    pub(crate) proof: [&'static str; 2],
    /// Megabytes that must be free while it is made.
    pub(crate) needs_megabytes: u64,
}

/// The folder, or why there can be none here, in one line.
pub(crate) enum Provided {
    /// Programs can be run in it.
    Ready(Root),
    /// What is missing.
    CannotBe(String),
}

/// Finds the folder of this recipe, making it when there is none.
pub(crate) fn provide(run: &Run, recipe: &Recipe) -> Result<Provided> {
    if let Some(why) = enter::missing(run) {
        return Ok(Provided::CannotBe(why));
    }
    let cache = cache::fetched(run)?;
    let place = cache.join(format!("{}-{:016x}", recipe.name, recipe.fingerprint()));
    let _lock = cache::lock(run, recipe.name)?;
    let root = Root::at(place.clone());
    if place.exists() {
        match root.prove(run, &recipe.proof) {
            Ok(()) => return Ok(Provided::Ready(root)),
            Err(why) => say(&format!("made again: {why:#}")),
        }
    }
    make_room(&cache, recipe)?;
    if let Some(why) = fetch::missing(run, recipe, &cache)? {
        return Ok(Provided::CannotBe(why));
    }
    let partial = cache.join(format!("{}.partial", recipe.name));
    if let Some(why) = fetch::unpacked(run, recipe, &partial)? {
        fs::remove_dir_all(&partial).context("throw the unfinished folder away")?;
        return Ok(Provided::CannotBe(why));
    }
    finish(run, recipe, &partial, &place)?;
    Ok(Provided::Ready(root))
}

/// Proves the new folder and gives it its name.
fn finish(run: &Run, recipe: &Recipe, partial: &Path, place: &Path) -> Result<()> {
    let made = partial.join(fetch::ROOT);
    Root::at(made.clone()).prove(run, &recipe.proof)?;
    fs::rename(&made, place).context("give the finished folder its name")?;
    fs::remove_dir_all(partial).context("throw away what it was made from")
}

/// Throws away what older recipes and interrupted runs have left.
fn make_room(cache: &Path, recipe: &Recipe) -> Result<()> {
    let (old, partial) = (format!("{}-", recipe.name), format!("{}.partial", recipe.name));
    for entry in fs::read_dir(cache).context("list the cache")? {
        let entry = entry.context("list the cache")?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == partial || name.starts_with(&old) {
            fs::remove_dir_all(entry.path()).with_context(|| format!("throw {name} away"))?;
        }
    }
    Ok(())
}

/// Whether a program of this machine answers.
fn is_here(run: &Run, program: &str) -> bool {
    cmd!(run.shell, "{program} --version").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

impl Recipe {
    /// A number that changes with the recipe (FNV-1a over its words).
    fn fingerprint(&self) -> u64 {
        let words = [self.suite].into_iter().chain(self.packages.iter().copied()).chain(self.leave_out.iter().copied());
        words
            .flat_map(|word| word.bytes().chain([0]))
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

#[cfg(test)]
mod tests {
    use super::Recipe;

    const RECIPE: Recipe = Recipe {
        name: "trial",
        suite: "trixie",
        packages: &["dash"],
        leave_out: &[],
        proof: ["sh", "-c"],
        needs_megabytes: 1,
    };

    #[test]
    fn another_recipe_has_another_name_and_words_do_not_run_together() {
        let plain = RECIPE.fingerprint();
        assert_ne!(plain, Recipe { packages: &["dash", "grep"], ..RECIPE }.fingerprint());
        assert_ne!(plain, Recipe { packages: &["da", "sh"], ..RECIPE }.fingerprint());
        assert_ne!(plain, Recipe { suite: "sid", ..RECIPE }.fingerprint());
        assert_eq!(plain, Recipe { needs_megabytes: 2, ..RECIPE }.fingerprint());
    }
}
