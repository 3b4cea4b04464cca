//! From a recipe to an unpacked folder: download through apt with a state of its own, unpack, leave the rest.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use xshell::cmd;

use super::{Recipe, is_here};
use crate::run::{Run, say};

/// The name of the unpacked folder inside the unfinished one.
pub(super) const ROOT: &str = "root";

/// Debian's keys, as every Debian has them.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// What of this machine keeps a folder from being made.
pub(super) fn missing(run: &Run, recipe: &Recipe, cache: &Path) -> Result<Option<String>> {
    if let Some(program) = ["apt-get", "dpkg-deb", "tar"].into_iter().find(|program| !is_here(run, program)) {
        return Ok(Some(format!("{program} is missing; it is there on Debian")));
    }
    let free = cmd!(run.shell, "df --output=avail --block-size=1M {cache}").quiet().read()?;
    let free: u64 = free.lines().last().and_then(|line| line.trim().parse().ok()).context("read what df says")?;
    let needed = recipe.needs_megabytes;
    Ok((free < needed).then(|| format!("{needed} MB are needed in {}, {free} MB are free", cache.display())))
}

/// Makes the folder; what kept it from being made otherwise, in one line.
pub(super) fn unpacked(run: &Run, recipe: &Recipe, partial: &Path) -> Result<Option<String>> {
    let Some(mirror) = mirror(run)? else {
        return Ok(Some("this machine's apt names no mirror of Debian".to_owned()));
    };
    let settings = settings(recipe, partial, &mirror)?;
    say(&format!("fetching {} from Debian {}", recipe.packages.join(", "), recipe.suite));
    if cmd!(run.shell, "apt-get -c {settings} --quiet=2 update").quiet().run().is_err() {
        return Ok(Some(format!("Debian {} cannot be read from this machine's mirror", recipe.suite)));
    }
    let packages = recipe.packages;
    let fetched = cmd!(run.shell, "apt-get -c {settings} --quiet=2 --yes --download-only install {packages...}");
    if fetched.quiet().ignore_stdout().run().is_err() {
        return Ok(Some(format!("{} cannot be had from Debian {}", packages.join(", "), recipe.suite)));
    }
    unpack_all(&partial.join("archives"), &partial.join(ROOT), recipe.leave_out)?;
    Ok(None)
}

/// The mirror that serves this machine's own release.
fn mirror(run: &Run) -> Result<Option<String>> {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let Some(codename) = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME=")) else {
        return Ok(None);
    };
    if !release.lines().any(|line| line == "ID=debian") {
        return Ok(None);
    }
    let addresses = cmd!(run.shell, "apt-get --print-uris update").quiet().read()?;
    Ok(mirror_among(&addresses, codename))
}

fn mirror_among(addresses: &str, codename: &str) -> Option<String> {
    let file = format!("/dists/{codename}/InRelease'");
    addresses.lines().find_map(|line| {
        let (before, _) = line.strip_prefix('\'')?.split_once(&file)?;
        Some(before.to_owned())
    })
}

/// Writes apt's settings for a state of its own; what is not named here stays as on this machine.
fn settings(recipe: &Recipe, partial: &Path, mirror: &str) -> Result<std::path::PathBuf> {
    for folder in ["lists/partial", "archives/partial"] {
        fs::create_dir_all(partial.join(folder)).context("make room for packages")?;
    }
    fs::write(partial.join("status"), "")?;
    fs::write(partial.join("sources.list"), format!("deb [signed-by={KEYS}] {mirror} {} main\n", recipe.suite))?;
    let own = partial.display();
    let text = format!(
        r#"Dir::State::status "{own}/status";
Dir::State::lists "{own}/lists";
Dir::State::extended_states "{own}/extended";
Dir::Cache "{own}";
Dir::Cache::archives "{own}/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "{own}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
APT::Default-Release "";
APT::Install-Recommends "false";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Debug::NoLocking "true";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
"#
    );
    let file = partial.join("apt.conf");
    fs::write(&file, text).context("write apt's settings")?;
    Ok(file)
}

/// Unpacks every package, then drops what a package brings for scripts that never run here.
fn unpack_all(archives: &Path, root: &Path, leave_out: &[&str]) -> Result<()> {
    for folder in ["bin", "lib", "lib64", "sbin"] {
        fs::create_dir_all(root.join("usr").join(folder))?;
        std::os::unix::fs::symlink(format!("usr/{folder}"), root.join(folder))?;
    }
    for folder in super::enter::PLACES {
        fs::create_dir_all(root.join(folder))?;
    }
    let mut packages = 0;
    for entry in fs::read_dir(archives).context("list the packages")? {
        let package = entry?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            unpack(&package, root, leave_out).with_context(|| format!("unpack {}", package.display()))?;
            fs::remove_file(&package)?;
            packages += 1;
        }
    }
    say(&format!("unpacked {packages} packages"));
    Ok(())
}

fn unpack(package: &Path, root: &Path, leave_out: &[&str]) -> Result<()> {
    let mut reader = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(package)
        .stdout(Stdio::piped())
        .spawn()
        .context("dpkg-deb")?;
    let archive = reader.stdout.take().context("take what dpkg-deb writes")?;
    let written = Command::new("tar")
        .args(["--extract", "--file=-", "--keep-directory-symlink", "--no-same-owner", "--wildcards"])
        .args(leave_out.iter().map(|pattern| format!("--exclude={pattern}")))
        .arg("--directory")
        .arg(root)
        .stdin(archive)
        .status()
        .context("tar")?;
    let read = reader.wait().context("dpkg-deb")?;
    if !(read.success() && written.success()) {
        bail!("dpkg-deb ended with {read}, tar with {written}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::mirror_among;

    #[test]
    fn the_mirror_is_the_one_that_serves_this_release_and_not_its_updates() {
        let addresses = "'http://other.example/apt/dists/nodistro/InRelease' a 0 \n\
             'http://mirror.example/security/dists/bookworm-security/InRelease' b 0 \n\
             'http://mirror.example/debian/dists/bookworm/InRelease' c 0 \n";
        assert_eq!(mirror_among(addresses, "bookworm").as_deref(), Some("http://mirror.example/debian"));
        assert_eq!(mirror_among(addresses, "trixie"), None);
    }
}
