//! Core and facade as the compiler sees them for Android and iOS: a type check, on any Unix, without an NDK and without a
//! Mac.
//!
//! Libraries in C want a compiler for the other system as soon as their build scripts run. None is at hand, and a type
//! check reads none of what it would make, so one that writes empty files stands in for it. What this lane builds can
//! therefore never be linked; it lies in a target folder of its own and nobody else looks there.
//!
//! **Non-goals.** Linking, size, anything that runs: `bindings/build-android.sh` and `bindings/swift/build-xcframework.sh`
//! do that where an NDK or a Mac is.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::{
    run::{Ended, Run, say},
    size::target_dir,
};

/// The systems that apps ship on: phones, old phones with 32 bits, and emulators of Android; phones of Apple's.
const SHIPPED: [&str; 4] =
    ["aarch64-linux-android", "armv7-linux-androideabi", "x86_64-linux-android", "aarch64-apple-ios"];

/// Simulators of iOS, which are other names for code that is checked already: checked where rustup brings their libraries.
const SIMULATORS: [&str; 2] = ["aarch64-apple-ios-sim", "x86_64-apple-ios"];

/// Stands in for a C compiler and for an archiver.
const EMPTY_HANDED: &str = r#"#!/bin/sh
# Makes the file it is asked for, empty. Enough for a type check, never for a library. Asked what OpenSSL's headers say,
# it names the release that is shipped.
while [ $# -gt 0 ]; do
    case $1 in
        -E) echo RUST_VERSION_NEW_OPENSSL_3_6_3 ;;
        -o) : > "$2" ;;
        *.a) : > "$1" ;;
    esac
    shift
done
"#;

/// Checks core and facade for every system.
pub(crate) fn check(run: &Run) -> Result<Ended> {
    let shell = &run.shell;
    let missing: Vec<&str> = SHIPPED.into_iter().filter(|target| !has(shell, target)).collect();
    if !missing.is_empty() {
        return Ok(Ended::CannotRun(format!("rustup does not bring the library of {}", missing.join(", "))));
    }
    let (simulators, not_had): (Vec<_>, Vec<_>) = SIMULATORS.into_iter().partition(|target| has(shell, target));
    if !not_had.is_empty() {
        say(&format!("not checked, for rustup does not bring their libraries here: {}", not_had.join(", ")));
    }
    let targets: Vec<&str> = SHIPPED.into_iter().chain(simulators).collect();
    let built = target_dir(shell).join("mobile");
    let stub = stand_in(&built.join("stand-in"))?;
    let _variables = [
        shell.push_env("CARGO_TARGET_DIR", &built),
        shell.push_env("TARGET_CC", stub.join("cc")),
        shell.push_env("TARGET_CXX", stub.join("cc")),
        shell.push_env("TARGET_AR", stub.join("cc")),
        // Where build scripts would ask Xcode, or look for a library to link.
        shell.push_env("SDKROOT", &stub),
        shell.push_env("OPENSSL_NO_VENDOR", "1"),
        shell.push_env("OPENSSL_STATIC", "1"),
        shell.push_env("OPENSSL_DIR", &stub),
    ];
    let targets: Vec<String> = targets.iter().map(|target| format!("--target={target}")).collect();
    cmd!(shell, "cargo check --package storewalk-ffi {targets...}").run()?;
    Ok(Ended::Done)
}

/// Whether the compiler has the standard library of a system, be it that rustup brings it now.
fn has(shell: &Shell, target: &str) -> bool {
    let sysroot = cmd!(shell, "rustc --print sysroot").quiet().ignore_stderr().read().unwrap_or_default();
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib");
    library.is_dir() || cmd!(shell, "rustup target add {target}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

/// A folder with the compiler that makes nothing, and the empty places that build scripts look into.
fn stand_in(place: &Path) -> Result<PathBuf> {
    for folder in ["lib", "include"] {
        fs::create_dir_all(place.join(folder)).with_context(|| format!("make {}", place.display()))?;
    }
    let program = place.join("cc");
    if fs::read_to_string(&program).ok().as_deref() != Some(EMPTY_HANDED) {
        fs::write(&program, EMPTY_HANDED).context("write the stand-in for a compiler")?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    }
    Ok(place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_makes_what_it_is_asked_for_and_nothing_in_it() {
        let shell = Shell::new().expect("a shell");
        let folder = shell.create_temp_dir().expect("a temporary folder");
        let compiler = stand_in(&folder.path().join("stand-in")).expect("it can be written").join("cc");
        let (object, archive) = (folder.path().join("one.o"), folder.path().join("libone.a"));
        cmd!(shell, "{compiler} -O2 -c one.c -o {object}").quiet().run().expect("it never objects");
        cmd!(shell, "{compiler} cq {archive} {object}").quiet().run().expect("it never objects");
        for made in [object, archive] {
            assert_eq!(fs::metadata(&made).expect("it was made").len(), 0, "{}", made.display());
        }
    }
}
