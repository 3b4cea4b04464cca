//! The Kotlin compiler, `JUnit`, JNA, coroutines and the formatter: versions and hashes in one list.
//!
//! They come through npm and Maven as this machine has them set up, are compared with their hashes, and lie where `cache`
//! keeps what is fetched from then on; a second run asks nobody. Jars made from sources lie in this checkout.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use xshell::{Shell, cmd};

use crate::{
    cache,
    run::{Run, say},
};

/// The compiler's package: the official `kotlinc`, as npm carries it.
const COMPILER: &str = "kotlin-compiler";
pub(super) const COMPILER_VERSION: &str = "2.4.20";
const COMPILER_SHA256: &str = "c23dab400d7ce5ea8b6c909947c0ca5454189e4bb1108695b5f464500e5e950f";

/// Brings jars by their names.
const COPIER: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";

/// A jar by its Maven coordinates.
pub(super) struct Artifact {
    group: &'static str,
    name: &'static str,
    pub(super) version: &'static str,
    classifier: &'static str,
    sha256: &'static str,
}

/// Calls from the JVM into the library.
pub(super) const JNA: Artifact = Artifact {
    group: "net.java.dev.jna",
    name: "jna",
    version: "5.19.1",
    classifier: "",
    sha256: "4fb141dd8ef6b0585ffceea4bc49602fbc6312fa977e2c488794ea3e6aafecae",
};

/// Suspending functions and flows.
pub(super) const COROUTINES: Artifact = Artifact {
    group: "org.jetbrains.kotlinx",
    name: "kotlinx-coroutines-core-jvm",
    version: "1.10.2",
    classifier: "",
    sha256: "5ca175b38df331fd64155b35cd8cae1251fa9ee369709b36d42e0a288ccce3fd",
};

/// Finds and runs tests.
const JUNIT: Artifact = Artifact {
    group: "org.junit.platform",
    name: "junit-platform-console-standalone",
    version: "1.13.4",
    classifier: "",
    sha256: "3fdfc37e29744a9a67dd5365e81467e26fbde0b7aa204e6f8bbe79eeaa7ae892",
};

/// Judges the format of what is written by hand.
const FORMATTER: Artifact = Artifact {
    group: "com.pinterest.ktlint",
    name: "ktlint-cli",
    version: "1.7.1",
    classifier: "all",
    sha256: "5f3de4ee4014137b05c72ed68eb46fe686aeb11fbdef27faf77f55d51c1b2536",
};

/// Shrinks as an app's build does, and what it stands on.
const SHRINKER: [Artifact; 7] = [
    Artifact {
        group: "com.guardsquare",
        name: "proguard-base",
        version: "7.8.1",
        classifier: "",
        sha256: "72928b9c43dd1d4abdb906f612bc53e57521cc629fd05a6543edc21f89a5f340",
    },
    Artifact {
        group: "com.guardsquare",
        name: "proguard-core",
        version: "9.2.0",
        classifier: "",
        sha256: "485fff6cd365ffcd60a433b2108405dab44999901fab6be3197a797eeed1e989",
    },
    Artifact {
        group: "org.apache.logging.log4j",
        name: "log4j-api",
        version: "2.24.2",
        classifier: "",
        sha256: "0ca3ecbd4c315bdd5f2ef6af127712df718c78334cce5bf6fb7b4aa17fdab126",
    },
    Artifact {
        group: "org.apache.logging.log4j",
        name: "log4j-core",
        version: "2.24.2",
        classifier: "",
        sha256: "7a7b90db866c86a1093b3fde758ca28398ebb2a533da0d79a30cc0a78506b9df",
    },
    Artifact {
        group: "org.jetbrains.kotlin",
        name: "kotlin-metadata-jvm",
        version: "2.2.0",
        classifier: "",
        sha256: "501222ae7d63527e55f2e5e645f18d4eff2c19074c85b9bc055866e3ed2b17bf",
    },
    Artifact {
        group: "com.google.code.gson",
        name: "gson",
        version: "2.11.0",
        classifier: "",
        sha256: "57928d6e5a6edeb2abd3770a8f95ba44dce45f3b23b7a9dc2b309c581552a78b",
    },
    Artifact {
        group: "org.json",
        name: "json",
        version: "20231013",
        classifier: "",
        sha256: "0f18192df289114e17aa1a0d0a7f8372cc9f5c7e4f7e39adcf8906fe714fa7d3",
    },
];

/// A program this needs, and the Debian package that brings it.
const PROGRAMS: [(&str, &str); 3] = [("java", "openjdk-17-jdk-headless"), ("mvn", "maven"), ("npm", "npm")];

/// Where the tools are.
pub(super) struct Tools {
    /// What was fetched.
    home: PathBuf,
    /// What is made here.
    shelf: PathBuf,
}

/// Finds the tools or brings them; a reason in one line when that cannot be done here.
pub(super) fn provide(run: &Run) -> Result<Result<Tools, String>> {
    let missing = missing(run);
    if !missing.is_empty() && may_install(run) {
        let packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
        let _quiet = run.shell.push_env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(run.shell, "apt-get update").run()?;
        cmd!(run.shell, "apt-get install --yes --no-install-recommends {packages...}").run()?;
    }
    let still: Vec<_> = self::missing(run).iter().map(|(program, package)| format!("{program} ({package})")).collect();
    if !still.is_empty() {
        return Ok(Err(format!("missing {}; install them, or run as root on Debian", still.join(", "))));
    }
    let home = cache::fetched(run)?.join("kotlin");
    fs::create_dir_all(&home).with_context(|| format!("make {}", home.display()))?;
    let _lock = cache::lock(run, "kotlin")?;
    let tools = Tools { home, shelf: cache::own(run).join("kotlin/built") };
    match tools.fetch(&run.shell)? {
        None => Ok(Ok(tools)),
        Some(why) => Ok(Err(why)),
    }
}

fn missing(run: &Run) -> Vec<(&'static str, &'static str)> {
    PROGRAMS.into_iter().filter(|(program, _)| !answers(run, program)).collect()
}

fn answers(run: &Run, program: &str) -> bool {
    cmd!(run.shell, "{program} --version").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

fn may_install(run: &Run) -> bool {
    let is_root = cmd!(run.shell, "id -u").quiet().read().is_ok_and(|id| id == "0");
    is_root && cmd!(run.shell, "apt-get --version").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

impl Tools {
    /// Brings what is not there yet; what kept it from being brought, in one line. A file that is not the expected one is
    /// a fault and no reason to go on without it.
    fn fetch(&self, shell: &Shell) -> Result<Option<String>> {
        if !self.lib().is_dir() {
            say(&format!("fetching {COMPILER} {COMPILER_VERSION}"));
            let scratch = self.scratch()?;
            let archive = scratch.join(format!("{COMPILER}-{COMPILER_VERSION}.tgz"));
            let wanted = format!("{COMPILER}@{COMPILER_VERSION}");
            let fetched = cmd!(shell, "npm pack {wanted} --pack-destination {scratch}").quiet().ignore_stdout();
            if fetched.ignore_stderr().run().is_err() {
                return Ok(Some(format!("npm does not bring {wanted}")));
            }
            verify(&archive, COMPILER_SHA256)?;
            self.unpack(shell, &archive, &scratch)?;
        }
        for artifact in [&JNA, &COROUTINES, &JUNIT, &FORMATTER].into_iter().chain(&SHRINKER) {
            if self.jar(artifact).is_file() {
                continue;
            }
            say(&format!("fetching {} {}", artifact.name, artifact.version));
            let scratch = self.scratch()?;
            let settings =
                [format!("-Dartifact={}", artifact.coordinates()), format!("-DoutputDirectory={}", scratch.display())];
            let fetched = cmd!(shell, "mvn --quiet --batch-mode {COPIER} {settings...}").quiet().ignore_stdout();
            if fetched.ignore_stderr().run().is_err() {
                return Ok(Some(format!("Maven does not bring {}", artifact.coordinates())));
            }
            let file = scratch.join(artifact.file());
            verify(&file, artifact.sha256)?;
            fs::rename(file, self.jar(artifact))?;
        }
        Ok(None)
    }

    /// Under another name first, so that a broken-off unpacking is never taken for a compiler.
    fn unpack(&self, shell: &Shell, archive: &Path, scratch: &Path) -> Result<()> {
        cmd!(shell, "tar --extract --gzip --file {archive} --directory {scratch}").quiet().run()?;
        fs::rename(scratch.join("package"), self.compiler())?;
        Ok(())
    }

    /// An empty folder beside the tools, on the same drive.
    fn scratch(&self) -> Result<PathBuf> {
        let scratch = self.home.join("fetching");
        if scratch.exists() {
            fs::remove_dir_all(&scratch)?;
        }
        fs::create_dir_all(&scratch)?;
        Ok(scratch)
    }

    fn compiler(&self) -> PathBuf {
        self.home.join(format!("{COMPILER}-{COMPILER_VERSION}"))
    }

    /// Where the compiler's own jars are.
    pub(super) fn lib(&self) -> PathBuf {
        self.compiler().join("lib")
    }

    fn jar(&self, artifact: &Artifact) -> PathBuf {
        self.home.join(artifact.file())
    }

    /// Judges formats.
    pub(super) fn formatter(&self) -> PathBuf {
        self.jar(&FORMATTER)
    }

    /// Where compiled jars are kept.
    pub(super) fn shelf(&self) -> PathBuf {
        self.shelf.clone()
    }

    /// What the binding stands on beside JNA.
    pub(super) fn below(&self) -> [PathBuf; 3] {
        let lib = self.lib();
        [lib.join("kotlin-stdlib.jar"), lib.join("annotations-13.0.jar"), self.jar(&COROUTINES)]
    }

    /// Calls from the JVM into the library.
    pub(super) fn jna(&self) -> PathBuf {
        self.jar(&JNA)
    }

    /// These jars and everything that they stand on, as the JVM wants to read it.
    pub(super) fn class_path(&self, jars: &[&Path]) -> String {
        self.shrunk_class_path(&[jars, &[&self.jna()]].concat())
    }

    /// The same where JNA is in one of the jars.
    pub(super) fn shrunk_class_path(&self, jars: &[&Path]) -> String {
        let tests = ["kotlin-test.jar", "kotlin-test-junit5.jar"].map(|name| self.lib().join(name));
        let all = jars.iter().map(PathBuf::from).chain(self.below()).chain(tests).chain([self.jar(&JUNIT)]);
        joined(all)
    }

    /// What the shrinker runs on.
    pub(super) fn shrinker(&self) -> String {
        joined(SHRINKER.iter().map(|artifact| self.jar(artifact)).chain([self.lib().join("kotlin-stdlib.jar")]))
    }

    /// Everything that decides what the compiler makes of the same sources.
    pub(super) fn fingerprint() -> String {
        format!("{COMPILER_SHA256} {} {} {}", JNA.sha256, COROUTINES.sha256, JUNIT.sha256)
    }
}

impl Artifact {
    fn coordinates(&self) -> String {
        let classifier = if self.classifier.is_empty() { String::new() } else { format!(":{}", self.classifier) };
        format!("{}:{}:{}:jar{classifier}", self.group, self.name, self.version)
    }

    fn file(&self) -> String {
        let classifier = if self.classifier.is_empty() { String::new() } else { format!("-{}", self.classifier) };
        format!("{}-{}{classifier}.jar", self.name, self.version)
    }
}

/// Jars as the JVM wants to read a list of them.
fn joined(jars: impl IntoIterator<Item = PathBuf>) -> String {
    let names: Vec<String> = jars.into_iter().map(|jar| jar.display().to_string()).collect();
    names.join(if cfg!(windows) { ";" } else { ":" })
}

/// Refuses a file that is not the one it was when its hash was written down.
fn verify(file: &Path, sha256: &str) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let found = hex(&Sha256::digest(bytes));
    ensure!(found == sha256, "{} has the hash {found}, expected is {sha256}", file.display());
    Ok(())
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jar_with_another_hash_is_refused() {
        let folder = xshell::Shell::new().and_then(|shell| shell.create_temp_dir()).expect("a temporary folder");
        let file = folder.path().join("some.jar");
        fs::write(&file, "abc").expect("it can be written");
        verify(&file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").expect("it is that file");
        assert!(verify(&file, JNA.sha256).is_err());
    }

    #[test]
    fn the_build_for_android_names_the_same_versions() {
        let gradle = include_str!("../../../../../bindings/kotlin/build.gradle.kts");
        for (name, version) in [
            ("jna", JNA.version),
            ("kotlinx-coroutines-core", COROUTINES.version),
            ("org.jetbrains.kotlin", COMPILER_VERSION),
        ] {
            let line = gradle.lines().find(|line| line.contains(name)).expect("the build names it");
            assert!(line.contains(version), "{name}: {line}");
        }
    }
}
