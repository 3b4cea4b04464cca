//! The Swift package: its contract with the phone core, in Swift on this machine.
//!
//! The toolchain is Debian's, unpacked once into the cache; `debian` says how. Apple's platforms are not tried here.

use anyhow::Result;

use crate::{
    debian::{self, Provided, Recipe},
    run::{Ended, Run},
};

/// Swift, and what linking needs. Left out is what a debugger, an editor, a chip or a reader of manuals needs.
pub(crate) const TOOLCHAIN: Recipe = Recipe {
    name: "swift",
    suite: "trixie",
    packages: &["swiftlang=6.0.3*", "libc6-dev", "libstdc++-14-dev", "dash", "coreutils"],
    leave_out: &[
        "*/lib/swift/embedded",
        "*/lib/swift_static",
        "*/liblldb.so*",
        "*/bin/lldb*",
        "*/bin/clangd",
        "*/bin/sourcekit-lsp",
        "*/bin/docc",
        "*/libLTO.so*",
        "*/libsourcekitdInProc.so",
        "*/FrameworkABIBaseline",
        "*/lto1",
        "./usr/share/doc",
        "./usr/share/man",
        "./usr/share/locale",
    ],
    proof: ["swiftc", "--version"],
    needs_megabytes: 3_000,
};

/// Finds or makes the toolchain.
pub(crate) fn check(run: &Run) -> Result<Ended> {
    match debian::provide(run, &TOOLCHAIN)? {
        Provided::Ready(root) => {
            root.command(run, &crate::size::target_dir(&run.shell), &[], &["swiftc", "--version"]).quiet().run()?;
            Ok(Ended::Done)
        }
        Provided::CannotBe(why) => Ok(Ended::CannotRun(why)),
    }
}
