//! What no text in the repository may contain.

use crate::repository::{Kept, files, none_of};

/// Lines of kept text files that contain one of `words`, as `path:line: word`.
fn lines_with(
    words: &[String],
    is_meant: impl Fn(&Kept) -> bool,
    is_found: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| is_meant(file)) {
        let Some(text) = file.text() else { continue };
        for (number, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| is_found(line, word)) {
                findings.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    findings
}

fn contains(line: &str, word: &str) -> bool {
    line.contains(word)
}

fn is_code(file: &Kept) -> bool {
    let is_language =
        matches!(file.extension(), "rs" | "sql" | "html" | "css" | "js" | "toml" | "kt" | "swift" | "py" | "sh");
    is_language && !file.is_generated()
}

fn two_halves(halves: &[(&str, &str)]) -> Vec<String> {
    halves.iter().map(|(first, second)| format!("{first}{second}")).collect()
}

#[test]
fn nothing_is_left_for_later_in_the_source() {
    let words = two_halves(&[("TO", "DO"), ("FIX", "ME"), ("XX", "X:"), ("to", "do!("), ("unimple", "mented!(")]);
    none_of(&lines_with(&words, is_code, contains), "finish it, or describe the gap in the README's list of limits:");
}

#[test]
fn no_test_is_switched_off() {
    let words = two_halves(&[("#[ign", "ore")]);
    none_of(&lines_with(&words, is_code, contains), "repair the test or remove it together with what it tested:");
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let words = two_halves(&[("#[al", "low("), ("#![al", "low(")]);
    let is_rust = |file: &Kept| file.extension() == "rs";
    none_of(&lines_with(&words, is_rust, contains), "write #[expect(lint, reason = \"…\")]:");
}

#[test]
fn no_text_knows_the_machine_it_was_written_on() {
    let folders = two_halves(&[("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/"), ("/tm", "p/")]);
    let starts_a_path = |line: &str, folder: &str| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '}' | '*'))
        })
    };
    let findings = lines_with(&folders, |file| !file.path.ends_with("Cargo.lock"), starts_a_path);
    none_of(&findings, "write paths from the repository's root, or take a temporary folder:");
}

#[test]
fn no_text_names_the_host_of_a_package_registry() {
    let hosts = two_halves(&[
        ("crates", ".io"),
        ("pypi", ".org"),
        ("npmjs", ".com"),
        ("npmjs", ".org"),
        ("maven", ".org"),
        ("deb.debian", ".org"),
        ("proxy.golang", ".org"),
        ("static.rust-lang", ".org"),
    ]);
    let findings = lines_with(&hosts, |file| !file.path.ends_with("Cargo.lock"), contains);
    none_of(&findings, "the machine's own settings say where packages come from:");
}

#[test]
fn the_domain_reads_nothing_of_the_world_and_keeps_no_random_order() {
    let words = two_halves(&[
        ("std::", "fs"),
        ("std::", "net"),
        ("std::", "env"),
        ("std::", "thread"),
        ("std::", "process"),
        ("System", "Time"),
        ("Utc::", "now"),
        ("Hash", "Map"),
        ("Hash", "Set"),
    ]);
    let is_domain = |file: &Kept| {
        let is_of_photos = file.path.starts_with("core/photo/src/") && !file.path.ends_with("/testing.rs");
        file.path.starts_with("core/domain/src/") || is_of_photos && !file.path.contains("tests")
    };
    none_of(
        &lines_with(&words, is_domain, contains),
        "the rules must answer the same on every host; ask through `State` or `Context`, and keep things in BTree maps:",
    );
}

#[test]
fn one_module_per_host_reads_the_clock_and_mints_ids() {
    let words = two_halves(&[("SystemTime::", "now"), ("Utc::", "now"), ("Uuid::now", "_v7"), ("Uuid::new", "_v4")]);
    let is_host = |file: &Kept| {
        file.extension() == "rs"
            && (file.path.starts_with("core/") || file.path.starts_with("server/"))
            && !matches!(file.path.as_str(), "core/client/src/clock.rs" | "server/src/clock.rs")
    };
    none_of(&lines_with(&words, is_host, contains), "take them from the injected `Clock` and `IdSource`:");
}
