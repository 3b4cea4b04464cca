//! Inputs that are nearly right: a seed of the corpus, spoilt in a few places.

use std::path::{Path, PathBuf};

use crate::simulation::rng::Rng;

/// What numbers and names are replaced by.
const ODD: [&[u8]; 14] = [
    b"-1",
    b"0",
    b"1e999",
    b"9007199254740993",
    b"18446744073709551616",
    b"1073741824",
    b"null",
    b"\"\"",
    b"\"\\u0000\"",
    b"\xf0\xa0\xae\xb7",
    b"[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"\xff\xfe",
    b"2025-02-30",
];

/// What the name of an input begins with that broke something once: it need not be readable.
const ONCE_BROKE: &str = "broke-";

/// The seeds of a target, and what once broke it.
///
/// # Errors
/// When its folder cannot be read.
pub fn corpus(target: &str) -> std::io::Result<Vec<Vec<u8>>> {
    paths(target)?.iter().map(std::fs::read).collect()
}

/// The seeds of a target that are what the target reads, without what once broke it.
///
/// # Errors
/// When its folder cannot be read.
pub fn sound_seeds(target: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let broke = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(ONCE_BROKE));
    paths(target)?.iter().filter(|path| !broke(path)).map(std::fs::read).collect()
}

fn paths(target: &str) -> std::io::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut paths: Vec<_> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// A seed of the corpus, spoilt; the same for the same number.
pub fn mutated(corpus: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut rng = Rng::new(number);
    let mut bytes = rng.pick(corpus).cloned().unwrap_or_default();
    for _ in 0..=rng.below(5) {
        spoil(&mut bytes, &mut rng, corpus);
    }
    bytes
}

fn spoil(bytes: &mut Vec<u8>, rng: &mut Rng, corpus: &[Vec<u8>]) {
    let at = rng.index(bytes.len() + 1).min(bytes.len());
    let end = bytes.len().min(at + 1 + rng.index(24));
    match rng.below(9) {
        0 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        1 if at < bytes.len() => bytes[at] = u8::try_from(rng.below(256)).unwrap_or(0),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let again = bytes[at..end].to_vec();
            let times = 1 + rng.index(40);
            bytes.splice(at..at, again.repeat(times));
        }
        4 => bytes.truncate(at),
        5 => {
            // A number where one stands, or anywhere.
            let digits = bytes[at..].iter().position(u8::is_ascii_digit).map_or(at, |place| at + place);
            let until =
                bytes[digits..].iter().position(|byte| !byte.is_ascii_digit()).map_or(bytes.len(), |n| digits + n);
            let odd = rng.pick(&ODD).copied().unwrap_or_default();
            bytes.splice(digits..until, odd.iter().copied());
        }
        6 => {
            let odd = rng.pick(&ODD).copied().unwrap_or_default();
            bytes.splice(at..at, odd.iter().copied());
        }
        7 => {
            let other = rng.pick(corpus).cloned().unwrap_or_default();
            let from = rng.index(other.len() + 1).min(other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => bytes[at..end].reverse(),
    }
}
