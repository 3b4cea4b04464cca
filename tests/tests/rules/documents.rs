//! What the documents promise can be found in the tree.

use std::collections::BTreeSet;

use crate::repository::{files, none_of, read, root};

/// Folders of documents outside of which a path in backticks need not exist.
const MAPS: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "core/README.md",
    "server/README.md",
    "bindings/README.md",
    "tests/README.md",
    "android/README.md",
    "ios/README.md",
];

/// How the documents call the server they have built.
const SERVER: &str = "target/release/storewalk";

#[test]
fn every_decision_record_has_a_number_of_its_own_and_its_four_parts() {
    let records: Vec<_> = files()
        .into_iter()
        .filter(|file| file.path.starts_with("core/docs/adr/") && file.extension() == "md")
        .collect();
    let mut findings = Vec::new();
    let mut numbers = BTreeSet::new();
    for record in &records {
        let name = record.path.trim_start_matches("core/docs/adr/");
        let number: String = name.chars().take(4).collect();
        if number.parse::<u32>().is_err() || !numbers.insert(number) {
            findings.push(format!("{name}: must start with a number that no other record has"));
        }
        let text = record.text().unwrap_or_default();
        for part in ["Status: ", "## Context", "## Decision", "## Consequences"] {
            if !text.lines().any(|line| line.starts_with(part)) {
                findings.push(format!("{name}: no line starts with `{part}`"));
            }
        }
    }
    assert!(!records.is_empty(), "decisions are kept in core/docs/adr");
    none_of(&findings, "a decision that cannot be found or weighed is not recorded:");
}

#[test]
fn every_command_in_the_readme_exists() {
    let aliases = read(".cargo/config.toml");
    let actions = read("tests/xtask/src/command.rs");
    let server = read("server/src/cli.rs");
    let mut findings = Vec::new();
    for document in MAPS {
        for command in commands(&read(document)) {
            let words: Vec<&str> = command.split_whitespace().collect();
            let is_known = match words.as_slice() {
                ["cargo", "xtask", action, ..] => has_variant(&actions, action),
                ["cargo", alias @ "demo", ..] => aliases.contains(&format!("{alias} = ")),
                [SERVER, words @ ..] => words.iter().any(|word| has_variant(&server, word)),
                _ => true,
            };
            if !is_known {
                findings.push(format!("{document}: `{command}`"));
            }
        }
    }
    none_of(&findings, "a reader will type these and get an error:");
}

/// Whether the enum of actions has a variant for the word typed, `create-account` → `CreateAccount`.
fn has_variant(source: &str, action: &str) -> bool {
    let capitalised = |word: &str| -> String {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
    };
    let variant: String = action.split('-').map(capitalised).collect();
    let line = format!("    {variant}");
    source.lines().filter_map(|text| text.strip_prefix(&line)).any(|rest| rest.starts_with([',', ' ', '(']))
}

/// Commands as the documents show them: in backticks, or on a line of a block.
fn commands(text: &str) -> Vec<String> {
    let mut found: Vec<String> =
        text.split('`').filter(|piece| is_command(piece) && !piece.contains('\n')).map(str::to_owned).collect();
    found.extend(text.lines().map(str::trim).filter(|line| is_command(line)).map(str::to_owned));
    found
}

fn is_command(text: &str) -> bool {
    text.starts_with("cargo ") || text.starts_with(&format!("{SERVER} "))
}

#[test]
fn the_readme_says_the_same_two_commands_in_both_languages() {
    let readme = read("README.md");
    let (english, chinese) = readme.split_once("\n# 中文").expect("the README has a part headed 中文");
    for (language, part) in [("English", english), ("Chinese", chinese)] {
        for command in ["cargo demo", "cargo xtask test"] {
            assert!(part.contains(command), "the {language} part of the README does not say `{command}`");
        }
    }
    let last = read(".ci/run").lines().last().map(str::to_owned);
    assert_eq!(last.as_deref(), Some("cargo xtask test"), ".ci/run ends with exactly the README's command");
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut findings = Vec::new();
    for document in MAPS.iter().map(|path| (*path).to_owned()).chain(records()) {
        let text = read(&document);
        for path in text.split('`').skip(1).step_by(2).filter(|piece| is_path(piece)) {
            if !root().join(path.trim_end_matches('/')).exists() {
                findings.push(format!("{document}: `{path}`"));
            }
        }
    }
    none_of(&findings, "the documents point at files that are not there:");
}

fn records() -> impl Iterator<Item = String> {
    files().into_iter().map(|file| file.path).filter(|path| path.starts_with("core/docs/adr/"))
}

/// A path from the root: one of the six folders, then only letters that names of files have.
fn is_path(piece: &str) -> bool {
    let starts = ["core/", "server/", "bindings/", "tests/", ".ci/", ".cargo/"];
    starts.iter().any(|start| piece.starts_with(start))
        && piece.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
}
