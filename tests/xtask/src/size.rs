//! How much ships: the stripped server binary and the stripped phone library, built as they ship on this machine, and what
//! each part of the phone library takes of it.
//!
//! The phone library stands beside an empty one of the same kind, which holds what any library for other languages holds.
//! Parts are told by the names of functions and tables, added up by the crate that a name begins with; what was inlined
//! counts where it ended up.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::run::say;

/// How many parts are listed.
const LISTED: usize = 25;

/// Builds what ships and prints how large it is.
pub(crate) fn report(shell: &Shell, profile: &str, is_phone_only: bool) -> Result<()> {
    if !is_phone_only {
        cmd!(shell, "cargo build --release --package storewalk-server").run()?;
        let server = target_dir(shell).join("release").join(format!("storewalk{}", std::env::consts::EXE_SUFFIX));
        told(shell, "server", &server)?;
    }
    let profile_flag = format!("--profile={profile}");
    cmd!(shell, "cargo build {profile_flag} --package storewalk-ffi --lib --example empty").run()?;
    let built = target_dir(shell).join(profile);
    let (phone, empty) = (built.join(library("storewalk_ffi")), built.join("examples").join(library("empty")));
    let over = told(shell, "phone library", &phone)?.saturating_sub(told(shell, "empty library", &empty)?);
    say(&format!("the phone core: {} over an empty library", megabytes(over)));
    say("\nof the phone library, in functions and tables that have a name:");
    let parts = parts(&cmd!(shell, "nm --demangle --print-size --defined-only {phone}").quiet().read()?);
    let named: u64 = parts.iter().map(|(_, bytes)| bytes).sum();
    for (part, bytes) in parts.iter().take(LISTED) {
        say(&format!("{bytes:>9} bytes  {:>4.1} %  {part}", share(*bytes, named)));
    }
    let rest: u64 = parts.iter().skip(LISTED).map(|(_, bytes)| bytes).sum();
    say(&format!(
        "{rest:>9} bytes  {:>4.1} %  {} further parts",
        share(rest, named),
        parts.len().saturating_sub(LISTED)
    ));
    Ok(())
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

/// Bytes by part, the largest at the top, from what `nm` lists.
fn parts(listing: &str) -> Vec<(String, u64)> {
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for line in listing.lines() {
        // address, size, kind, name; a name without a size has three words.
        let mut words = line.splitn(4, ' ');
        let (_, size, kind) = (words.next(), words.next(), words.next());
        let bytes = size.and_then(|size| u64::from_str_radix(size, 16).ok());
        if let (Some(bytes), Some(kind), Some(name)) = (bytes, kind, words.next())
            && !matches!(kind, "b" | "B")
        {
            *parts.entry(part(name)).or_default() += bytes;
        }
    }
    let mut parts: Vec<_> = parts.into_iter().map(|(part, bytes)| (part.to_owned(), bytes)).collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    parts
}

/// Libraries in C, by how their names begin: the first that fits. What begins otherwise is "other C", some of OpenSSL's
/// among it.
const IN_C: [(&str, &str); 52] = [
    ("sqlite3", "SQLite (C)"),
    ("sqlcipher", "SQLCipher (C)"),
    ("ZSTD", "zstd (C)"),
    ("HUF", "zstd (C)"),
    ("FSE", "zstd (C)"),
    ("ring_core", "ring (C and assembly)"),
    ("p256", "ring (C and assembly)"),
    ("blake3", "blake3 (C and assembly)"),
    ("uniffi_", "exports of the facade"),
    ("UNIFFI_META", "descriptions of exports"),
    ("ffi_", "exports of the facade"),
    ("ossl_", "OpenSSL (C)"),
    ("OSSL_", "OpenSSL (C)"),
    ("OPENSSL_", "OpenSSL (C)"),
    ("CRYPTO_", "OpenSSL (C)"),
    ("EVP_", "OpenSSL (C)"),
    ("evp_", "OpenSSL (C)"),
    ("BN_", "OpenSSL (C)"),
    ("bn_", "OpenSSL (C)"),
    ("ASN1_", "OpenSSL (C)"),
    ("asn1_", "OpenSSL (C)"),
    ("X509", "OpenSSL (C)"),
    ("x509", "OpenSSL (C)"),
    ("EC_", "OpenSSL (C)"),
    ("ec_", "OpenSSL (C)"),
    ("ecp_", "OpenSSL (C)"),
    ("RSA_", "OpenSSL (C)"),
    ("rsa_", "OpenSSL (C)"),
    ("DH_", "OpenSSL (C)"),
    ("DSA_", "OpenSSL (C)"),
    ("ERR_", "OpenSSL (C)"),
    ("OBJ_", "OpenSSL (C)"),
    ("PEM_", "OpenSSL (C)"),
    ("BIO_", "OpenSSL (C)"),
    ("CMS_", "OpenSSL (C)"),
    ("PKCS", "OpenSSL (C)"),
    ("CONF_", "OpenSSL (C)"),
    ("UI_", "OpenSSL (C)"),
    ("ENGINE_", "OpenSSL (C)"),
    ("OCSP_", "OpenSSL (C)"),
    ("TS_", "OpenSSL (C)"),
    ("RAND_", "OpenSSL (C)"),
    ("i2d_", "OpenSSL (C)"),
    ("d2i_", "OpenSSL (C)"),
    ("aes", "OpenSSL (C)"),
    ("sha", "OpenSSL (C)"),
    ("SHA", "OpenSSL (C)"),
    ("ml_", "OpenSSL (C)"),
    ("slh_", "OpenSSL (C)"),
    ("gcm_", "OpenSSL (C)"),
    ("v3_", "OpenSSL (C)"),
    ("der_", "OpenSSL (C)"),
];

/// The crate or C library of a name. Code for a type counts for the crate of the type.
fn part(name: &str) -> &str {
    let bare = name.trim_start_matches(['<', '&', '(', '[', '*', ' ']);
    let bare = ["mut ", "const ", "dyn "].iter().fold(bare, |bare, word| bare.strip_prefix(word).unwrap_or(bare));
    let end = bare.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(bare.len());
    if bare[end..].starts_with("::") {
        return &bare[..end];
    }
    IN_C.iter().find(|(begins, _)| bare.starts_with(begins)).map_or("other C", |(_, part)| part)
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
    fn names_are_added_up_by_crate_and_by_library() {
        let listing = "\
0000000000001000 0000000000000010 T sqlite3_open
0000000000002000 0000000000000020 t <rustls::msgs::Message as core::fmt::Debug>::fmt
0000000000003000 0000000000000030 r rustls::TABLE
0000000000004000 0000000000000008 t <&mut dyn storewalk_client::Room>::left
0000000000005000 0000000000000100 b unwritten
0000000000006000 T no_size
0000000000007000 0000000000000001 t memcpy_own";
        let expected = [("rustls", 0x50), ("SQLite (C)", 0x10), ("storewalk_client", 8), ("other C", 1)];
        assert_eq!(parts(listing), expected.map(|(part, bytes)| (part.to_owned(), bytes)));
    }
}
