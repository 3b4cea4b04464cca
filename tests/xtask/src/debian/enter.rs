//! Running a program inside such a folder.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use xshell::{Cmd, cmd};

use super::is_here;
use crate::run::Run;

/// Folders that stand empty in the root, for what is shown inside while a program runs.
pub(super) const PLACES: [&str; 5] = ["dev", "proc", "tmp", "repository", "target"];

/// Shows the pieces inside, then becomes the program. Nothing of this is seen outside of the namespace.
const ENTER: &str = r#"
set -e
root=$1 repository=$2 target=$3
shift 3
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for node in null zero random urandom; do
    : > "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
done
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$repository" "$root/repository"
mount --bind "$target" "$root/target"
exec chroot "$root" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 PATH=/usr/bin "$@"
"#;

/// A folder with programs.
pub(crate) struct Root {
    place: PathBuf,
}

impl Root {
    pub(super) fn at(place: PathBuf) -> Self {
        Self { place }
    }

    /// A command inside: it sees the repository as `/repository`, `target` as `/target`, and these settings alone. It
    /// does not say how it is entered, which is long and always the same.
    pub(crate) fn command<'a>(&self, run: &'a Run, target: &Path, settings: &[&str], command: &[&str]) -> Cmd<'a> {
        let (place, repository) = (&self.place, run.shell.current_dir());
        let namespaces = namespaces(run);
        cmd!(run.shell, "unshare {namespaces...} sh -c {ENTER} enter {place} {repository} {target} {settings...}")
            .args(command)
            .quiet()
    }

    /// Runs a program that must be content; an error says what it said.
    pub(super) fn prove(&self, run: &Run, proof: &[&str]) -> Result<()> {
        let nothing = self.place.join("target");
        let ran = self.command(run, &nothing, &[], proof).quiet().ignore_status().output()?;
        ensure!(
            ran.status.success(),
            "`{}` must run in {}: {}",
            proof.join(" "),
            self.place.display(),
            String::from_utf8_lossy(&ran.stderr).trim()
        );
        Ok(())
    }
}

/// What keeps programs from being run in a folder of their own on this machine.
pub(super) fn missing(run: &Run) -> Option<String> {
    if let Some(program) = ["unshare", "chroot"].into_iter().find(|program| !is_here(run, program)) {
        return Some(format!("{program} is missing; it is there on Linux"));
    }
    let namespaces = namespaces(run);
    let tried = cmd!(run.shell, "unshare {namespaces...} true").quiet().ignore_stdout().ignore_stderr().run();
    tried.is_err().then(|| "this machine gives nobody a mount namespace; run as root".to_owned())
}

/// A namespace that ends with the command; who is not root becomes root inside of it alone.
fn namespaces(run: &Run) -> Vec<&'static str> {
    let mut namespaces = vec!["--mount", "--pid", "--fork", "--kill-child"];
    if !is_root(run).unwrap_or(false) {
        namespaces.push("--map-root-user");
    }
    namespaces
}

fn is_root(run: &Run) -> Result<bool> {
    Ok(cmd!(run.shell, "id -u").quiet().read()? == "0")
}
