//! Where what the lanes need lies between two runs.
//!
//! Two places. What is fetched is the same for every checkout and never changes once it is there: it lies in the folder
//! that `STOREWALK_CACHE` names, or else in the repository's own `.cache`. What is made from this checkout's sources always
//! lies in its own `.cache`. Whoever adds to the first holds the lock of what is added to.

use std::{
    fs::{self, File},
    path::PathBuf,
};

use anyhow::{Context, Result};

use crate::run::Run;

/// Names the folder that several checkouts share.
const SHARED: &str = "STOREWALK_CACHE";

/// The folder for what is fetched; made when there is none.
pub(crate) fn fetched(run: &Run) -> Result<PathBuf> {
    let shared = run.shell.var_os(SHARED).filter(|named| !named.is_empty());
    let place = shared.map_or_else(|| own(run), |named| run.shell.current_dir().join(named));
    fs::create_dir_all(&place).with_context(|| format!("make {}", place.display()))?;
    Ok(place)
}

/// The folder for what is made here.
pub(crate) fn own(run: &Run) -> PathBuf {
    run.shell.current_dir().join(".cache")
}

/// The right to add something of this name to what is fetched; given back when dropped.
pub(crate) fn lock(run: &Run, name: &str) -> Result<File> {
    let lock = File::create(fetched(run)?.join(format!("{name}.lock"))).context("make the lock of the cache")?;
    lock.lock().context("wait for another run that fetches the same")?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use xshell::Shell;

    use super::*;

    #[test]
    fn what_is_fetched_may_be_shared_and_what_is_made_never_is() {
        let shell = Shell::new().expect("a shell");
        let folder = shell.create_temp_dir().expect("a temporary folder");
        shell.change_dir(folder.path());
        let run = Run::new(shell, false);
        run.shell.set_var(SHARED, "elsewhere");
        assert_eq!(fetched(&run).expect("it can be made"), folder.path().join("elsewhere"));
        assert_eq!(own(&run), folder.path().join(".cache"));
        let _lock = lock(&run, "trial").expect("nobody holds it");
        assert!(folder.path().join("elsewhere/trial.lock").is_file());
    }
}
