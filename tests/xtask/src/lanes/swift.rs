//! The Swift package: its contract with the phone core, in Swift on this machine.
//!
//! The toolchain is Debian's, unpacked once into the cache; `debian` says how. Apple's platforms are not tried here.

use anyhow::Result;
use xshell::{Cmd, cmd};

use crate::{
    bindings,
    debian::{self, Provided, Recipe, Root},
    phone,
    run::{Ended, Run, say},
    size::target_dir,
};

/// Swift, and what linking needs. Left out is what a debugger, an editor, a chip or a reader of manuals needs.
const TOOLCHAIN: Recipe = Recipe {
    name: "swift",
    suite: "trixie",
    packages: &["swiftlang=6.0.3*", "libc6-dev", "libstdc++-14-dev", "dash", "coreutils", "ca-certificates"],
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

/// Where everything lies, as seen from inside.
const SETTINGS: [&str; 6] = [
    "PATH=/usr/libexec/swift/bin:/usr/bin",
    "LD_LIBRARY_PATH=/target/debug",
    // The certificates as their package brings them; nobody has made one file of them.
    "SSL_CERT_DIR=/usr/share/ca-certificates/mozilla",
    "STOREWALK_CONTRACT_SERVER=/target/debug/contract_server",
    "STOREWALK_CONTRACT_CHILD=/target/swift/debug/contract-child",
    "STOREWALK_CONTRACT_PICTURES=/repository/tests/fixtures/photos/shelf",
];

/// The package, what it is built into, and where the linker finds the core. The library that observes has a symbol that
/// nobody defines on Linux, and does without.
const PACKAGE: [&str; 8] = [
    "--package-path",
    "/repository/bindings/swift",
    "--scratch-path",
    "/target/swift",
    "-Xlinker",
    "-L/target/debug",
    "-Xlinker",
    "--allow-shlib-undefined",
];

/// The same for figures: the package built like a release, the core as phones have it.
const FIGURES: [&str; 8] = [
    "--package-path",
    "/repository/bindings/swift",
    "--scratch-path",
    "/target/swift-figures",
    "-Xlinker",
    "-L/target/phone",
    "-Xlinker",
    "--allow-shlib-undefined",
];

/// Builds the package and plays the contract against real server processes.
pub(crate) fn contract(run: &Run) -> Result<Ended> {
    let root = match debian::provide(run, &TOOLCHAIN)? {
        Provided::Ready(root) => root,
        Provided::CannotBe(why) => return Ok(Ended::CannotRun(why)),
    };
    build(run, &root)?;
    cmd!(run.shell, "cargo build --package storewalk-tests --bin contract_server").run()?;
    // One test at a time: some look at what the whole process holds.
    let test =
        ["stdbuf", "-oL", "timeout", "900", "swift", "test", "--skip-build", "--no-parallel", "--disable-xctest"];
    inside(run, &root, &test).args(PACKAGE).run()?;
    Ok(Ended::Done)
}

/// Prints what calls into the core and out of it cost from Swift.
pub(crate) fn figures(run: &Run) -> Result<Ended> {
    let root = match debian::provide(run, &TOOLCHAIN)? {
        Provided::Ready(root) => root,
        Provided::CannotBe(why) => return Ok(Ended::CannotRun(why)),
    };
    phone::library(&run.shell)?;
    let build = ["swift", "build", "--quiet", "--configuration", "release", "--product", "contract-bench"];
    inside(run, &root, &build).args(FIGURES).run()?;
    let bench = ["env", "LD_LIBRARY_PATH=/target/phone", "/target/swift-figures/release/contract-bench"];
    inside(run, &root, &bench).run()?;
    Ok(Ended::Done)
}

fn build(run: &Run, root: &Root) -> Result<()> {
    bindings::built(&run.shell)?;
    Ok(inside(run, root, &["swift", "build", "--quiet", "--build-tests"]).args(PACKAGE).run()?)
}

fn inside<'a>(run: &'a Run, root: &Root, command: &[&str]) -> Cmd<'a> {
    say(&format!("$ {} (in the folder with Swift)", command.join(" ")));
    root.command(run, &target_dir(&run.shell), &SETTINGS, command)
}
