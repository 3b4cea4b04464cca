//! The bindings keep one contract: the scenarios that `bindings/CONTRACT.md` names are played in every language that has
//! a suite.

use crate::repository::{Kept, files, none_of, read};

/// How a suite in one language calls a scenario.
struct Suite {
    folder: &'static str,
    extension: &'static str,
    called: fn(&str) -> String,
}

const SUITES: [Suite; 3] = [
    Suite { folder: "bindings/python/tests/", extension: "py", called: |name| format!("def test_{}(", words(name)) },
    Suite { folder: "bindings/kotlin/src/test/", extension: "kt", called: |name| format!("fun `{name}`(") },
    Suite { folder: "bindings/swift/Tests/", extension: "swift", called: |name| format!("@Test(\"{name}\"") },
];

#[test]
fn every_scenario_of_the_contract_is_played_in_every_language() {
    let contract = read("bindings/CONTRACT.md");
    let scenarios: Vec<&str> = contract.lines().filter_map(scenario).collect();
    assert!(scenarios.len() > 30, "the contract names its scenarios, {} were found", scenarios.len());
    let kept = files();
    let mut findings = Vec::new();
    for suite in SUITES {
        let is_of_suite = |file: &&Kept| file.path.starts_with(suite.folder) && file.extension() == suite.extension;
        let source: Vec<String> = kept.iter().filter(is_of_suite).filter_map(Kept::text).collect();
        // A language whose suite is not written yet has nothing to keep.
        for name in scenarios.iter().filter(|_| !source.is_empty()) {
            if !source.iter().any(|text| text.contains(&(suite.called)(name))) {
                findings.push(format!("{}: {name}", suite.folder));
            }
        }
    }
    none_of(&findings, "play these too, or take them out of bindings/CONTRACT.md:");
}

#[test]
fn the_first_lines_that_the_readme_shows_are_those_that_are_played() {
    // Python plays the document itself.
    let suites = [
        ("kotlin", "bindings/kotlin/src/test/kotlin/storewalk/contract/FirstLinesTest.kt"),
        ("swift", "bindings/swift/Tests/ContractTests/FirstLinesTests.swift"),
    ];
    let readme = read("bindings/README.md");
    let mut findings = Vec::new();
    for (language, suite) in suites {
        let played = read(suite);
        // In the same order; what a test adds stands between.
        let mut left = played.lines().map(str::trim);
        let (_, shown) = readme.split_once(&format!("```{language}\n")).expect("the README shows lines in it");
        let (shown, _) = shown.split_once("```").expect("a block ends");
        let missing = shown.lines().map(str::trim).find(|line| !left.any(|other| other == *line));
        findings.extend(missing.map(|line| format!("{suite}: {line}")));
    }
    none_of(&findings, "bindings/README.md shows lines that this suite does not play:");
}

/// The first cell of a row that is neither head nor rule.
fn scenario(line: &str) -> Option<&str> {
    let cell = line.strip_prefix("| ")?.split(" |").next()?;
    (cell != "scenario").then_some(cell)
}

/// A sentence as a name in Python.
fn words(name: &str) -> String {
    let parts = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}
