//! How much ships: the stripped server binary and the stripped phone library, built as they ship on this machine, and what
//! each part of the phone library takes of it.
//!
//! The phone library stands beside an empty one of the same kind, which holds what any library for other languages holds,
//! beside the sync core alone, for which there is a goal, and beside itself without encryption. Parts are told by the names
//! of functions and tables, added up by the crate that a name begins with, or whose build made the library in C that
//! defines it; what was inlined counts where it ended up.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::{phone, run::say};

/// How many parts are listed.
const LISTED: usize = 25;

/// Builds what ships and prints how large it is.
pub(crate) fn report(shell: &Shell, profile: &str, is_phone_only: bool) -> Result<()> {
    if !is_phone_only {
        cmd!(shell, "cargo build --release --package storewalk-server").run()?;
        let server = target_dir(shell).join("release").join(format!("storewalk{}", std::env::consts::EXE_SUFFIX));
        told(shell, "server", &server)?;
    }
    let built = target_dir(shell).join(profile);
    say("\nas it ships:");
    let shipped = libraries(shell, profile, &[])?;
    say("\nof the phone library, in functions and tables that have a name, then by section:");
    listed(shell, &built, &built.join(library("storewalk_ffi")))?;
    say("\nof the sync core alone, the same:");
    listed(shell, &built, &built.join("examples").join(library("sync_core")))?;
    say("\nwithout encryption:");
    let bare = libraries(shell, profile, &["--no-default-features"])?;
    let of_both = [("phone library", shipped.phone, bare.phone), ("sync core alone", shipped.sync, bare.sync)];
    for (what, with, without) in of_both {
        let encryption = with.saturating_sub(without);
        say(&format!("encryption takes {} of the {what}", megabytes(encryption)));
    }
    Ok(())
}

/// Stripped lengths over an empty library, in bytes.
struct Over {
    phone: u64,
    sync: u64,
}

/// Builds the phone library, the sync core alone and an empty library, and prints how large they are.
fn libraries(shell: &Shell, profile: &str, features: &[&str]) -> Result<Over> {
    // With packed relocations, as Android's libraries have them: bindings/ffi/build.rs.
    let (_packed, _sqlite) = (shell.push_env("STOREWALK_PACKED", "1"), phone::sqlite(shell)?);
    let what = ["--lib", "--example=sync_core", "--example=empty"];
    cmd!(shell, "cargo build --profile={profile} --package storewalk-ffi {what...} {features...}").run()?;
    let built = target_dir(shell).join(profile);
    let example = |name| built.join("examples").join(library(name));
    let empty = told(shell, "empty library", &example("empty"))?;
    let phone = told(shell, "phone library", &built.join(library("storewalk_ffi")))?.saturating_sub(empty);
    let sync = told(shell, "sync core alone", &example("sync_core"))?.saturating_sub(empty);
    say(&format!("over an empty library: the phone library {}, the sync core {}", megabytes(phone), megabytes(sync)));
    Ok(Over { phone, sync })
}

/// Prints what the parts of a library take.
fn listed(shell: &Shell, built: &Path, file: &Path) -> Result<()> {
    let owners = owners(shell, built)?;
    let parts = parts(&cmd!(shell, "nm --demangle --print-size --defined-only {file}").quiet().read()?, &owners);
    let named: u64 = parts.iter().map(|(_, bytes)| bytes).sum();
    for (part, bytes) in parts.iter().take(LISTED) {
        say(&format!("{bytes:>9} bytes  {:>4.1} %  {part}", share(*bytes, named)));
    }
    let rest: u64 = parts.iter().skip(LISTED).map(|(_, bytes)| bytes).sum();
    let further = parts.len().saturating_sub(LISTED);
    say(&format!("{rest:>9} bytes  {:>4.1} %  {further} further parts, of {named} bytes", share(rest, named)));
    for (section, bytes) in sections(&cmd!(shell, "size -A {file}").quiet().read()?) {
        say(&format!("{bytes:>9} bytes  {section}"));
    }
    Ok(())
}

/// The sections that are loaded and take more than one part in a hundred, from what `size -A` lists.
fn sections(listing: &str) -> Vec<(&str, u64)> {
    let mut found: Vec<(&str, u64)> = listing
        .lines()
        .filter_map(|line| line.split_once(char::is_whitespace))
        .filter(|(name, _)| name.starts_with('.'))
        .filter_map(|(name, rest)| Some((name, rest.split_whitespace().next()?.parse().ok()?)))
        .collect();
    let all: u64 = found.iter().map(|(_, bytes)| bytes).sum();
    found.retain(|(_, bytes)| bytes * 100 > all);
    found.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    found
}

/// Prints how large a file is; its size without its symbols.
fn told(shell: &Shell, what: &str, file: &Path) -> Result<u64> {
    let (as_built, stripped) = measured(shell, file)?;
    say(&format!("{what:<14} {} stripped, {} as built", megabytes(stripped), megabytes(as_built)));
    Ok(stripped)
}

fn library(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

#[expect(clippy::cast_precision_loss, reason = "a percentage with one decimal, of less than 2^53 bytes")]
fn share(bytes: u64, of: u64) -> f64 {
    bytes as f64 * 100.0 / of.max(1) as f64
}

/// Whose a name in C is.
type Owners = BTreeMap<String, String>;

/// What each library in C defines, by the crate whose build made it.
fn owners(shell: &Shell, built: &Path) -> Result<Owners> {
    let mut owners = Owners::new();
    for made_by in shell.read_dir(built.join("build"))? {
        let name = made_by.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let part = format!("{} (C)", name.rsplit_once('-').map_or(name.as_str(), |(krate, _)| krate));
        for archive in archives(shell, &made_by.join("out")) {
            let listing = cmd!(shell, "nm --defined-only --format=posix {archive}").quiet().ignore_stderr().read()?;
            let defined = listing.lines().filter(|line| line.contains(' ')).filter_map(|line| line.split(' ').next());
            owners.extend(defined.map(|name| (name.to_owned(), part.clone())));
        }
    }
    Ok(owners)
}

/// Every static library below a folder.
fn archives(shell: &Shell, folder: &Path) -> Vec<PathBuf> {
    let entries = shell.read_dir(folder).unwrap_or_default();
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.is_dir());
    let below = folders.iter().flat_map(|folder| archives(shell, folder));
    files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "a")).chain(below).collect()
}

/// Bytes by part, the largest at the top, from what `nm` lists.
fn parts(listing: &str, owners: &Owners) -> Vec<(String, u64)> {
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for line in listing.lines() {
        // address, size, kind, name; a name without a size has three words.
        let mut words = line.splitn(4, ' ');
        let (_, size, kind) = (words.next(), words.next(), words.next());
        let bytes = size.and_then(|size| u64::from_str_radix(size, 16).ok());
        if let (Some(bytes), Some(kind), Some(name)) = (bytes, kind, words.next())
            && !matches!(kind, "b" | "B")
        {
            *parts.entry(part(name, owners)).or_default() += bytes;
        }
    }
    let mut parts: Vec<_> = parts.into_iter().map(|(part, bytes)| (part.to_owned(), bytes)).collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    parts
}

/// What the facade exports, by how the names begin.
const EXPORTS: [(&str, &str); 3] = [
    ("uniffi_", "exports of the facade"),
    ("ffi_", "exports of the facade"),
    ("UNIFFI_META", "descriptions of exports"),
];

/// The crate or C library of a name. Code for a type counts for the crate of the type.
fn part<'a>(name: &'a str, owners: &'a Owners) -> &'a str {
    let bare = name.trim_start_matches(['<', '&', '(', '[', '*', ' ']);
    let bare = ["mut ", "const ", "dyn "].iter().fold(bare, |bare, word| bare.strip_prefix(word).unwrap_or(bare));
    let end = bare.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(bare.len());
    if bare[end..].starts_with("::") {
        return &bare[..end];
    }
    let export = EXPORTS.iter().find(|(begins, _)| bare.starts_with(begins)).map(|(_, part)| *part);
    export.or_else(|| owners.get(name).map(String::as_str)).unwrap_or("other names")
}

/// The file's length as built and without its symbols.
fn measured(shell: &Shell, file: &Path) -> Result<(u64, u64)> {
    let scratch = shell.create_temp_dir()?;
    let stripped = scratch.path().join("stripped");
    shell.copy_file(file, &stripped)?;
    cmd!(shell, "strip {stripped}").quiet().run().context("strip the copy")?;
    Ok((length(file)?, length(&stripped)?))
}

fn length(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file).with_context(|| format!("look at {}", file.display()))?.len())
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir(shell: &Shell) -> PathBuf {
    match shell.var_os("CARGO_TARGET_DIR") {
        Some(dir) => shell.current_dir().join(dir),
        None => shell.current_dir().join("target"),
    }
}

/// Bytes as megabytes with two digits, rounded down: `3.41 MB (3412345 bytes)`.
fn megabytes(bytes: u64) -> String {
    format!("{}.{:02} MB ({bytes} bytes)", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sections_are_told_and_small_ones_are_not() {
        let listing =
            "lib.so  :\nsection    size   addr\n.dynsym   9   488\n.text   1000  4096\n.rodata  90  70\nTotal 1090";
        assert_eq!(sections(listing), [(".text", 1000), (".rodata", 90)]);
    }

    #[test]
    fn names_are_added_up_by_crate_and_by_library() {
        let listing = "\
0000000000001000 0000000000000010 T sqlite3_open
0000000000002000 0000000000000020 t <rustls::msgs::Message as core::fmt::Debug>::fmt
0000000000003000 0000000000000030 r rustls::TABLE
0000000000004000 0000000000000008 t <&mut dyn storewalk_client::Room>::left
0000000000005000 0000000000000100 b unwritten
0000000000006000 T no_size
0000000000007000 0000000000000001 t memcpy_own
0000000000008000 0000000000000002 T uniffi_core_fn";
        let owners = Owners::from([("sqlite3_open".to_owned(), "libsqlite3-sys (C)".to_owned())]);
        let expected = [
            ("rustls", 0x50),
            ("libsqlite3-sys (C)", 0x10),
            ("storewalk_client", 8),
            ("exports of the facade", 2),
            ("other names", 1),
        ];
        assert_eq!(parts(listing, &owners), expected.map(|(part, bytes)| (part.to_owned(), bytes)));
    }
}
